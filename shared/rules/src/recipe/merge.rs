//! One configuration's text written into another's.

use super::CannotAdd;
use super::lines::Lines;
use crate::document::{Entry, Node, Path, Value};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The first text with what it lacks of the second.
pub(super) fn merged(
    (text, root): (&str, &Node),
    (added_text, added): (&str, &Node),
) -> Result<String, CannotAdd> {
    let mut merge =
        Merge { lines: Lines::of(text), added: Lines::of(added_text), insertions: BTreeMap::new() };
    let end = merge.lines.count();
    merge.mapping(&Path::root(), root, added, end, 0)?;
    Ok(merge.text())
}

struct Merge<'t> {
    lines: Lines<'t>,
    added: Lines<'t>,
    /// What comes before the line of that index, the deeper first: a list goes on before the next
    /// section begins.
    insertions: BTreeMap<(usize, Reverse<usize>), String>,
}

impl Merge<'_> {
    /// Adds the entries of one mapping to another that ends before line `end`.
    fn mapping(
        &mut self,
        path: &Path,
        into: &Node,
        added: &Node,
        end: usize,
        indent: usize,
    ) -> Result<(), CannotAdd> {
        for entry in added.entries() {
            if let Some(known) = into.entry(&entry.key) {
                self.entry(&path.key(&entry.key), known, entry)?;
            } else {
                let start = Lines::index(entry.at);
                let space = if indent == 0 { "\n" } else { "" };
                let block = self.added.moved(self.added.block(start), start, indent);
                self.insert(end, path, &format!("{space}{block}"));
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, known: &Entry, added: &Entry) -> Result<(), CannotAdd> {
        let start = Lines::index(known.at);
        let end = self.lines.block(start).end;
        let inline = || CannotAdd::Inline { setting: path.to_string() };
        match (&known.node.value, &added.node.value) {
            (Value::Null, _) => {
                let inner = Lines::index(added.node.at);
                let block =
                    Lines::index(added.at) + 1..self.added.block(Lines::index(added.at)).end;
                let indent = self.lines.indent(start).unwrap_or(0) + 2;
                let block = self.added.moved(block, inner, indent);
                self.insert(end, path, &block);
                Ok(())
            }
            (Value::Map(_), Value::Map(_)) => {
                let first = known.node.entries().first().ok_or_else(inline)?;
                let first = Lines::index(first.at);
                if first == start {
                    return Err(inline());
                }
                let indent = self.lines.indent(first).unwrap_or(0);
                self.mapping(path, &known.node, &added.node, end, indent)
            }
            (Value::List(items), Value::List(added)) => {
                let first = items.first().map(|item| Lines::index(item.at)).ok_or_else(inline)?;
                if !self.lines.get(first).trim_start().starts_with('-') {
                    return Err(inline());
                }
                let indent = self.lines.indent(first).unwrap_or(0);
                for item in added.iter().filter(|item| !items.iter().any(|it| is_same(it, item))) {
                    let start = Lines::index(item.at);
                    let block = self.added.moved(self.added.commented_block(start), start, indent);
                    self.insert(end, path, &block);
                }
                Ok(())
            }
            // What is set stays set.
            (
                Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_),
                _,
            ) => Ok(()),
        }
    }

    fn insert(&mut self, before: usize, path: &Path, block: &str) {
        let block = block.replace('\n', self.lines.ending());
        let place = (before, Reverse(path.segments().len()));
        self.insertions.entry(place).or_default().push_str(&block);
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for index in 0..=self.lines.count() {
            let here = (index, Reverse(usize::MAX))..=(index, Reverse(0));
            for (_, block) in self.insertions.range(here) {
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push_str(self.lines.ending());
                }
                text.push_str(block);
            }
            text.push_str(self.lines.whole(index));
        }
        text
    }
}

/// Whether two items bear one name.
fn is_same(one: &Node, other: &Node) -> bool {
    let name = |node: &Node| match &node.entry("name")?.node.value {
        Value::Text(name) => Some(name.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
    };
    name(one).is_some_and(|one| name(other) == Some(one))
}
