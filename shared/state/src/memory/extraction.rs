//! Extractions in memory.

use super::Store;
use crate::{
    Application, Committed, EventRecord, Extraction, Extractions, InGroup, StoreError,
    TimelineEntry,
};
use domain::{Customer, CustomerId, ExtractionId};

impl Extractions for Store {
    async fn extraction(&self, id: &ExtractionId) -> Result<Option<Extraction>, StoreError> {
        Ok(self.read().extractions.get(id).cloned())
    }

    async fn put_extraction(&self, extraction: &Extraction) -> Result<(), StoreError> {
        self.write(|contents| {
            contents.extractions.insert(extraction.id.clone(), extraction.clone());
        })
    }

    async fn move_entry(
        &self,
        entry: &TimelineEntry,
        record: Option<&EventRecord>,
        to: &CustomerId,
    ) -> Result<Committed, StoreError> {
        self.write(|contents| {
            let key = TimelineEntry::key(&entry.tagged.event);
            let old = (entry.tagged.home.clone(), key.clone());
            let known = record.and_then(|record| contents.events.get(&record.id));
            let fits = known.is_none_or(|known| known.customer == entry.tagged.home);
            if !contents.timeline.contains_key(&old) || known.is_some() != record.is_some() || !fits
            {
                return Committed::Lost;
            }
            contents.timeline.remove(&old);
            let mut moved = entry.clone();
            moved.tagged.home = to.clone();
            contents.timeline.insert((to.clone(), key), moved);
            if let Some(known) = contents.events.get_mut(&entry.tagged.event.id) {
                known.customer = to.clone();
            }
            Committed::Written
        })
    }

    async fn rewrite(
        &self,
        profile: &Customer,
        group: Option<InGroup<'_>>,
    ) -> Result<Application, StoreError> {
        self.write(|contents| {
            if !contents.has(profile)
                || !group.as_ref().is_none_or(|group| contents.has(group.root))
            {
                return Application::Stale;
            }
            contents.write_profile(profile, group.as_ref());
            Application::Applied
        })
    }
}
