//! The configuration document as a tree that remembers where everything stands.

mod de;
mod fault;
mod path;
mod yaml;

pub(crate) use path::Path;

use crate::Problem;
use serde_json::Number;

/// A place in the text, counted from 1, in characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Position {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// One value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) value: Value,
}

/// What stands there.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its place, and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) at: Position,
    pub(crate) node: Node,
}

impl Node {
    /// Reads the text.
    ///
    /// # Errors
    /// The first thing that is not YAML, or that no configuration needs: aliases without end,
    /// a thousand levels, a megabyte.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        yaml::parse(text)
    }

    /// The entries, where this is a mapping.
    pub(crate) fn entries(&self) -> &[Entry] {
        if let Value::Map(entries) = &self.value { entries } else { &[] }
    }

    /// The items, where this is a list.
    pub(crate) fn items(&self) -> &[Self] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// The entry of that name, where this is a mapping that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The place of what `path` leads to, or of the nearest thing above it.
    pub(crate) fn locate(&self, path: &Path) -> Position {
        let (mut node, mut at) = (self, self.at);
        for segment in path.segments() {
            let next = match segment {
                path::Segment::Key(key) => node.entry(key).map(|entry| &entry.node),
                path::Segment::Index(index) => node.items().get(*index),
            };
            let Some(next) = next else { break };
            (node, at) = (next, next.at);
        }
        at
    }
}
