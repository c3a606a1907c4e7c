//! The stored events, matched again by one configuration.

use super::directory::Remembered;
use super::put_back::put_back;
use super::stored::Stored;
use crate::trouble::Trouble;
use domain::{CustomerId, Handle, HandleKey, HandleKind, InboundEvent, ReviewId};
use identity::{Policy, Review};
use indicatif::ProgressBar;
use rules::RuleSet;
use state::Journal;
use state::memory::{Contents, Store};
use std::collections::{BTreeMap, BTreeSet};

/// The graph that a configuration makes of the stored events.
#[derive(Debug)]
pub(super) struct Replayed {
    contents: Contents,
    policy: Policy,
    /// People's decisions that no longer apply.
    pub(super) decisions_left_out: usize,
    /// Events that could not be matched.
    pub(super) unmatched: usize,
}

/// Where a handle stands in a graph.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// It leads to a customer.
    Customer(CustomerId),
    /// It tells nobody from another.
    Shared,
    /// It is nobody's.
    Blocked,
    /// It was set aside each time.
    Nowhere,
}

/// Matches every event, in memory.
pub(super) async fn replay(
    stored: &Stored,
    rules: &RuleSet,
    progress: &ProgressBar,
) -> Result<Replayed, Trouble> {
    let (store, directory) = (Store::default(), Remembered::new(stored, rules.identity()));
    for review in &stored.answered {
        store.open_review(review).await?;
    }
    let (mut decisions_left_out, mut unmatched) = (0, 0);
    let mut decisions = stored.decisions.iter().peekable();
    for event in &stored.events {
        while let Some(decision) = decisions.next_if(|next| next.at() <= event.received_at) {
            let applies = put_back(decision, &store, stored, rules.version()).await?;
            decisions_left_out += usize::from(!applies);
        }
        let matched = identity_match::resolve(&store, &directory, rules, event).await;
        unmatched += usize::from(matched.is_err());
        progress.inc(1);
    }
    for decision in decisions {
        let applies = put_back(decision, &store, stored, rules.version()).await?;
        decisions_left_out += usize::from(!applies);
    }
    let policy = rules.identity().clone();
    Ok(Replayed { contents: store.contents(), policy, decisions_left_out, unmatched })
}

/// Every handle that the events or the records bear, as channels and CRM wrote it.
pub(super) fn handles_of(stored: &Stored) -> BTreeSet<HandleKey> {
    let told = stored.events.iter().flat_map(|event: &InboundEvent| &event.handles);
    let records = stored.records.iter().flat_map(|(_, handles)| handles);
    let records = records.filter(|key| key.kind() == Some(HandleKind::Crm)).cloned();
    told.map(Handle::key).chain(records).collect()
}

impl Replayed {
    /// Where a handle stands.
    pub(super) fn place(&self, key: &HandleKey) -> Place {
        let Some(handle) = Handle::stored(key) else { return Place::Nowhere };
        let handle = handle.in_mailbox(&self.policy.mailboxes);
        if self.policy.blocked.blocks(&handle) {
            return Place::Blocked;
        }
        match self.contents.links.get(&handle.key()) {
            Some(link) if link.shared => Place::Shared,
            Some(link) => Place::Customer(link.customer.clone()),
            None => Place::Nowhere,
        }
    }

    /// The customers' handles, each customer once.
    pub(super) fn customers(&self) -> BTreeSet<BTreeSet<&HandleKey>> {
        let mut customers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (key, link) in &self.contents.links {
            customers.entry(&link.customer).or_default().insert(key);
        }
        customers.into_values().collect()
    }

    /// The questions for people that are not among those of another graph.
    pub(super) fn questions_beyond<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = &'a Review> {
        let known = |id: &ReviewId| other.contents.reviews.contains_key(id);
        self.contents.reviews.values().filter(move |review| !known(&review.id))
    }

    /// The handles of a profile.
    pub(super) fn handles(&self, profile: &CustomerId) -> impl Iterator<Item = &HandleKey> {
        self.contents.customers.get(profile).into_iter().flat_map(|it| it.handles.keys())
    }
}
