//! Which rules an event can set off at all.

use super::Compiled;
use crate::Trigger;
use crate::condition::{Expression, Member, Required};
use domain::{Classification, EventKind, InboundEvent};
use std::collections::{BTreeMap, HashMap};

/// The rules by what they require of an event, so that those which cannot match cost nothing.
#[derive(Debug, Default)]
pub(super) struct Index(BTreeMap<EventKind, OfKind>);

/// The rules that look at events of one kind. Each stands in one place: under the value of its
/// most telling requirement, or in `any`.
#[derive(Debug, Default)]
struct OfKind {
    by_value: BTreeMap<Member, HashMap<String, Vec<Candidate>>>,
    any: Vec<Candidate>,
}

/// A rule with what else it requires.
#[derive(Clone, Debug)]
struct Candidate {
    /// Its turn: by priority, then as it stands in the configuration.
    turn: (i32, usize),
    required: Vec<Required>,
}

impl Index {
    pub(super) fn of(rules: &[Trigger], compiled: &[Compiled]) -> Self {
        let mut index = Self::default();
        for (place, (rule, compiled)) in rules.iter().zip(compiled).enumerate() {
            let required = compiled.when.as_ref().map(Expression::required).unwrap_or_default();
            for kind in &rule.on {
                let turn = (rule.priority, place);
                index.0.entry(*kind).or_default().insert(turn, &required);
            }
        }
        index
    }

    /// The places of the rules whose requirements the event meets, in the order of their turns.
    pub(super) fn candidates(
        &self,
        event: &InboundEvent,
        classification: &Classification,
    ) -> Vec<usize> {
        let Some(of_kind) = self.0.get(&event.kind) else { return Vec::new() };
        let by_value = of_kind
            .by_value
            .iter()
            .filter_map(|(member, by_value)| by_value.get(member.of(event, classification)?));
        let mut turns: Vec<_> = by_value
            .flatten()
            .chain(&of_kind.any)
            .filter(|candidate| {
                candidate.required.iter().all(|required| required.met(event, classification))
            })
            .map(|candidate| candidate.turn)
            .collect();
        turns.sort_unstable();
        turns.dedup();
        turns.into_iter().map(|(_, place)| place).collect()
    }

    /// The places of all rules that look at events of a kind, in the order of their turns.
    pub(super) fn of_kind(&self, kind: EventKind) -> Vec<usize> {
        let Some(of_kind) = self.0.get(&kind) else { return Vec::new() };
        let by_value = of_kind.by_value.values().flat_map(HashMap::values).flatten();
        let mut turns: Vec<_> =
            by_value.chain(&of_kind.any).map(|candidate| candidate.turn).collect();
        turns.sort_unstable();
        turns.dedup();
        turns.into_iter().map(|(_, place)| place).collect()
    }
}

impl OfKind {
    fn insert(&mut self, turn: (i32, usize), required: &[Required]) {
        let Some((first, rest)) = required.split_first() else {
            return self.any.push(Candidate { turn, required: Vec::new() });
        };
        let by_value = self.by_value.entry(first.member).or_default();
        for value in &first.any {
            let candidate = Candidate { turn, required: rest.to_vec() };
            by_value.entry(value.clone()).or_default().push(candidate);
        }
    }
}
