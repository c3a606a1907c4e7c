//! Erasures in memory.

use super::{Contents, Store};
use crate::{Committed, Erasure, Erasures, JournalId, Removal, StoreError, TimelineEntry};
use domain::ErasureId;

impl Erasures for Store {
    async fn erasure(&self, id: &ErasureId) -> Result<Option<Erasure>, StoreError> {
        Ok(self.read().erasures.get(id).cloned())
    }

    async fn erase(
        &self,
        receipt: &Erasure,
        removals: &[Removal],
    ) -> Result<Committed, StoreError> {
        self.write(|contents| {
            let next = contents.erasures.get(&receipt.id).map_or(0, |known| known.steps + 1);
            if next != receipt.steps || !removals.iter().all(|removal| contents.permits(removal)) {
                return Committed::Lost;
            }
            contents.erasures.insert(receipt.id.clone(), receipt.clone());
            for removal in removals {
                contents.remove(removal);
            }
            Committed::Written
        })
    }
}

fn key(entry: &TimelineEntry) -> (domain::CustomerId, String) {
    (entry.tagged.home.clone(), TimelineEntry::key(&entry.tagged.event))
}

impl Contents {
    /// Whether the thing is as it was read.
    fn permits(&self, removal: &Removal) -> bool {
        match removal {
            Removal::Event { tombstone, read } => {
                self.events.get(&tombstone.id).map(|record| record.stage) == *read
            }
            Removal::Redacted(entry) => self.timeline.contains_key(&key(entry)),
            Removal::Link { handle, version } => {
                self.links.get(handle).is_some_and(|link| link.version == *version)
            }
            Removal::Profile { id, version, membership } => {
                self.customers.get(id).is_some_and(|profile| {
                    profile.version == *version && profile.membership.version == *membership
                })
            }
            Removal::Effect(_)
            | Removal::Firings(_)
            | Removal::Entry { .. }
            | Removal::Failure(_)
            | Removal::Hints(_)
            | Removal::Journal(_)
            | Removal::Replica(_) => true,
        }
    }

    fn remove(&mut self, removal: &Removal) {
        match removal {
            Removal::Event { tombstone, .. } => {
                self.events.insert(tombstone.id.clone(), (**tombstone).clone());
            }
            Removal::Effect(tombstone) => {
                self.effects.insert(tombstone.id.clone(), tombstone.clone());
            }
            Removal::Entry { customer, entry } => {
                self.timeline.remove(&(customer.clone(), entry.clone()));
            }
            Removal::Redacted(entry) => {
                self.timeline.insert(key(entry), (**entry).clone());
            }
            Removal::Failure(id) => {
                self.failures.remove(id);
            }
            Removal::Journal(JournalId::Merge(id)) => {
                self.merges.remove(id);
            }
            Removal::Journal(JournalId::Review(id)) => {
                self.reviews.remove(id);
            }
            Removal::Journal(JournalId::Extraction(id)) => {
                self.extractions.remove(id);
            }
            Removal::Firings(profile) => {
                self.firings.remove(profile);
            }
            Removal::Hints(profile) => {
                self.hints.remove(profile);
            }
            Removal::Replica(key) => {
                self.replicas.remove(key);
            }
            Removal::Link { handle, .. } => {
                self.links.remove(handle);
            }
            Removal::Profile { id, .. } => {
                self.customers.remove(id);
            }
        }
    }
}
