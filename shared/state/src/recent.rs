//! Reads for people of what happened lately.

use crate::{EventRecord, StoreError};
use domain::{CustomerId, EventId};
use jiff::Timestamp;

/// What one look at the whole ledger found.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Looked {
    /// The records, in no order.
    pub records: Vec<EventRecord>,
    /// The [read request units] that it took, as far as the store tells.
    ///
    /// [read request units]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
    pub read_units: f64,
}

/// Events by their times.
#[expect(async_fn_in_trait, reason = "the command line runs on one thread")]
pub trait Recent {
    /// The events in a profile's history that occurred at `from` or later, oldest first. It costs
    /// what their entries weigh.
    async fn occurred_since(
        &self,
        profile: &CustomerId,
        from: Timestamp,
    ) -> Result<Vec<EventId>, StoreError>;

    /// The records of all events that were decided on at `from` or later. No index knows them by
    /// time: it reads the whole ledger.
    async fn decided_since(&self, from: Timestamp) -> Result<Looked, StoreError>;
}
