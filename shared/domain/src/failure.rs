//! What a step says of a message that it could not handle.

use crate::Class;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What the caller must do about a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Disposition {
    /// Try again, not before `after` where the other side said so.
    Retry {
        /// How long the other side asked to be left alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<SignedDuration>,
    },
    /// Only something from outside can help, such as a record that the CRM gets or an answer that
    /// a person gives: look again now and then, for as long as it takes.
    Hold {
        /// Whether people have to be told that it waits.
        tell: bool,
    },
    /// Another of its queue group comes first, and has failed: stand in line until that is settled.
    Behind,
    /// Trying again cannot help: keep it for a person.
    Park,
}

/// Why a message failed: a code that may be logged, and words without personal data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// Stable, `snake_case`, such as `crm_unreachable`.
    pub code: String,
    /// What happened and what to do next, free of personal data and secrets.
    pub detail: String,
}

/// An error that a step can meet: every boundary's error enum says what to do about it.
pub trait Fault: std::error::Error {
    /// At whose door it lies.
    fn class(&self) -> Class;

    /// What to do with the message that met this.
    fn disposition(&self) -> Disposition;

    /// Why, in a form that may be logged.
    fn reason(&self) -> Reason;
}

/// One try that failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was given up.
    pub at: Timestamp,
    /// At whose door it lies.
    #[serde(default)]
    pub class: Class,
    /// Why.
    pub reason: Reason,
    /// How often the queue had handed the message out by then.
    pub receives: u32,
    /// Whether it waited for something from outside: such a try is nothing against the message.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disposition_survives_storage() {
        for disposition in [
            Disposition::Retry { after: None },
            Disposition::Retry { after: Some(SignedDuration::from_secs(30)) },
            Disposition::Hold { tell: true },
            Disposition::Behind,
            Disposition::Park,
        ] {
            let text = serde_json::to_string(&disposition).unwrap();
            assert_eq!(serde_json::from_str::<Disposition>(&text).unwrap(), disposition, "{text}");
        }
    }
}
