//! What an event makes of its customer.

use super::RuleSet;
use super::tag::{Condition, Moment, moments};
use crate::TagRule;
use crate::condition::Said;
use domain::{
    Classification, Customer, Dated, EventKind, InboundEvent, Profile, RuleRef, Tag, TagChange,
};
use jiff::SignedDuration;
use std::collections::BTreeMap;

impl RuleSet {
    /// Applies the event to the customer's profile, with the tags that this set or took away.
    ///
    /// The profile that results is a function of the set of events applied: neither their order
    /// nor a repetition changes it, as long as no counter overflows ([`domain::Counter::MOST`])
    /// and none is later than the counters remember: twice their window, at least.
    ///
    /// "Now" is the newest time known of the customer, not the clock's: a tag falls off at the
    /// first event after its time, for a synced tag a timer's ring at the latest.
    pub fn apply(
        &self,
        customer: &mut Customer,
        event: &InboundEvent,
        classification: &Classification,
    ) -> Vec<TagChange> {
        if self.echo(event).is_some() {
            return Vec::new();
        }
        let said = Said { event, classification };
        if event.kind == EventKind::Timer {
            customer.profile.ring(&event.topic, event.occurred_at, &event.id);
        } else {
            customer.profile.see(event.occurred_at, &event.id);
        }
        self.count(&mut customer.profile, said);
        self.measure(&mut customer.profile, said);
        self.tell(&mut customer.profile, said);
        self.note_states(&mut customer.profile, said);
        self.lift(&mut customer.profile, said);
        let tags = self.tags(customer, Some(said));
        let before = std::mem::replace(&mut customer.profile.tags, tags);
        self.changes(&before, &customer.profile.tags)
    }

    fn count(&self, profile: &mut Profile, said: Said<'_>) {
        let facts = self.facts(Some(said), None, said.event.occurred_at);
        let newest = profile.last_seen.unwrap_or(said.event.occurred_at);
        for (rule, counting) in self.counted.iter().zip(&self.counters) {
            if self.evaluator.holds(&counting.when, &facts).unwrap_or(false) {
                let counter = profile.counters.entry(rule.name.clone()).or_default();
                counter.record(said.event.occurred_at, &said.event.id);
            }
            if let (Some(counter), Some(horizon)) =
                (profile.counters.get_mut(&rule.name), counting.horizon)
            {
                counter.forget_before(newest, horizon);
            }
        }
        profile.counters.retain(|_, counter| !counter.is_empty());
    }

    fn tell(&self, profile: &mut Profile, said: Said<'_>) {
        let facts = self.facts(Some(said), None, said.event.occurred_at);
        for (rule, value) in self.config.fields.iter().zip(&self.fields) {
            let kind = said.event.kind;
            if !rule.on.contains(&kind) || !self.hears(&rule.name, kind) {
                continue;
            }
            if let Ok(Some(value)) = self.evaluator.value(value, &facts) {
                let (at, by) = (said.event.occurred_at, said.event.id.clone());
                let source = said.event.source.clone();
                profile.set_field(&rule.name, Dated { value, at, source, by });
            }
        }
    }

    /// Notes which tags the event takes away: a late event must not set them again.
    fn lift(&self, profile: &mut Profile, said: Said<'_>) {
        let facts = self.facts(Some(said), None, said.event.occurred_at);
        let this = (said.event.occurred_at, said.event.id.clone());
        for (rule, compiled) in self.config.tags.iter().zip(&self.tags) {
            let Some(remove_when) = &compiled.remove_when else { continue };
            if self.evaluator.holds(remove_when, &facts).unwrap_or(false) {
                let lifted =
                    profile.lifted.entry(rule.name.clone()).or_insert_with(|| this.clone());
                *lifted = (*lifted).clone().max(this.clone());
            }
        }
    }

    /// The customer's tags; `said` is the event that comes in addition, where one does.
    pub(super) fn tags(
        &self,
        customer: &Customer,
        said: Option<Said<'_>>,
    ) -> BTreeMap<String, Tag> {
        let profile = &customer.profile;
        let this = said.map(|said| (said.event.occurred_at, said.event.id.clone()));
        let Some(newest) = profile.newest().or_else(|| this.clone()) else {
            return BTreeMap::new();
        };
        let mut tags = BTreeMap::new();
        for (rule, compiled) in self.config.tags.iter().zip(&self.tags) {
            let lifted = profile.lifted.get(&rule.name);
            let lasting = rule.lasting.map(SignedDuration::from);
            let since = match &compiled.condition {
                Condition::Event(when) => {
                    let set = said.is_some_and(|said| {
                        let facts = self.facts(Some(said), None, said.event.occurred_at);
                        self.evaluator.holds(when, &facts).unwrap_or(false)
                    });
                    let known = profile.tags.get(&rule.name);
                    let known = known.map(|tag| (tag.since, tag.event.clone()));
                    known.max(this.clone().filter(|_| set))
                }
                Condition::Customer { when, reads } => {
                    let mut moments = moments(profile, &newest, lasting, reads);
                    moments.retain(|moment| lifted.is_none_or(|lifted| moment > lifted));
                    self.held_at(when, customer, moments)
                }
            };
            let since = since.filter(|since| lifted.is_none_or(|lifted| since > lifted));
            if let Some(tag) = since.and_then(|since| borne(rule, since, &newest)) {
                tags.insert(rule.name.clone(), tag);
            }
        }
        tags
    }

    pub(super) fn changes(
        &self,
        before: &BTreeMap<String, Tag>,
        after: &BTreeMap<String, Tag>,
    ) -> Vec<TagChange> {
        let change = |tag: &str, rule: &str, until, added| TagChange {
            tag: tag.to_owned(),
            added,
            rule: RuleRef { name: rule.to_owned(), config_version: self.version },
            until,
        };
        let set = after.iter().filter(|(name, _)| !before.contains_key(*name));
        let gone = before.iter().filter(|(name, _)| !after.contains_key(*name));
        set.map(|(name, tag)| change(name, &tag.rule, tag.until, true))
            .chain(gone.map(|(name, tag)| change(name, &tag.rule, None, false)))
            .collect()
    }
}

/// The tag, unless it has fallen off by the newest time known.
fn borne(rule: &TagRule, (since, event): Moment, newest: &Moment) -> Option<Tag> {
    let until = match rule.lasting {
        Some(lasting) => Some(since.checked_add(SignedDuration::from(lasting)).ok()?),
        None => None,
    };
    if until.is_some_and(|until| until <= newest.0) {
        return None;
    }
    Some(Tag { since, until, rule: rule.name.clone(), event })
}
