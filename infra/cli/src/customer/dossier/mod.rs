//! Everything that is stored about one person.

mod subject;

pub(super) use subject::event_of;

use super::find::key;
use crate::trouble::Trouble;
use domain::{CrmLink, Customer, CustomerId, Effect, EventId, Failure, HandleKey, HandleKind};
use identity::{Group, Links, Merge, Review};
use state::{
    Consents, EffectRecord, EventRecord, Extraction, HintList, Hints, Histories, Identities,
    JournalRecord, ReplicaKey, Replicas, Settings, TimelineEntry, Visit,
};
use std::collections::{BTreeMap, BTreeSet};
use subject::Subject;

/// Whoever can be asked for all of it.
pub(super) trait Archive:
    Identities + Settings + Histories + Visit + Hints + Consents + Replicas
{
}

impl<S: Identities + Settings + Histories + Visit + Hints + Consents + Replicas> Archive for S {}

/// By what a person was named.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Named {
    /// The id of a profile, which need not exist any more.
    Profile(CustomerId),
    /// A handle, which need not lead anywhere.
    Handle(HandleKey),
}

/// What is stored about one person under any of their handles.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Dossier {
    /// The customer's id; where there is none, the one that they would get.
    pub(super) customer: CustomerId,
    /// Every profile, the root first.
    pub(super) profiles: Vec<Customer>,
    /// Where the handles lead.
    pub(super) links: Links,
    /// Their histories.
    pub(super) timeline: Vec<TimelineEntry>,
    /// The records of these events, and of those that failed.
    pub(super) events: BTreeMap<EventId, EventRecord>,
    /// What became of the events' effects.
    pub(super) effects: Vec<EffectRecord>,
    /// Messages that could not be handled.
    pub(super) failures: Vec<Failure>,
    /// Merges, undone ones too.
    pub(super) merges: Vec<Merge>,
    /// Questions, answered ones too.
    pub(super) reviews: Vec<Review>,
    /// Handles that were given a profile of their own, by this person's profiles or to them.
    pub(super) extractions: Vec<Extraction>,
    /// What agents are to know, by profile.
    pub(super) hints: BTreeMap<CustomerId, HintList>,
    /// What the person's CRM records are to hold.
    pub(super) replicas: Vec<ReplicaKey>,
    /// The profiles of others that were one customer with this person's for a while.
    pub(super) neighbours: BTreeSet<CustomerId>,
    subject: Subject,
}

impl Named {
    /// Reads what a person wrote: an id, or a handle.
    pub(super) async fn read(store: &impl Settings, text: &str) -> Result<Self, Trouble> {
        if text.starts_with("cus_") {
            return Ok(Self::Profile(CustomerId::from_stored(text)));
        }
        key(store, text).await.map(Self::Handle)
    }

    async fn group(&self, store: &impl Identities) -> Result<Option<Group>, Trouble> {
        let profile = match self {
            Self::Profile(id) => Some(id.clone()),
            Self::Handle(key) => {
                let links = store.links(std::slice::from_ref(key)).await?;
                links.get(key).map(|link| link.home.clone())
            }
        };
        match profile {
            Some(profile) => Ok(store.group(&profile).await?),
            None => Ok(None),
        }
    }
}

impl Dossier {
    /// Reads all of it: the profiles first, so that whoever writes to them meanwhile is noticed.
    pub(super) async fn gather(store: &impl Archive, named: &Named) -> Result<Self, Trouble> {
        let group = named.group(store).await?;
        let customer = match (&group, named) {
            (Some(group), _) => group.id().clone(),
            (None, Named::Profile(id)) => id.clone(),
            (None, Named::Handle(key)) => CustomerId::new(key.as_str()),
        };
        let profiles: Vec<_> = group.iter().flat_map(Group::profiles).cloned().collect();
        let mut subject = Subject::new(store, named, &profiles).await?;
        let keys: Vec<_> = subject.handles.iter().cloned().collect();
        let mut links = store.links(&keys).await?;
        links.retain(|_, link| subject.profiles.contains(&link.home));
        let mut timeline = Vec::new();
        for profile in &subject.profiles {
            timeline.extend(store.entries(profile).await?);
        }
        subject.learn(&timeline);
        let mut dossier = Self {
            customer,
            profiles,
            links,
            timeline,
            events: BTreeMap::new(),
            effects: Vec::new(),
            failures: Vec::new(),
            merges: Vec::new(),
            reviews: Vec::new(),
            extractions: Vec::new(),
            hints: BTreeMap::new(),
            replicas: Vec::new(),
            neighbours: BTreeSet::new(),
            subject,
        };
        dossier.read_failures(store).await?;
        dossier.read_ledger(store).await?;
        dossier.read_journal(store).await?;
        for profile in &dossier.subject.profiles {
            let hints = store.hints(profile).await?;
            if hints != HintList::default() {
                dossier.hints.insert(profile.clone(), hints);
            }
        }
        dossier.read_replicas(store).await?;
        Ok(dossier)
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.profiles.is_empty()
            && self.links.is_empty()
            && self.timeline.is_empty()
            && self.failures.is_empty()
            && self.merges.is_empty()
            && self.reviews.is_empty()
            && self.extractions.is_empty()
            && self.hints.is_empty()
            && self.replicas.is_empty()
    }

    /// The ids of the profiles.
    pub(super) fn ids(&self) -> &BTreeSet<CustomerId> {
        &self.subject.profiles
    }

    /// Every effect that the events set off.
    pub(super) fn effects_of(&self, event: &EventId) -> &[Effect] {
        self.events.get(event).map_or(&[], |record| &record.effects)
    }

    /// The events of others that still tell of this person, without what they tell.
    pub(super) async fn redacted(
        &self,
        store: &impl Histories,
    ) -> Result<Vec<TimelineEntry>, Trouble> {
        let mut redacted = Vec::new();
        for profile in &self.neighbours {
            for mut entry in store.entries(profile).await? {
                let then = &mut entry.tagged.customer;
                if then.handles.keys().any(|key| self.subject.handles.contains(key)) {
                    *then = Customer::new(then.id.clone(), then.created_at);
                    redacted.push(entry);
                }
            }
        }
        Ok(redacted)
    }

    async fn read_failures(&mut self, store: &impl Visit) -> Result<(), Trouble> {
        let (subject, failures) = (&self.subject, &mut self.failures);
        let keep = |failure| {
            if subject.failed(&failure) {
                failures.push(failure);
            }
        };
        store.visit_failures(keep).await?;
        let failed = self.failures.iter().filter_map(event_of).map(|event| event.id);
        self.subject.events.extend(failed);
        Ok(())
    }

    async fn read_ledger(&mut self, store: &impl Histories) -> Result<(), Trouble> {
        let ids: Vec<_> = self.subject.events.iter().cloned().collect();
        let records = store.events(&ids).await?;
        self.events = records.into_iter().map(|record| (record.id.clone(), record)).collect();
        let effects = self.events.values().flat_map(|record| &record.effects);
        let keys: Vec<_> = effects.map(|effect| effect.key.clone()).collect();
        self.effects = store.effects(&keys).await?;
        Ok(())
    }

    /// Of every CRM record that is or was the person's.
    async fn read_replicas(&mut self, store: &impl Replicas) -> Result<(), Trouble> {
        let records = self.subject.handles.iter().filter(|key| key.kind() == Some(HandleKind::Crm));
        for handle in records {
            let (crm, id) = (handle.scope().to_owned(), handle.value().to_owned());
            let record = ReplicaKey::record(&CrmLink { crm, id });
            self.replicas.extend(store.replicas_of(&record).await?);
        }
        Ok(())
    }

    async fn read_journal(&mut self, store: &impl Visit) -> Result<(), Trouble> {
        let subject = &self.subject;
        let (mut merges, mut reviews, mut extractions) = (Vec::new(), Vec::new(), Vec::new());
        let mut ties: Vec<(CustomerId, CustomerId)> = self
            .profiles
            .iter()
            .flat_map(|profile| profile.membership.apart.iter().cloned())
            .collect();
        store
            .visit_journal(|record| match record {
                JournalRecord::Merge(merge) => {
                    ties.push(merge.joins.clone());
                    merges.extend(Some(merge).filter(|merge| subject.merged(merge)));
                }
                JournalRecord::Extraction(extraction) => {
                    ties.push((extraction.from.clone(), extraction.to.clone()));
                    let own = Some(extraction).filter(|own| subject.extracted(own));
                    extractions.extend(own);
                }
                JournalRecord::Review(review) => {
                    reviews.extend(Some(review).filter(|review| subject.asked(review)));
                }
                JournalRecord::Erasure(_) => {}
            })
            .await?;
        self.neighbours = tied(&subject.profiles, &ties);
        (self.merges, self.reviews, self.extractions) = (merges, reviews, extractions);
        Ok(())
    }
}

/// Whom the ties lead to, the profiles themselves left out.
fn tied(
    profiles: &BTreeSet<CustomerId>,
    ties: &[(CustomerId, CustomerId)],
) -> BTreeSet<CustomerId> {
    let mut reached = profiles.clone();
    loop {
        let before = reached.len();
        for (one, other) in ties {
            if reached.contains(one) || reached.contains(other) {
                reached.extend([one.clone(), other.clone()]);
            }
        }
        if reached.len() == before {
            return reached.difference(profiles).cloned().collect();
        }
    }
}
