//! The messages that the queues carry from step to step.

use crate::{
    About, Class, Classification, Customer, CustomerId, Disposition, Effect, InboundEvent, Match,
    Reason, TagChange,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A step of the pipeline: its folder, crate, function and log label bear this name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Verifies and normalises webhooks.
    WebhookReceiver,
    /// Finds the customer.
    IdentityMatch,
    /// Keeps counters and tags.
    TagUpdate,
    /// Decides what is to be done.
    TriggerDispatcher,
    /// Does it.
    OutboundDelivery,
    /// Looks after what failed.
    ErrorReconciler,
}

impl Step {
    /// Every step, in the order in which an event passes them.
    pub const ALL: [Self; 6] = [
        Self::WebhookReceiver,
        Self::IdentityMatch,
        Self::TagUpdate,
        Self::TriggerDispatcher,
        Self::OutboundDelivery,
        Self::ErrorReconciler,
    ];

    /// The step's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebhookReceiver => "webhook-receiver",
            Self::IdentityMatch => "identity-match",
            Self::TagUpdate => "tag-update",
            Self::TriggerDispatcher => "trigger-dispatcher",
            Self::OutboundDelivery => "outbound-delivery",
            Self::ErrorReconciler => "error-reconciler",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `identity-match` → `tag-update`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Matched {
    /// The event.
    pub event: InboundEvent,
    /// The profile that it belongs to, whatever profiles are merged with that one.
    pub customer: CustomerId,
    /// How the customer was found.
    pub decision: Match,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_at: Option<Timestamp>,
}

/// `tag-update` → `trigger-dispatcher`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Tagged {
    /// The event.
    pub event: InboundEvent,
    /// The customer as the event left it, all merged profiles together: a replay decides on the
    /// same facts.
    pub customer: Customer,
    /// The profile that the event belongs to; it stays, when merges come and go.
    pub home: CustomerId,
    /// What the event is about.
    pub classification: Classification,
    /// The tags that the event changed.
    pub tags: Vec<TagChange>,
}

/// `trigger-dispatcher` → `outbound-delivery`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outbound(pub Effect);

/// Any step → its dead-letter queue, when it gives a message up of its own accord.
///
/// A message that the queue itself moved there (its function died) arrives bare.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The step that gave up.
    pub step: Step,
    /// Why.
    pub reason: Reason,
    /// At whose door it lies.
    #[serde(default)]
    pub class: Class,
    /// What to do about it.
    pub disposition: Disposition,
    /// How often the queue had handed the message out.
    pub receives: u32,
    /// The version of the configuration that the step followed; none where it had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<u64>,
    /// Whom and what the message concerns.
    #[serde(flatten)]
    pub about: About,
    /// The message, byte for byte.
    pub body: String,
}
