//! Failure records in memory.

use super::Store;
use crate::{Failures, StoreError};
use domain::{Failure, FailureId, FailureState};
use jiff::Timestamp;

impl Failures for Store {
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError> {
        Ok(self.read().failures.get(id).cloned())
    }

    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError> {
        self.write(|contents| {
            contents.failures.insert(failure.id.clone(), failure.clone());
        })
    }

    async fn advance_failure(
        &self,
        read: FailureState,
        failure: &Failure,
    ) -> Result<bool, StoreError> {
        self.write(|contents| match contents.failures.get_mut(&failure.id) {
            Some(stored) if stored.state == read => {
                let payload = stored.payload.clone();
                *stored = Failure { payload, ..failure.clone() };
                true
            }
            Some(_) | None => false,
        })
    }

    async fn failures_in(
        &self,
        state: &str,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<FailureId>, StoreError> {
        let contents = self.read();
        let there = contents.failures.values().filter(|failure| failure.state.name() == state);
        let times = there.map(|failure| (failure.state.time(), &failure.id));
        let mut due: Vec<_> = times.filter(|(at, _)| *at <= until).collect();
        due.sort();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(due.into_iter().take(most).map(|(_, id)| id.clone()).collect())
    }
}
