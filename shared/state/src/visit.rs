//! Reads for people of everything, or of everything about somebody.

use crate::{EffectRecord, Erasure, EventRecord, Extraction, StoreError, TimelineEntry};
use domain::{Customer, CustomerId, EffectKey, EventId, Failure};
use identity::{Merge, Review};

/// A record of the journal.
#[derive(Clone, PartialEq, Debug)]
pub enum JournalRecord {
    /// Profiles were joined.
    Merge(Merge),
    /// A person was asked.
    Review(Review),
    /// Handles were given a profile of their own.
    Extraction(Extraction),
    /// A person was erased.
    Erasure(Erasure),
}

/// Whole tables, page by page, in the tables' own order. What is written meanwhile may be missed.
#[expect(async_fn_in_trait, reason = "the command line runs on one thread")]
pub trait Visit {
    /// Shows every profile.
    async fn visit_customers(&self, visit: impl FnMut(Customer)) -> Result<(), StoreError>;

    /// Shows every event of every history.
    async fn visit_entries(&self, visit: impl FnMut(TimelineEntry)) -> Result<(), StoreError>;

    /// Shows every merge, question, extraction, erasure.
    async fn visit_journal(&self, visit: impl FnMut(JournalRecord)) -> Result<(), StoreError>;

    /// Shows every failure with its message.
    async fn visit_failures(&self, visit: impl FnMut(Failure)) -> Result<(), StoreError>;
}

/// What the tables hold of one profile.
#[expect(async_fn_in_trait, reason = "the command line runs on one thread")]
pub trait Histories {
    /// Its whole history, oldest first.
    async fn entries(&self, profile: &CustomerId) -> Result<Vec<TimelineEntry>, StoreError>;

    /// The records of events, those that are known still.
    async fn events(&self, ids: &[EventId]) -> Result<Vec<EventRecord>, StoreError>;

    /// The records of effects, those that were tried.
    async fn effects(&self, keys: &[EffectKey]) -> Result<Vec<EffectRecord>, StoreError>;
}
