//! What happened to each customer, each event once.

use crate::{EventRecord, StoreError};
use domain::{Customer, CustomerId, EventId, InboundEvent, Match, Replayed, Tag, Tagged};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One event in a customer's history, with every decision that it led to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// How the customer was found.
    pub decision: Match,
    /// The event, the customer as it left them, and the tags that it changed. Its home is the
    /// profile in whose history this is.
    pub tagged: Tagged,
    /// When the customer was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_at: Option<Timestamp>,
    /// What the last replay made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed: Option<Replayed>,
}

impl TimelineEntry {
    /// The sort key: by time of occurrence, then by event.
    #[must_use]
    pub fn key(event: &InboundEvent) -> String {
        format!("{:.3}#{}", event.occurred_at, event.id)
    }
}

/// What `tag-update` finds before it applies an event.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    /// The profile as stored.
    pub profile: Option<Customer>,
    /// The event's record, where it was applied before.
    pub event: Option<EventRecord>,
}

/// An event as it was applied.
#[derive(Clone, PartialEq, Debug)]
pub struct Applied<'a> {
    /// The event, with the customer as it left them.
    pub entry: &'a TimelineEntry,
    /// The profile that it belongs to, as it left it; `version` and the membership's are those
    /// that were read.
    pub profile: &'a Customer,
    /// The customer, where the profile is merged with others or just was.
    pub group: Option<InGroup<'a>>,
    /// When.
    pub at: Timestamp,
}

/// The root of an event's profile.
#[derive(Clone, PartialEq, Debug)]
pub struct InGroup<'a> {
    /// The root as it was read.
    pub root: &'a Customer,
    /// The tags that the customer bears now; none where the profile stands alone again.
    pub joint_tags: Option<&'a BTreeMap<String, Tag>>,
}

/// What came of applying an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "an event that was not applied has to be applied again"]
pub enum Application {
    /// Timeline, profile and ledger were written together.
    Applied,
    /// The profile, its merges or the event's record were written meanwhile, nothing was: load again.
    Stale,
}

/// The history of `tag-update`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Timeline {
    /// Reads a profile and the event's record, in one request.
    async fn load(&self, profile: &CustomerId, event: &EventId) -> Result<Seen, StoreError>;

    /// Writes entry, profile, ledger record and, where the profile is merged with others, the
    /// customer's tags, in one transaction.
    async fn apply(&self, applied: &Applied<'_>) -> Result<Application, StoreError>;

    /// Reads what an earlier application of the event stored.
    async fn entry(&self, event: &EventRecord) -> Result<Option<TimelineEntry>, StoreError>;
}
