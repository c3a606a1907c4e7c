//! What is different between two graphs of the same events.

use super::replay::{Place, Replayed, handles_of};
use super::stored::Stored;
use domain::{CustomerId, HandleKey, Obstacle};
use identity::{Inquiry, Review};
use std::collections::{BTreeMap, BTreeSet};

/// A customer of today, with handles.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Part {
    pub(super) customer: CustomerId,
    pub(super) handles: BTreeSet<HandleKey>,
}

/// What becomes of a handle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// It counts as nobody's.
    Blocked,
    /// It counts as shared by too many.
    Shared,
    /// It leads to nobody any more: each time, something is in the way.
    LeftOut,
    /// It leads to a customer now.
    TakenIn,
}

/// A question that people would be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Asked {
    pub(super) question: &'static str,
    pub(super) because: Option<Obstacle>,
    pub(super) customers: BTreeSet<CustomerId>,
    pub(super) handles: BTreeSet<HandleKey>,
}

/// All of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Differences {
    /// Customers that would be one.
    pub(super) merges: Vec<Vec<Part>>,
    /// Customers that would be several.
    pub(super) splits: Vec<Vec<Part>>,
    /// Questions that would be new.
    pub(super) reviews: Vec<Asked>,
    /// Handles that would stand elsewhere.
    pub(super) handles: Vec<(HandleKey, Option<CustomerId>, Fate)>,
    /// Customers that stay as they are.
    pub(super) unchanged: usize,
    /// Customers of today that not even the configuration in force makes of the events.
    pub(super) unlike_today: usize,
    /// People's decisions that do not apply any more.
    pub(super) decisions_left_out: usize,
    /// Events that only the new configuration could not match.
    pub(super) unmatched: usize,
}

type Groups = BTreeMap<CustomerId, BTreeMap<CustomerId, BTreeSet<HandleKey>>>;

/// Compares what the configuration in force makes of the events with what a new one makes of them.
pub(super) fn compare(stored: &Stored, before: &Replayed, after: &Replayed) -> Differences {
    let names = Names { stored, before };
    let mut groups = (Groups::new(), Groups::new());
    let mut found = Differences::default();
    let mut customers = BTreeSet::new();
    let mut affected = BTreeSet::new();
    for key in handles_of(stored) {
        let places = (before.place(&key), after.place(&key));
        if let Place::Customer(one) = &places.0 {
            customers.insert(one.clone());
            if let Place::Customer(other) = &places.1 {
                let (one, other) = (one.clone(), other.clone());
                let held = |groups: &mut Groups, outer: &CustomerId, inner: &CustomerId| {
                    let inner = groups.entry(outer.clone()).or_default().entry(inner.clone());
                    inner.or_default().insert(key.clone());
                };
                held(&mut groups.0, &one, &other);
                held(&mut groups.1, &other, &one);
            }
        }
        if let Some(fate) = fate(&places) {
            let had = match &places.0 {
                Place::Customer(id) => Some(id.clone()),
                Place::Shared | Place::Blocked | Place::Nowhere => None,
            };
            affected.extend(had.clone());
            found.handles.push((key, had.map(|id| names.of(&id)), fate));
        }
    }
    for (one, others) in groups.0.iter().filter(|(_, others)| others.len() > 1) {
        affected.insert(one.clone());
        let customer = names.of(one);
        let part =
            |handles: &BTreeSet<_>| Part { customer: customer.clone(), handles: handles.clone() };
        found.splits.push(others.values().map(part).collect());
    }
    for ones in groups.1.values().filter(|ones| ones.len() > 1) {
        affected.extend(ones.keys().cloned());
        let part = |(one, handles): (&CustomerId, &BTreeSet<_>)| Part {
            customer: names.of(one),
            handles: handles.clone(),
        };
        found.merges.push(ones.iter().map(part).collect());
    }
    for review in after.questions_beyond(before) {
        let concerned = names.concerned(review, after);
        affected.extend(concerned.iter().cloned());
        found.reviews.push(names.asked(review, &concerned));
    }
    found.unchanged = customers.difference(&affected).count();
    found.unlike_today = unlike_today(stored, before);
    found.decisions_left_out = after.decisions_left_out.saturating_sub(before.decisions_left_out);
    found.unmatched = after.unmatched.saturating_sub(before.unmatched);
    found
}

fn fate((before, after): &(Place, Place)) -> Option<Fate> {
    match (before, after) {
        (Place::Blocked, Place::Blocked)
        | (Place::Shared, Place::Shared)
        | (Place::Nowhere | Place::Blocked, Place::Nowhere)
        | (Place::Customer(_), Place::Customer(_)) => None,
        (_, Place::Blocked) => Some(Fate::Blocked),
        (_, Place::Shared) => Some(Fate::Shared),
        (Place::Customer(_) | Place::Shared, Place::Nowhere) => Some(Fate::LeftOut),
        (_, Place::Customer(_)) => Some(Fate::TakenIn),
    }
}

fn unlike_today(stored: &Stored, before: &Replayed) -> usize {
    let mut today: BTreeMap<&CustomerId, BTreeSet<&HandleKey>> = BTreeMap::new();
    for (profile, handles) in stored.profiles.iter().filter(|(_, handles)| !handles.is_empty()) {
        let root = stored.roots.get(profile).unwrap_or(profile);
        today.entry(root).or_default().extend(handles);
    }
    let replayed = before.customers();
    today.values().filter(|handles| !replayed.contains(*handles)).count()
}

/// The ids of today for the customers of the replays.
struct Names<'a> {
    stored: &'a Stored,
    before: &'a Replayed,
}

impl Names<'_> {
    fn of(&self, replayed: &CustomerId) -> CustomerId {
        let mut handles = self.before.handles(replayed);
        handles.find_map(|key| self.stored.customers.get(key)).unwrap_or(replayed).clone()
    }

    /// The customers, as they are before, whose handles the profiles in a question have after.
    fn concerned(&self, review: &Review, after: &Replayed) -> BTreeSet<CustomerId> {
        let other = match &review.inquiry {
            Inquiry::SamePerson { other, .. } => Some(other),
            Inquiry::WhichRecord { .. } | Inquiry::Admit { .. } | Inquiry::UnknownRecord { .. } => {
                None
            }
        };
        let profiles = review.customer.iter().chain(other);
        let places = profiles.flat_map(|id| after.handles(id)).map(|key| self.before.place(key));
        places
            .filter_map(|place| match place {
                Place::Customer(id) => Some(id),
                Place::Shared | Place::Blocked | Place::Nowhere => None,
            })
            .collect()
    }

    fn asked(&self, review: &Review, concerned: &BTreeSet<CustomerId>) -> Asked {
        let (handles, because) = match &review.inquiry {
            Inquiry::SamePerson { handles, because, .. } => {
                (handles.iter().cloned().collect(), Some(*because))
            }
            Inquiry::WhichRecord { handle, .. } => ([handle.clone()].into(), None),
            Inquiry::Admit { .. } | Inquiry::UnknownRecord { .. } => (BTreeSet::new(), None),
        };
        let customers = concerned.iter().map(|id| self.of(id)).collect();
        Asked { question: review.inquiry.name(), because, customers, handles }
    }
}
