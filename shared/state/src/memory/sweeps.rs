//! How far sources were compared, in memory.

use super::Store;
use crate::{Cursor, Report, StoreError, Sweeps};
use domain::{EventId, FailureState};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Sweeps for Store {
    async fn cursor(&self, source: &str) -> Result<Option<Cursor>, StoreError> {
        Ok(self.read().cursors.get(source).cloned())
    }

    async fn swap_cursor(&self, after: &Cursor) -> Result<bool, StoreError> {
        self.write(|contents| {
            let before = contents.cursors.get(&after.source).map_or(0, |cursor| cursor.version);
            let next = after.version == before + 1;
            if next {
                contents.cursors.insert(after.source.clone(), after.clone());
            }
            next
        })
    }

    async fn put_report(&self, report: &Report) -> Result<(), StoreError> {
        self.write(|contents| {
            contents.reports.insert((report.source.clone(), report.until), report.clone());
        })
    }

    async fn reports(&self, source: &str, since: Timestamp) -> Result<Vec<Report>, StoreError> {
        let contents = self.read();
        let of = contents.reports.range((source.to_owned(), since)..);
        Ok(of.take_while(|((name, _), _)| name == source).map(|(_, r)| r.clone()).collect())
    }

    async fn arrived(&self, events: &BTreeSet<EventId>) -> Result<BTreeSet<EventId>, StoreError> {
        let contents = self.read();
        Ok(events.iter().filter(|id| contents.events.contains_key(id)).cloned().collect())
    }

    async fn failed(&self, events: &BTreeSet<EventId>) -> Result<BTreeSet<EventId>, StoreError> {
        let contents = self.read();
        let records = contents.failures.values().map(|failure| &failure.record);
        let known = records.filter(|record| !matches!(record.state, FailureState::Redriven { .. }));
        let about = known.filter_map(|record| record.about.event.as_ref());
        Ok(about.filter(|id| events.contains(id)).cloned().collect())
    }
}
