//! What happened to each customer, each event once.

use crate::{EventRecord, StoreError};
use domain::{Customer, CustomerId, EventId, InboundEvent, Match, Tagged};
use serde::{Deserialize, Serialize};

/// One event in a customer's history, with every decision that it led to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// How the customer was found.
    pub decision: Match,
    /// The event, the customer as it left them, and the tags that it changed.
    pub tagged: Tagged,
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
    /// The customer as stored.
    pub customer: Option<Customer>,
    /// The event's record, where it was applied before.
    pub event: Option<EventRecord>,
}

/// What came of applying an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "an event that was not applied has to be applied again"]
pub enum Application {
    /// Timeline, profile and ledger were written together.
    Applied,
    /// The profile or the event's record was written meanwhile, nothing was: load again.
    Stale,
}

/// The history of `tag-update`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Timeline {
    /// Reads the customer and the event's record, in one request.
    async fn load(&self, customer: &CustomerId, event: &EventId) -> Result<Seen, StoreError>;

    /// Writes entry, profile and ledger record in one transaction.
    ///
    /// `read_version` is the customer's version that the entry was computed from; the entry's
    /// customer bears the next one.
    async fn apply(
        &self,
        entry: &TimelineEntry,
        read_version: u64,
    ) -> Result<Application, StoreError>;

    /// Reads what an earlier application of the event stored.
    async fn entry(&self, event: &EventRecord) -> Result<Option<TimelineEntry>, StoreError>;
}

/// The customers, as `outbound-delivery` reads them.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Customers {
    /// Reads one customer.
    async fn customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError>;
}
