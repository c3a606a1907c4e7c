//! Why an event goes no further.

use domain::{Class, Disposition, Fault, Reason};
use std::fmt;

/// An event breaks a rule that parks what breaks it. It names rule and field, never the value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("rule `{rule}`: `{field}` {broken}")]
pub struct Invalid {
    /// The rule's name in the configuration.
    pub rule: String,
    /// The field as conditions name it.
    pub field: String,
    /// In what way.
    pub broken: Broken,
}

/// In what way a field breaks a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// It has no value.
    Missing,
    /// Its value has another form.
    Malformed,
    /// Its value lies out of bounds, or is nothing that the bounds could be compared with.
    OutOfRange,
    /// The object's last known state does not allow this one.
    OutOfTurn,
}

impl Invalid {
    pub(super) fn new(rule: &str, field: &str, broken: Broken) -> Self {
        Self { rule: rule.to_owned(), field: field.to_owned(), broken }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Malformed => "has another form than it should",
            Self::OutOfRange => "is out of range",
            Self::OutOfTurn => "may not follow the state that is known of the object",
        })
    }
}

impl Fault for Invalid {
    fn class(&self) -> Class {
        Class::Data
    }

    /// What a transition lacks may be on its way; a value does not change by waiting.
    fn disposition(&self) -> Disposition {
        match self.broken {
            Broken::Missing | Broken::Malformed | Broken::OutOfRange => Disposition::Park,
            Broken::OutOfTurn => Disposition::Hold { tell: false },
        }
    }

    fn reason(&self) -> Reason {
        let code = match self.broken {
            Broken::Missing | Broken::Malformed | Broken::OutOfRange => "validation_failed",
            Broken::OutOfTurn => "transition_not_allowed",
        };
        Reason { code: code.to_owned(), detail: self.to_string() }
    }
}
