//! Customers' history in memory.

use super::{Contents, Store};
use crate::{
    Application, Applied, EventRecord, InGroup, Seen, StoreError, Timeline, TimelineEntry,
};
use domain::{Customer, CustomerId, EventId};

impl Contents {
    /// Whether neither the profile nor its merges were written since it was read.
    pub(super) fn has(&self, read: &Customer) -> bool {
        self.customers.get(&read.id).is_some_and(|stored| {
            stored.version == read.version && stored.membership.version == read.membership.version
        })
    }

    /// Writes what events made of a profile, and the tags of its customer.
    pub(super) fn write_profile(&mut self, home: &Customer, group: Option<&InGroup<'_>>) {
        if let Some(stored) = self.customers.get_mut(&home.id) {
            stored.profile = home.profile.clone();
            stored.wakes = home.wakes.clone();
            stored.version = home.version + 1;
        }
        if let Some(group) = group
            && let Some(stored) = self.customers.get_mut(&group.root.id)
        {
            stored.joint_tags = group.joint_tags.cloned();
            stored.version = group.root.version + 1;
        }
    }
}

impl Timeline for Store {
    async fn load(&self, profile: &CustomerId, event: &EventId) -> Result<Seen, StoreError> {
        let contents = self.read();
        Ok(Seen {
            profile: contents.customers.get(profile).cloned(),
            event: contents.events.get(event).cloned(),
        })
    }

    async fn apply(&self, applied: &Applied<'_>) -> Result<Application, StoreError> {
        self.write(|contents| {
            let (event, home) = (&applied.entry.tagged.event, applied.profile);
            let group = applied.group.as_ref();
            if !contents.has(home)
                || !group.is_none_or(|group| contents.has(group.root))
                || contents.events.contains_key(&event.id)
            {
                return Application::Stale;
            }
            contents.write_profile(home, group);
            let key = TimelineEntry::key(event);
            let record = EventRecord::tagged(event, &home.id, Some(applied.at));
            contents.events.insert(event.id.clone(), record);
            contents.timeline.insert((home.id.clone(), key), applied.entry.clone());
            Application::Applied
        })
    }

    async fn entry(&self, event: &EventRecord) -> Result<Option<TimelineEntry>, StoreError> {
        let key = (event.customer.clone(), event.entry.clone());
        Ok(self.read().timeline.get(&key).cloned())
    }
}
