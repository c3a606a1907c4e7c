//! Failure records in memory.

use super::Store;
use crate::{Due, FailureRecords, Failures, StoreError};
use domain::{Failure, FailureId, FailureRecord, FailureState};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Failures for Store {
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError> {
        Ok(self.read().failures.get(id).cloned())
    }

    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError> {
        self.write(|contents| {
            contents.failures.insert(failure.record.id.clone(), failure.clone());
        })
    }

    async fn advance_failure(
        &self,
        read: FailureState,
        record: &FailureRecord,
    ) -> Result<bool, StoreError> {
        self.write(|contents| match contents.failures.get_mut(&record.id) {
            Some(stored) if stored.record.state == read => {
                stored.record.clone_from(record);
                true
            }
            Some(_) | None => false,
        })
    }

    async fn remove_failure(&self, read: FailureState, id: &FailureId) -> Result<bool, StoreError> {
        self.write(|contents| {
            let found = contents.failures.get(id).is_some_and(|stored| stored.record.state == read);
            if found {
                contents.failures.remove(id);
            }
            found
        })
    }

    async fn readable_failures(&self, ids: &[FailureId]) -> Result<FailureRecords, StoreError> {
        let contents = self.read();
        let found = ids.iter().filter_map(|id| contents.failures.get(id));
        let records = found.map(|failure| failure.record.clone()).collect();
        Ok(FailureRecords { records, unreadable: Vec::new() })
    }

    async fn failures_in(
        &self,
        state: &str,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<FailureId>, StoreError> {
        let contents = self.read();
        let records = contents.failures.values().map(|failure| &failure.record);
        let there = records.filter(|record| record.state.name() == state);
        let times = there.map(|record| (record.state.time(), &record.id));
        let mut due: Vec<_> = times.filter(|(at, _)| *at <= until).collect();
        due.sort();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(due.into_iter().take(most).map(|(_, id)| id.clone()).collect())
    }

    async fn waiting_lanes(&self) -> Result<Vec<String>, StoreError> {
        let contents = self.read();
        let records = contents.failures.values().map(|failure| &failure.record);
        let waiting = records.filter(|record| record.state.retry_at().is_some());
        let lanes: BTreeSet<_> = waiting.map(|record| record.lane().to_owned()).collect();
        Ok(lanes.into_iter().collect())
    }

    async fn due_in_lane(
        &self,
        lane: &str,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Due>, StoreError> {
        let contents = self.read();
        let records = contents.failures.values().map(|failure| &failure.record);
        let due = |record: &FailureRecord| {
            let retry_at = record.state.retry_at().filter(|at| *at <= now)?;
            let due = Due { first_at: record.first_at(), id: record.id.clone() };
            (record.lane() == lane).then_some((retry_at, due))
        };
        let mut found: Vec<_> = records.filter_map(due).collect();
        found.sort();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(found.into_iter().take(most).map(|(_, due)| due).collect())
    }
}
