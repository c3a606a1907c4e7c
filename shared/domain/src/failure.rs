//! What is kept of a message that a step could not handle.

use crate::{Class, CustomerId, EffectKey, EventId, FailureId, Step};
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

/// What became of a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum FailureState {
    /// Goes back to its queue at this time.
    Waiting {
        /// Not before.
        retry_at: Timestamp,
    },
    /// Went back to its queue; a new failure of the same message reopens this record.
    Redriven {
        /// When.
        at: Timestamp,
    },
    /// Waits for the next version of the program or of the configuration, by which it goes back to
    /// its queue once.
    Held {
        /// Since when.
        at: Timestamp,
    },
    /// Waits for a person.
    Parked {
        /// Since when.
        at: Timestamp,
    },
}

/// What was in force when a message failed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Release {
    /// The version of the program, where that is known to matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// The version of the configuration; none is 0.
    pub config: u64,
}

impl FailureState {
    /// The state of a message that is not tried again by itself: what a release may mend waits for
    /// one, the rest for a person.
    #[must_use]
    pub fn given_up(class: Class, at: Timestamp) -> Self {
        if class.is_mended_by_release() { Self::Held { at } } else { Self::Parked { at } }
    }

    /// The state's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Redriven { .. } => "redriven",
            Self::Held { .. } => "held",
            Self::Parked { .. } => "parked",
        }
    }

    /// The time that the state names.
    #[must_use]
    pub fn time(self) -> Timestamp {
        match self {
            Self::Waiting { retry_at } => retry_at,
            Self::Redriven { at } | Self::Held { at } | Self::Parked { at } => at,
        }
    }

    /// When it goes back to its queue, if it waits for that.
    #[must_use]
    pub fn retry_at(self) -> Option<Timestamp> {
        match self {
            Self::Waiting { retry_at } => Some(retry_at),
            Self::Redriven { .. } | Self::Held { .. } | Self::Parked { .. } => None,
        }
    }
}

impl Release {
    /// Whether what failed under this release is worth another try under that one.
    #[must_use]
    pub fn is_replaced_by(&self, now: &Self) -> bool {
        self.config != now.config || self.build.is_some() && self.build != now.build
    }
}

/// What failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Payload {
    /// A queue message, to be sent to the step's queue again.
    Message {
        /// The body.
        body: String,
        /// The FIFO group.
        group: String,
    },
    /// A webhook that was authentic but could not be read, to be parsed again.
    Webhook {
        /// The configured source.
        source: String,
        /// The HTTP `Content-Type`.
        content_type: Option<String>,
        /// The sender's own id of the delivery, where the envelope carried one.
        delivery_id: Option<String>,
        /// When it was accepted.
        received_at: Timestamp,
        /// The raw bytes (after decryption, where the channel encrypts), base64.
        body: String,
    },
}

/// The record of a message that a step could not handle.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Derived from the step and the message: failing again adds an attempt, not a record.
    pub id: FailureId,
    /// The step that gave up.
    pub step: Step,
    /// The event, where the message could be read that far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    /// The customer, where one was matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// The effect, where the message is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<EffectKey>,
    /// What the last attempt asked for.
    pub disposition: Disposition,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
    /// What became of it.
    pub state: FailureState,
    /// What was in force at the last attempt.
    #[serde(default)]
    pub release: Release,
    /// What failed.
    pub payload: Payload,
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
            Disposition::Park,
        ] {
            let text = serde_json::to_string(&disposition).unwrap();
            assert_eq!(serde_json::from_str::<Disposition>(&text).unwrap(), disposition, "{text}");
        }
    }
}
