//! A value that does not have the form that its setting asks for.

use super::{Node, Path, Position, path::Segment};
use crate::problem::suggestion;
use serde::de::{Error, Expected, Unexpected};
use std::fmt;

/// What serde found wrong, with the way to it as far as it has been retraced.
#[derive(Debug)]
pub(crate) struct Fault {
    path: Path,
    at: Option<Position>,
    message: String,
}

impl Fault {
    fn new(message: String) -> Self {
        Self { path: Path::root(), at: None, message }
    }

    /// A fault of a given node.
    pub(super) fn at(at: Position, message: impl Into<String>) -> Self {
        Self { at: Some(at), ..Self::new(message.into()) }
    }

    /// Retraces one step: the fault arose inside `node`, which `segment` led to.
    pub(super) fn inside(self, segment: Segment, node: &Node) -> Self {
        let (path, at, message) = self.placed(node);
        Self { path: path.within(segment), ..Self::at(at, message) }
    }

    /// The way, the place and the words; `node` is where the way begins.
    pub(crate) fn placed(self, node: &Node) -> (Path, Position, String) {
        (self.path, self.at.unwrap_or(node.at), self.message)
    }

    /// Puts the fault on a key itself.
    pub(super) fn of_key(mut self, key: &str, at: Position) -> Self {
        if self.at.is_none() {
            self.at = Some(at);
            self.path = self.path.within(Segment::Key(key.to_owned()));
        }
        self
    }
}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let wanted = wanted(expected);
        let scalar = matches!(
            found,
            Unexpected::Signed(_)
                | Unexpected::Unsigned(_)
                | Unexpected::Float(_)
                | Unexpected::Bool(_)
        );
        let hint = if scalar && wanted == "a string" { "; put it in quotes" } else { "" };
        Self::new(format!("expected {wanted}, found {found}{hint}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {found}", wanted(expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let near = suggestion(field, expected.iter().copied());
        Self::new(format!("unknown setting `{field}`{near}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown `{variant}`{}", suggestion(variant, expected.iter().copied())))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("`{field}` is missing"))
    }
}

/// What a derived visitor expects, without the names of our types.
fn wanted(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    if text.starts_with("struct ") || text == "a map" {
        return "a mapping".to_owned();
    }
    if text == "a sequence" {
        return "a list".to_owned();
    }
    text
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
