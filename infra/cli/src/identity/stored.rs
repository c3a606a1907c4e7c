//! What a replay needs of the stored graph.

use super::decision::Decision;
use crate::trouble::Trouble;
use domain::{CrmLink, Customer, CustomerId, HandleKey, InboundEvent};
use identity::{Inquiry, Review, ReviewState};
use indicatif::ProgressBar;
use state::{JournalRecord, Visit};
use std::collections::{BTreeMap, BTreeSet};

/// Events, people's decisions, and what the CRM is known to have answered.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// Every event with a handle, in the order in which they came in, without its words.
    pub(super) events: Vec<InboundEvent>,
    /// The handles of each profile.
    pub(super) profiles: BTreeMap<CustomerId, BTreeSet<HandleKey>>,
    /// The customer to whom each profile belongs.
    pub(super) roots: BTreeMap<CustomerId, CustomerId>,
    /// The customer to whom each handle leads.
    pub(super) customers: BTreeMap<HandleKey, CustomerId>,
    /// Each CRM record with the handles of its profile.
    pub(super) records: Vec<(CrmLink, BTreeSet<HandleKey>)>,
    /// What people decided, oldest first.
    pub(super) decisions: Vec<Decision>,
    /// What people said of records that the CRM did not have.
    pub(super) answered: Vec<Review>,
}

impl Stored {
    /// Reads profiles, journal and timeline as a whole.
    pub(super) async fn read(store: &impl Visit, progress: &ProgressBar) -> Result<Self, Trouble> {
        let mut stored = Self::default();
        store.visit_customers(|profile| stored.take_profile(profile)).await?;
        store.visit_journal(|record| stored.take_record(record)).await?;
        store
            .visit_entries(|entry| {
                progress.inc(1);
                stored.take_event(entry.tagged.event);
            })
            .await?;
        stored.events.sort_by(|a, b| (a.received_at, &a.id).cmp(&(b.received_at, &b.id)));
        stored.decisions.sort_by_key(Decision::at);
        Ok(stored)
    }

    fn take_profile(&mut self, profile: Customer) {
        let Customer { id, handles, crm, membership, .. } = profile;
        let handles: BTreeSet<_> = handles.into_keys().collect();
        self.records.extend(crm.map(|link| (link, handles.clone())));
        let root = membership.merged_into.unwrap_or_else(|| id.clone());
        self.customers.extend(handles.iter().map(|key| (key.clone(), root.clone())));
        self.roots.insert(id.clone(), root);
        self.profiles.insert(id, handles);
    }

    fn take_record(&mut self, record: JournalRecord) {
        match record {
            JournalRecord::Merge(merge) => self.decisions.extend(Decision::of_merge(&merge)),
            JournalRecord::Extraction(extraction) => {
                self.decisions.push(Decision::Extract(extraction));
            }
            JournalRecord::Review(review) => {
                let unknown = matches!(review.inquiry, Inquiry::UnknownRecord { .. });
                if unknown && review.state != ReviewState::Open {
                    self.answered.push(review);
                }
            }
            JournalRecord::Erasure(_) => {}
        }
    }

    fn take_event(&mut self, mut event: InboundEvent) {
        if !event.handles.is_empty() {
            event.text = None;
            self.events.push(event);
        }
    }
}
