//! The CRM's record of a customer: finding which it is, and following it when it moves.

use crate::limits::exceeded;
use crate::sketch::Sketch;
use crate::{
    Candidate, Candidates, Cause, Change, Group, Links, MOST_WRITES, Merge, MergeState, Policy,
};
use domain::{
    Assurance, CrmLink, CustomerId, Handle, HandleKey, HandleKind, Held, MergeId, Obstacle,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A CRM record that has some of the handles that were asked about.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The record.
    pub link: CrmLink,
    /// The name on it.
    pub name: Option<String>,
    /// Every handle on it.
    pub handles: BTreeSet<HandleKey>,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({}:{})", self.link.crm, self.link.id)
    }
}

/// Records that bear the same handle: which of them is meant would be a guess.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Several {
    /// The connector.
    pub crm: String,
    /// The handle.
    pub handle: HandleKey,
    /// The records, by id.
    pub candidates: Vec<Candidate>,
}

/// What the CRM said about an event's handles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Consulted {
    /// The handles on the record that is now among the candidates. Empty where none is.
    pub on_record: BTreeSet<HandleKey>,
    /// The records among which a person has to choose.
    pub several: Option<Several>,
}

impl Candidates {
    /// Takes in what the CRM knows of the handles: the record that the most telling known handle
    /// is on. A handle that is only on other records is set aside. Where the most telling one is
    /// on several records, a person has to choose.
    pub fn consult(&mut self, records: &[Record]) -> Consulted {
        let on = |key: &HandleKey| -> Vec<&Record> {
            records.iter().filter(|record| record.handles.contains(key)).collect()
        };
        let keys = self.keys();
        let Some(telling) = keys.iter().find(|key| !on(key).is_empty()) else {
            return Consulted::default();
        };
        let found = on(telling);
        let ([record], Some(handle)) =
            (found.as_slice(), found.first().and_then(|r| handle_of(&r.link)))
        else {
            return Consulted { on_record: BTreeSet::new(), several: several(telling, &found) };
        };
        for key in keys.iter().filter(|key| !on(key).is_empty() && !on(key).contains(record)) {
            self.set_aside(key.clone(), Obstacle::OtherRecord);
        }
        self.add_record(handle, telling);
        let on_record = record.handles.iter().filter(|key| keys.contains(key)).cloned().collect();
        Consulted { on_record, several: None }
    }
}

fn several(handle: &HandleKey, records: &[&Record]) -> Option<Several> {
    let mut candidates: Vec<_> = records
        .iter()
        .map(|record| Candidate { id: record.link.id.clone(), name: record.name.clone() })
        .collect();
    candidates.sort();
    let crm = records.first()?.link.crm.clone();
    Some(Several { crm, handle: handle.clone(), candidates })
}

/// The handle that stands for a record.
#[must_use]
pub fn handle_of(link: &CrmLink) -> Option<Handle> {
    Handle::account(HandleKind::Crm, &link.crm, &link.id, Assurance::Attested).ok()
}

/// What became of a record inside the CRM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordMoved {
    /// Another record stands for it.
    Into(CrmLink),
    /// It was deleted.
    Gone,
}

/// When, why and under which configuration something is done.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The event or the person behind it.
    pub cause: &'a Cause,
    /// When it happened.
    pub at: Timestamp,
    /// The configuration.
    pub policy: &'a Policy,
    /// Its version.
    pub config_version: u64,
}

/// Moves the links of a record that was merged or deleted inside the CRM. Where the record that
/// stands for it is another customer's, the two customers are joined: who merged the records has
/// decided that they are one.
///
/// None where what was read contradicts itself: read again.
#[must_use]
pub fn follow_record(
    old: &CrmLink,
    moved: &RecordMoved,
    groups: &[Group],
    links: &Links,
    occasion: Occasion<'_>,
) -> Option<Change> {
    let mut sketch = Sketch::new(groups, links)?;
    let old = handle_of(old)?.key();
    let Some(home) = sketch.link(&old).map(|link| link.home.clone()) else {
        return Some(Change::default());
    };
    sketch.retire(&old);
    if let RecordMoved::Into(new) = moved {
        let key = handle_of(new)?.key();
        match sketch.link(&key).cloned() {
            None => {
                let held = Held::new(occasion.at, Assurance::Attested);
                sketch.hold(&home, &key, held);
            }
            Some(link) if link.customer == sketch.root_of(&home) => {}
            Some(link) => sketch = joined(sketch, (home, link.home), vec![old, key], occasion)?,
        }
    }
    Some(sketch.change())
}

/// What came of giving a customer a record.
#[derive(Clone, PartialEq, Debug)]
pub enum Linking {
    /// This is to be written.
    Write(Change),
    /// The record is another customer's, and the limits forbid that the two are one.
    Taken(CustomerId),
    /// What was read contradicts itself: read again.
    Torn,
}

/// Gives the customer of a profile the record that was found or made for it. Where another
/// customer has that record, the two are joined, within the limits.
#[must_use]
pub fn link_record(
    profile: &CustomerId,
    record: &CrmLink,
    groups: &[Group],
    links: &Links,
    occasion: Occasion<'_>,
) -> Linking {
    let (Some(mut sketch), Some(handle)) = (Sketch::new(groups, links), handle_of(record)) else {
        return Linking::Torn;
    };
    let (key, customer) = (handle.key(), sketch.root_of(profile));
    let Some(link) = sketch.link(&key).cloned() else {
        if sketch.profile(profile).is_none() {
            return Linking::Torn;
        }
        let held = Held::new(occasion.at, Assurance::Attested);
        sketch.hold(profile, &key, held);
        return Linking::Write(sketch.change());
    };
    if link.customer == customer {
        let home = sketch.profile(&link.home);
        if home.and_then(|home| home.handles.get(&key)).is_some_and(|held| held.former) {
            sketch.hold(&link.home, &key, Held::new(occasion.at, Assurance::Attested));
        }
        return Linking::Write(sketch.change());
    }
    let theirs = sketch.handles(&link.customer);
    let ours = sketch.handles(&customer);
    if exceeded(occasion.policy, ours, theirs, occasion.at).is_some() {
        return Linking::Taken(link.customer);
    }
    match joined(sketch, (profile.clone(), link.home), vec![key], occasion).map(Sketch::change) {
        Some(change) if change.len() <= MOST_WRITES => Linking::Write(change),
        Some(_) => Linking::Taken(link.customer),
        None => Linking::Torn,
    }
}

fn joined(
    mut sketch: Sketch,
    joins: (CustomerId, CustomerId),
    handles: Vec<HandleKey>,
    occasion: Occasion<'_>,
) -> Option<Sketch> {
    let (one, other) = (sketch.root_of(&joins.0), sketch.root_of(&joins.1));
    if !sketch.is_complete(&one) || !sketch.is_complete(&other) {
        return None;
    }
    let version = sketch.profile(&one)?.membership.version;
    sketch.join(Merge {
        id: MergeId::new(&joins.0, &joins.1, occasion.cause.as_str(), version),
        at: occasion.at,
        cause: occasion.cause.clone(),
        joins,
        survivor: one,
        absorbed: other,
        handles,
        config_version: occasion.config_version,
        state: MergeState::Standing,
    })?;
    Some(sketch)
}
