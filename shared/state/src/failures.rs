//! What could not be handled, until somebody or some time has settled it.

use crate::StoreError;
use domain::{Failure, FailureId};
use jiff::Timestamp;

/// The failure records of `webhook-receiver` and `error-reconciler`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Failures {
    /// Reads one record.
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError>;

    /// Writes a record whole; the payload is durable before the record is seen.
    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError>;

    /// The records that wait for a time up to `now`, those that are due longest first.
    async fn due_failures(&self, now: Timestamp, most: u32) -> Result<Vec<Failure>, StoreError>;
}
