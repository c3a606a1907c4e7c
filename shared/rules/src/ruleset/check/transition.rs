//! Whether a state may follow the one before it.

use super::compile::Testing;
use super::{Broken, Invalid};
use crate::condition::Said;
use crate::ruleset::RuleSet;
use crate::{Check, CheckRule, Otherwise, Transition};
use domain::{Classification, InboundEvent, Profile};
use identity::Group;
use serde_json::Value;
use std::collections::BTreeSet;

impl RuleSet {
    /// Judges the state that an event tells of an object by the one before it, in the order of the
    /// source's times, among the events that were applied to any of the customer's profiles.
    /// Returns the rules that it breaks and that flag it.
    ///
    /// What it returns hangs on what is known when the event comes. What is kept of the customer
    /// does not: an event that is applied tells its state all the same.
    ///
    /// # Errors
    /// The first rule that does not let it in. The state that lacks between the two may yet come.
    pub fn take_turn(
        &self,
        event: &InboundEvent,
        group: &Group,
    ) -> Result<BTreeSet<String>, Invalid> {
        let mut out_of_turn = BTreeSet::new();
        if self.echo(event).is_some() {
            return Ok(out_of_turn);
        }
        for (rule, transition, object, state) in self.states(event) {
            let profiles = std::iter::once(&group.root).chain(&group.members);
            let known = profiles.filter_map(|profile| profile.profile.states.get(&rule.name));
            let before = known.filter_map(|it| it.before(event.occurred_at, &event.id, &object));
            if may_follow(transition, before.max().map(|(_, state)| state), &state) {
                continue;
            }
            match rule.otherwise {
                Otherwise::Park => {
                    return Err(Invalid::new(&rule.name, &transition.state, Broken::OutOfTurn));
                }
                Otherwise::Flag => out_of_turn.insert(rule.name.clone()),
            };
        }
        Ok(out_of_turn)
    }

    /// Keeps what the event tells of objects' states.
    pub(in crate::ruleset) fn note_states(&self, profile: &mut Profile, said: Said<'_>) {
        let event = said.event;
        for (rule, _, object, state) in self.states(event) {
            let states = profile.states.entry(rule.name.clone()).or_default();
            states.record(event.occurred_at, &event.id, &object, &state);
        }
    }

    /// By rule, the object that the event tells of, with its state.
    fn states<'a>(
        &'a self,
        event: &'a InboundEvent,
    ) -> impl Iterator<Item = (&'a CheckRule, &'a Transition, String, String)> {
        let rules = self.config.validate.iter().zip(&self.checks);
        rules.filter_map(move |(rule, checking)| {
            let (Check::Transition(transition), Testing::Transition) =
                (&rule.check, &checking.testing)
            else {
                return None;
            };
            if !self.concerns(rule, checking, event) {
                return None;
            }
            let (object, state) = self.state(transition, event)?;
            Some((rule, transition, object, state))
        })
    }

    fn state(&self, transition: &Transition, event: &InboundEvent) -> Option<(String, String)> {
        let classification = Classification::default();
        let facts = super::event_facts(self, event, &classification);
        Some((name(facts.get(&transition.of))?, name(facts.get(&transition.state))?))
    }
}

/// An object without a name, or without a state, is none.
fn name(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The same state again is no transition.
fn may_follow(transition: &Transition, before: Option<&str>, state: &str) -> bool {
    let is_among = |states: &[String]| states.iter().any(|other| other == state);
    match before {
        None => transition.first.is_empty() || is_among(&transition.first),
        Some(before) => {
            before == state || transition.allowed.get(before).is_some_and(|next| is_among(next))
        }
    }
}
