//! The giving of handles to a profile of their own, with what came in by them.

use crate::{Application, Committed, EventRecord, InGroup, StoreError, TimelineEntry};
use domain::{Customer, CustomerId, ExtractionId, HandleKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether everything has moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ExtractionState {
    /// Not yet.
    Begun,
    /// It has.
    Done {
        /// When.
        at: Timestamp,
    },
}

/// One extraction, as it is kept so that it can be finished.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Extraction {
    /// Its id.
    pub id: ExtractionId,
    /// When a person decided it.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The profile that had the handles.
    pub from: CustomerId,
    /// The profile that they were given.
    pub to: CustomerId,
    /// The handles.
    pub handles: BTreeSet<HandleKey>,
    /// How far it has come.
    pub state: ExtractionState,
}

/// What an extraction writes, besides its change to the graph. Each write may be repeated.
#[expect(async_fn_in_trait, reason = "the command line runs on one thread")]
pub trait Extractions {
    /// Reads what an extraction left when it began.
    async fn extraction(&self, id: &ExtractionId) -> Result<Option<Extraction>, StoreError>;

    /// Writes how far an extraction has come.
    async fn put_extraction(&self, extraction: &Extraction) -> Result<(), StoreError>;

    /// Moves an event from its profile's history to another one's, with its record, where that is
    /// known still; all of it or nothing.
    async fn move_entry(
        &self,
        entry: &TimelineEntry,
        record: Option<&EventRecord>,
        to: &CustomerId,
    ) -> Result<Committed, StoreError>;

    /// Writes what all of its events make of a profile, unless the profile or its merges changed
    /// meanwhile. `version` and the membership's are those that were read.
    async fn rewrite(
        &self,
        profile: &Customer,
        group: Option<InGroup<'_>>,
    ) -> Result<Application, StoreError>;
}
