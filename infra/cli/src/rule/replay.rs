//! What a configuration makes of a customer's history.

use super::checked::checked;
use super::history::History;
use domain::{Action, EventId, Fired, InboundEvent, Tagged};
use identity::Group;
use jiff::Timestamp;
use rules::{Decision, Regarded, RuleSet};
use std::collections::BTreeMap;

/// What the rules would have made of one event.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Happened {
    pub(super) event: EventId,
    pub(super) occurred_at: Timestamp,
    /// By rule, what it would have set off.
    pub(super) fired: BTreeMap<String, Vec<(Action, Option<Timestamp>)>>,
    /// By rule, how many times it, or an action of it, would have been refused.
    pub(super) refused: BTreeMap<String, usize>,
}

/// Applies every event, and decides about those that occurred at `from` or later; of the earlier
/// ones, too, the firings count against limits.
pub(super) fn replay(rules: &RuleSet, history: &History, from: Timestamp) -> Vec<Happened> {
    let (mut group, mut fired) = (history.group.clone(), Fired::default());
    let mut happened = Vec::new();
    for entry in &history.entries {
        if group.profile(&entry.tagged.home).is_none() {
            continue;
        }
        let mut event = entry.tagged.event.clone();
        let checked = checked(rules, &mut event, &group);
        let mut decision = Decision::default();
        if checked.passed
            && let Some(tagged) = tagged(rules, &mut group, &event, entry)
        {
            decision = rules.decide(&tagged, event.received_at, &fired);
            decision.firings.iter().for_each(|firing| fired.record(firing));
        }
        if entry.tagged.event.occurred_at >= from {
            let mut happened_then = Happened::new(&entry.tagged.event, decision);
            happened_then.fired.extend(checked.found.into_iter().map(|found| (found, Vec::new())));
            happened.push(happened_then);
        }
    }
    happened
}

/// The customer as the event leaves them. None where the event is of no profile of the customer.
fn tagged(
    rules: &RuleSet,
    group: &mut Group,
    event: &InboundEvent,
    entry: &state::TimelineEntry,
) -> Option<Tagged> {
    let home = group.profile(&entry.tagged.home)?.clone();
    let classification = rules.classify(event);
    let Regarded { home, customer, tags } = rules.regard(home, group, event, &classification);
    if !group.members.is_empty() {
        group.root.joint_tags = Some(customer.profile.tags.clone());
    }
    let profiles = std::iter::once(&mut group.root).chain(&mut group.members);
    for profile in profiles.filter(|profile| profile.id == home.id) {
        profile.profile.clone_from(&home.profile);
    }
    Some(Tagged { event: event.clone(), customer, home: home.id, classification, tags })
}

impl Happened {
    fn new(event: &InboundEvent, decision: Decision) -> Self {
        let mut fired: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for effect in decision.effects {
            fired.entry(effect.rule.name).or_default().push((effect.action, effect.not_before));
        }
        let mut refused = BTreeMap::new();
        for refusal in decision.refused {
            *refused.entry(refusal.rule.name).or_default() += 1;
        }
        Self { event: event.id.clone(), occurred_at: event.occurred_at, fired, refused }
    }
}
