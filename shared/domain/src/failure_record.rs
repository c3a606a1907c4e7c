//! What is kept of a message that a step could not handle.

use crate::{About, Attempt, Disposition, FailureId, FailureState, LineId, Release, Step};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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

/// All that is kept of a failure but the message itself, which may be large, and is personal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FailureRecord {
    /// Derived from the step and the message: failing again adds an attempt, not a record.
    pub id: FailureId,
    /// The step that gave up.
    pub step: Step,
    /// Whom and what the message concerns.
    #[serde(flatten)]
    pub about: About,
    /// What the last attempt asked for.
    pub disposition: Disposition,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
    /// What became of it.
    pub state: FailureState,
    /// When a person, or a release, last sent it back: from then on it waits anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// Why a person decided that it is not to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What was in force at the last attempt.
    #[serde(default)]
    pub release: Release,
}

impl FailureRecord {
    /// Whose budget pays for its way back: its destination, or else its step.
    #[must_use]
    pub fn lane(&self) -> &str {
        self.about.destination.as_deref().unwrap_or(self.step.as_str())
    }

    /// When it failed first.
    #[must_use]
    pub fn first_at(&self) -> Timestamp {
        self.attempts.first().map_or(self.state.time(), |attempt| attempt.at)
    }

    /// Since when it has waited without anybody's having asked for another try.
    #[must_use]
    pub fn waiting_since(&self) -> Timestamp {
        self.asked_at.unwrap_or(Timestamp::MIN).max(self.first_at())
    }

    /// Sends it back at the next tick, because a person or a release asks for it.
    pub fn ask_again(&mut self, now: Timestamp) {
        self.state = FailureState::Waiting { retry_at: now };
        self.asked_at = Some(now);
    }
}

/// The record of a message that a step could not handle, with the message.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// All but the message.
    #[serde(flatten)]
    pub record: FailureRecord,
    /// What failed.
    pub payload: Payload,
}

impl Failure {
    /// The line of its queue group at its step, in which what comes later may stand behind it.
    #[must_use]
    pub fn line(&self) -> Option<LineId> {
        match &self.payload {
            Payload::Message { group, .. } => Some(LineId::new(self.record.step, group)),
            Payload::Webhook { .. } => None,
        }
    }
}
