//! Replays in memory.

use super::Store;
use crate::{
    Application, Committed, EventRecord, Firings, Page, Place, Remaking, Replays, Run, RunState,
    Runs, Stage, StoreError, TimelineEntry,
};
use domain::{CustomerId, Effect, EventId, InboundEvent, ReplayId};

impl Replays for Store {
    async fn record(&self, event: &EventId) -> Result<Option<EventRecord>, StoreError> {
        Ok(self.read().events.get(event).cloned())
    }

    async fn history(&self, profile: &CustomerId) -> Result<Vec<InboundEvent>, StoreError> {
        let contents = self.read();
        let own = contents.timeline.iter().filter(|((customer, _), _)| customer == profile);
        Ok(own.map(|(_, entry)| entry.tagged.event.clone()).collect())
    }

    async fn remake(&self, remaking: &Remaking<'_>) -> Result<Application, StoreError> {
        self.write(|contents| {
            let tagged = &remaking.entry.tagged;
            let key = (tagged.home.clone(), TimelineEntry::key(&tagged.event));
            let mut read = remaking.read.into_iter().flat_map(identity::Group::profiles);
            if !contents.timeline.contains_key(&key) || !read.all(|profile| contents.has(profile)) {
                return Application::Stale;
            }
            if let Some(entry) = contents.timeline.get_mut(&key) {
                entry.replayed = Some(remaking.replayed.clone());
            }
            for (index, profile) in remaking.remade.iter().enumerate() {
                if let Some(stored) = contents.customers.get_mut(&profile.id) {
                    stored.profile = profile.profile.clone();
                    stored.wakes = profile.wakes.clone();
                    stored.remade.clone_from(&profile.remade);
                    stored.version = profile.version + 1;
                    if index == 0 {
                        stored.joint_tags = remaking.joint_tags.cloned();
                    }
                }
            }
            Application::Applied
        })
    }

    async fn amend(
        &self,
        read: &EventRecord,
        effects: &[Effect],
        firings: Option<&Firings>,
    ) -> Result<Committed, StoreError> {
        self.write(|contents| {
            let known = contents.events.get(&read.id);
            let same = known.is_some_and(|known| {
                known.stage == Stage::Applied
                    && known.customer == read.customer
                    && known.effects.len() == read.effects.len()
            });
            let alike = firings.is_none_or(|firings| {
                let known = contents.firings.get(&firings.profile);
                known.map_or(0, |known| known.version) + 1 == firings.version
            });
            if !same || !alike {
                return Committed::Lost;
            }
            if let Some(firings) = firings {
                contents.firings.insert(firings.profile.clone(), firings.clone());
            }
            if let Some(record) = contents.events.get_mut(&read.id) {
                record.effects.extend_from_slice(effects);
            }
            Committed::Written
        })
    }
}

impl Runs for Store {
    async fn begin_run(&self, run: &Run) -> Result<(), StoreError> {
        self.write(|contents| {
            contents.runs.insert(run.id.clone(), run.clone());
        })
    }

    async fn run(&self, id: &ReplayId) -> Result<Option<Run>, StoreError> {
        Ok(self.read().runs.get(id).cloned())
    }

    async fn runs(&self) -> Result<Vec<Run>, StoreError> {
        let mut runs: Vec<_> = self.read().runs.values().cloned().collect();
        runs.sort_by_key(|run| run.begun_at);
        Ok(runs)
    }

    async fn move_run(&self, run: &Run) -> Result<bool, StoreError> {
        self.write(|contents| match contents.runs.get_mut(&run.id) {
            Some(known) if known.state == RunState::Open => {
                known.clone_from(run);
                true
            }
            Some(_) | None => false,
        })
    }

    async fn page(
        &self,
        profile: Option<&CustomerId>,
        after: Option<&Place>,
        most: usize,
    ) -> Result<Page, StoreError> {
        let contents = self.read();
        let after = after.map(|place| (place.customer.clone(), place.entry.clone()));
        let mut rest = contents
            .timeline
            .iter()
            .filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after))
            .filter(|((customer, _), _)| profile.is_none_or(|profile| customer == profile));
        let page: Vec<_> = rest.by_ref().take(most).collect();
        let end = page.last().filter(|_| rest.next().is_some());
        let end = end.map(|((customer, entry), _)| Place {
            customer: customer.clone(),
            entry: entry.clone(),
        });
        Ok(Page { entries: page.into_iter().map(|(_, entry)| entry.clone()).collect(), end })
    }
}
