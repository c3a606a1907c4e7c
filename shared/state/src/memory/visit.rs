//! Reads for people in memory.

use super::Store;
use crate::{
    EffectRecord, EventRecord, Histories, JournalRecord, StoreError, TimelineEntry, Visit,
};
use domain::{Customer, CustomerId, EffectKey, EventId, Failure};

impl Visit for Store {
    async fn visit_customers(&self, visit: impl FnMut(Customer)) -> Result<(), StoreError> {
        self.read().customers.values().cloned().for_each(visit);
        Ok(())
    }

    async fn visit_entries(&self, visit: impl FnMut(TimelineEntry)) -> Result<(), StoreError> {
        self.read().timeline.values().cloned().for_each(visit);
        Ok(())
    }

    async fn visit_journal(&self, visit: impl FnMut(JournalRecord)) -> Result<(), StoreError> {
        let contents = self.read();
        let merges = contents.merges.values().cloned().map(JournalRecord::Merge);
        let reviews = contents.reviews.values().cloned().map(JournalRecord::Review);
        let extractions = contents.extractions.values().cloned().map(JournalRecord::Extraction);
        let erasures = contents.erasures.values().cloned().map(JournalRecord::Erasure);
        merges.chain(reviews).chain(extractions).chain(erasures).for_each(visit);
        Ok(())
    }

    async fn visit_failures(&self, visit: impl FnMut(Failure)) -> Result<(), StoreError> {
        self.read().failures.values().cloned().for_each(visit);
        Ok(())
    }
}

impl Histories for Store {
    async fn entries(&self, profile: &CustomerId) -> Result<Vec<TimelineEntry>, StoreError> {
        let contents = self.read();
        let own = contents.timeline.iter().filter(|((customer, _), _)| customer == profile);
        Ok(own.map(|(_, entry)| entry.clone()).collect())
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<EventRecord>, StoreError> {
        let contents = self.read();
        Ok(ids.iter().filter_map(|id| contents.events.get(id).cloned()).collect())
    }

    async fn effects(&self, keys: &[EffectKey]) -> Result<Vec<EffectRecord>, StoreError> {
        let contents = self.read();
        Ok(keys.iter().filter_map(|key| contents.effects.get(key).cloned()).collect())
    }
}
