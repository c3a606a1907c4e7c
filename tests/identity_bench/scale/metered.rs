//! A store that says how much of the time was its own.

use domain::{CustomerId, HandleKey, MergeId, ReviewId};
use identity::{Change, Group, Links, Merge, Review};
use rustix::time::{ClockId, clock_gettime};
use state::memory::Store;
use state::{Committed, Customers, Identities, Journal, StoreError};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// The time that this thread has spent on a processor: whoever else uses the machine matters less.
pub(super) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a thread's time is not negative")
}

/// A store's time since somebody last asked. Its clones share it.
#[derive(Clone, Default)]
pub(super) struct Meter(Rc<Cell<Duration>>);

impl Meter {
    /// The time so far; it begins anew.
    pub(super) fn take(&self) -> Duration {
        self.0.take()
    }
}

/// The store, measured.
pub(super) struct Metered {
    pub(super) store: Store,
    pub(super) meter: Meter,
}

impl Metered {
    async fn timed<T>(&self, call: impl Future<Output = T>) -> T {
        let start = processor_time();
        let answer = call.await;
        let time = processor_time().saturating_sub(start);
        self.meter.0.set(self.meter.0.get() + time);
        answer
    }
}

impl Customers for Metered {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        self.timed(self.store.group(profile)).await
    }
}

impl Identities for Metered {
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError> {
        self.timed(self.store.links(keys)).await
    }

    async fn commit(&self, change: &Change) -> Result<Committed, StoreError> {
        self.timed(self.store.commit(change)).await
    }
}

impl Journal for Metered {
    async fn merge(&self, id: &MergeId) -> Result<Option<Merge>, StoreError> {
        self.timed(Journal::merge(&self.store, id)).await
    }

    async fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        self.timed(self.store.review(id)).await
    }

    async fn reviews(&self, state: &str) -> Result<Vec<Review>, StoreError> {
        self.timed(self.store.reviews(state)).await
    }

    async fn open_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.timed(self.store.open_review(review)).await
    }

    async fn close_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.timed(self.store.close_review(review)).await
    }
}
