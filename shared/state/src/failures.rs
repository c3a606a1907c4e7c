//! What could not be handled, until somebody or some time has settled it.

use crate::StoreError;
use domain::{Failure, FailureId, FailureRecord, FailureState};
use jiff::Timestamp;

/// A failure whose time has come to go back to its queue.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due {
    /// When its message failed first ([`FailureRecord::first_at`]).
    pub first_at: Timestamp,
    /// Which it is.
    pub id: FailureId,
}

/// Records, as far as this version can read them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FailureRecords {
    /// Those that it can.
    pub records: Vec<FailureRecord>,
    /// Those that it cannot: another version wrote them.
    pub unreadable: Vec<FailureId>,
}

/// The failure records of `webhook-receiver` and `error-reconciler`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Failures {
    /// Reads one record with its message.
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError>;

    /// The records of these ids, in their order, without their messages.
    async fn readable_failures(&self, ids: &[FailureId]) -> Result<FailureRecords, StoreError>;

    /// Writes a record whole; the payload is durable before the record is seen.
    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError>;

    /// Writes all of a record but its payload, unless its state is no longer the one that was
    /// `read`. Returns whether it did.
    async fn advance_failure(
        &self,
        read: FailureState,
        record: &FailureRecord,
    ) -> Result<bool, StoreError>;

    /// Takes a record away with its message, unless its state is no longer the one that was
    /// `read`. Returns whether it did.
    async fn remove_failure(&self, read: FailureState, id: &FailureId) -> Result<bool, StoreError>;

    /// The ids of the records in the state of this name ([`FailureState::name`]) whose time is up
    /// to `until`, oldest first. The list may lag behind the records: read each before acting on
    /// it.
    async fn failures_in(
        &self,
        state: &str,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<FailureId>, StoreError>;

    /// The lanes ([`FailureRecord::lane`]) in which failures wait for their time, by name. One
    /// request for each, and one more, however many wait. It may lag behind the records.
    async fn waiting_lanes(&self) -> Result<Vec<String>, StoreError>;

    /// The failures of a lane whose time has come by `now`; of more than `most`, those that have
    /// been due for longest. It may lag behind the records.
    async fn due_in_lane(
        &self,
        lane: &str,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Due>, StoreError>;
}
