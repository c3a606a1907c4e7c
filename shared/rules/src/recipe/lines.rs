//! The lines of a YAML document that a setting takes up.

use crate::document::Position;
use std::ops::Range;

/// A document, line by line, each with its end.
pub(super) struct Lines<'t>(Vec<&'t str>);

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self(text.split_inclusive('\n').collect())
    }

    /// A line without its end.
    pub(super) fn get(&self, index: usize) -> &'t str {
        self.whole(index).trim_end_matches(['\r', '\n'])
    }

    /// A line with its end, which the last may lack.
    pub(super) fn whole(&self, index: usize) -> &'t str {
        self.0.get(index).copied().unwrap_or_default()
    }

    /// How the document ends its lines.
    pub(super) fn ending(&self) -> &'static str {
        if self.whole(0).ends_with("\r\n") { "\r\n" } else { "\n" }
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The index of the line at a position.
    pub(super) fn index(position: Position) -> usize {
        usize::try_from(position.line).unwrap_or(usize::MAX).saturating_sub(1)
    }

    /// How far a line is indented; none for one that says nothing.
    pub(super) fn indent(&self, index: usize) -> Option<usize> {
        let line = self.get(index);
        let words = line.trim_start();
        (!words.is_empty()).then(|| line.len() - words.len())
    }

    /// The lines of the setting or item that begins on line `start`: those that are indented more.
    /// A list may stand as far left as its key.
    pub(super) fn block(&self, start: usize) -> Range<usize> {
        let indent = self.indent(start).unwrap_or(0);
        let is_item = self.get(start).trim_start().starts_with('-');
        let mut end = start + 1;
        for index in start + 1..self.count() {
            let Some(inner) = self.indent(index) else { continue };
            let line = self.get(index).trim_start();
            let item = !is_item && inner == indent && (line == "-" || line.starts_with("- "));
            if inner > indent || item {
                end = index + 1;
            } else if !line.starts_with('#') {
                break;
            }
        }
        start..end
    }

    /// The block with the comments right above it.
    pub(super) fn commented_block(&self, start: usize) -> Range<usize> {
        let mut block = self.block(start);
        let is_comment = |index: usize| self.get(index).trim_start().starts_with('#');
        while block.start > 0
            && is_comment(block.start - 1)
            && self.indent(block.start - 1) == self.indent(start)
        {
            block.start -= 1;
        }
        block
    }

    /// Lines, moved so that the `start`th of them is indented by `indent`.
    pub(super) fn moved(&self, block: Range<usize>, start: usize, indent: usize) -> String {
        let before = self.indent(start).unwrap_or(0);
        let lines = block.map(|index| {
            let line = self.get(index);
            let rest = line.get(before.min(line.len() - line.trim_start().len())..);
            match rest.unwrap_or_default() {
                "" => "\n".to_owned(),
                rest => format!("{}{rest}\n", " ".repeat(indent)),
            }
        });
        lines.collect()
    }
}
