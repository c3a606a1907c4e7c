//! The changes that a replay would make, counted by tag, field and rule.

use domain::{Customer, CustomerId, Effect, EventId};
use serde::Serialize;
use state::Run;
use std::collections::{BTreeMap, BTreeSet};

/// How many customers stand for each change.
const SAMPLES: usize = 3;

/// What a replay would make of one customer.
pub(super) struct Change {
    pub(super) customer: CustomerId,
    pub(super) before: Customer,
    pub(super) after: Customer,
    /// How many events would be replayed.
    pub(super) events: usize,
    /// What would go out.
    pub(super) effects: Vec<Effect>,
    /// How many events could not be replayed.
    pub(super) failed: usize,
}

/// Customers to whom the same would happen.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(in crate::replay) struct Count {
    pub(in crate::replay) customers: usize,
    /// A few of them.
    pub(super) samples: Vec<CustomerId>,
}

/// Effects of one rule that would go out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(in crate::replay) struct Sent {
    pub(in crate::replay) effects: usize,
    /// Events that would set off a few of them.
    pub(super) samples: Vec<EventId>,
}

/// All of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(in crate::replay) struct Foreseen {
    /// The configuration's version.
    pub(in crate::replay) config_version: u64,
    /// Whether effects were asked for.
    pub(in crate::replay) with_effects: bool,
    pub(in crate::replay) events: usize,
    pub(in crate::replay) customers: usize,
    /// Of these, the ones that would change.
    pub(in crate::replay) changed: usize,
    pub(in crate::replay) failed: usize,
    /// Events that would be left alone because a person dismissed them.
    pub(in crate::replay) dismissed: usize,
    pub(in crate::replay) tags_set: BTreeMap<String, Count>,
    pub(in crate::replay) tags_taken_off: BTreeMap<String, Count>,
    pub(in crate::replay) fields: BTreeMap<String, Count>,
    pub(in crate::replay) counters: BTreeMap<String, Count>,
    /// By rule and action.
    pub(in crate::replay) effects: BTreeMap<String, BTreeMap<String, Sent>>,
}

impl Foreseen {
    pub(super) fn new(run: &Run) -> Self {
        let (config_version, with_effects) = (run.config_version, run.plan.effects);
        Self { config_version, with_effects, ..Self::default() }
    }

    /// Takes in one customer.
    pub(super) fn add(&mut self, change: Change) {
        let Change { customer, before, after, events, effects, failed } = change;
        self.events += events;
        self.customers += 1;
        self.failed += failed;
        let (before, after) = (&before.profile, &after.profile);
        let gained: Vec<_> =
            after.tags.keys().filter(|tag| !before.tags.contains_key(*tag)).collect();
        let lost: Vec<_> =
            before.tags.keys().filter(|tag| !after.tags.contains_key(*tag)).collect();
        let fields =
            differing(&before.fields, &after.fields, |one, other| one.value == other.value);
        let counters = [
            differing(&before.counters, &after.counters, PartialEq::eq),
            differing(&before.facts, &after.facts, PartialEq::eq),
        ]
        .concat();
        let same =
            [gained.len(), lost.len(), fields.len(), counters.len(), effects.len()] == [0; 5];
        self.changed += usize::from(!same);
        for (names, counts) in [
            (gained, &mut self.tags_set),
            (lost, &mut self.tags_taken_off),
            (fields, &mut self.fields),
            (counters, &mut self.counters),
        ] {
            for name in names {
                let count = counts.entry(name.clone()).or_default();
                count.customers += 1;
                if count.samples.len() < SAMPLES {
                    count.samples.push(customer.clone());
                }
            }
        }
        for effect in effects {
            let rule = self.effects.entry(effect.rule.name.clone()).or_default();
            let sent = rule.entry(effect.action.name().to_owned()).or_default();
            sent.effects += 1;
            if sent.samples.len() < SAMPLES {
                sent.samples.push(effect.event.clone());
            }
        }
    }
}

/// The names under which two maps differ.
fn differing<'m, V>(
    before: &'m BTreeMap<String, V>,
    after: &'m BTreeMap<String, V>,
    same: impl Fn(&V, &V) -> bool,
) -> Vec<&'m String> {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differs = |name: &&String| match (before.get(*name), after.get(*name)) {
        (Some(before), Some(after)) => !same(before, after),
        (None, Some(_)) | (Some(_), None) => true,
        (None, None) => false,
    };
    names.into_iter().filter(differs).collect()
}
