//! What could not be handled, until somebody or some time has settled it.

use crate::StoreError;
use domain::{Failure, FailureId, FailureState};
use jiff::Timestamp;

/// The failure records of `webhook-receiver` and `error-reconciler`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Failures {
    /// Reads one record.
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError>;

    /// Writes a record whole; the payload is durable before the record is seen.
    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError>;

    /// Writes all of a record but its payload, unless its state is no longer the one that was
    /// `read`. Returns whether it did.
    async fn advance_failure(
        &self,
        read: FailureState,
        failure: &Failure,
    ) -> Result<bool, StoreError>;

    /// The ids of the records in the state of this name ([`FailureState::name`]) whose time is up
    /// to `until`, oldest first. The list may lag behind the records: read each before acting on
    /// it.
    async fn failures_in(
        &self,
        state: &str,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<FailureId>, StoreError>;
}
