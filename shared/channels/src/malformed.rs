//! Why an authentic delivery could not be read.

use domain::{Class, InvalidHandle};
use std::borrow::Cow;

/// Why an authentic delivery could not be read.
///
/// Its text names places, never what stands there: it may be logged and stored. A place is a JSON
/// pointer of the configuration, or an XML element of the vendor's documents.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Malformed {
    /// Bytes that are no UTF-8, in the body or behind a form's percent signs.
    #[error("the body is no UTF-8")]
    NotUtf8,
    /// No JSON, or JSON nested deeper than 128 levels.
    #[error("the body is no JSON: see line {line}, column {column}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// No well-formed XML.
    #[error("the body is no well-formed XML: see byte {at}")]
    Xml {
        /// Counted from 0.
        at: u64,
    },
    /// A document type declaration, or an entity that XML does not predefine.
    #[error("the body declares or uses an XML entity of its own, which is refused")]
    ForbiddenEntity,
    /// XML nested deeper than any vendor's message.
    #[error("the body nests deeper than {limit} elements")]
    TooDeep {
        /// The deepest that is read.
        limit: usize,
    },
    /// Nothing at a place that the event needs.
    #[error("`{path}` is missing or empty")]
    Missing {
        /// The place.
        path: Cow<'static, str>,
    },
    /// Something of another form at a place that the event needs.
    #[error("`{path}` is not {expected}")]
    Unexpected {
        /// The place.
        path: Cow<'static, str>,
        /// What it should be, such as `a time`.
        expected: &'static str,
    },
    /// None of the handles can be read, and this is why the first cannot.
    #[error("`{path}`: {source}")]
    Handle {
        /// The place.
        path: Cow<'static, str>,
        /// Why.
        source: InvalidHandle,
    },
    /// Neither a mapping nor an entry of `ignore` claims the delivery.
    #[error("no mapping claims the delivery: add one, or an entry under `ignore`")]
    Unmapped,
}

impl Malformed {
    /// At whose door it lies: what no mapping claims, the next configuration may.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Unmapped => Class::Configuration,
            Self::NotUtf8
            | Self::Json { .. }
            | Self::Xml { .. }
            | Self::ForbiddenEntity
            | Self::TooDeep { .. }
            | Self::Missing { .. }
            | Self::Unexpected { .. }
            | Self::Handle { .. } => Class::Theirs,
        }
    }

    /// The stable name for metrics and failure records.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::Json { .. } => "not_json",
            Self::Xml { .. } => "not_xml",
            Self::ForbiddenEntity => "forbidden_entity",
            Self::TooDeep { .. } => "too_deep",
            Self::Missing { .. } => "missing_field",
            Self::Unexpected { .. } => "unexpected_field",
            Self::Handle { .. } => "invalid_handle",
            Self::Unmapped => "unmapped",
        }
    }

    pub(crate) fn missing(path: impl Into<Cow<'static, str>>) -> Self {
        Self::Missing { path: path.into() }
    }

    pub(crate) fn unexpected(path: impl Into<Cow<'static, str>>, expected: &'static str) -> Self {
        Self::Unexpected { path: path.into(), expected }
    }
}
