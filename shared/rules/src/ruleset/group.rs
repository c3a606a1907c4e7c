//! What several profiles are together.

use super::RuleSet;
use crate::FieldMerge;
use crate::condition::Said;
use domain::{Classification, Customer, Dated, InboundEvent, Profile, Tag, TagChange};
use identity::Group;
use serde_json::Value;
use std::collections::BTreeMap;

/// A customer as an event left them.
#[derive(Clone, PartialEq, Debug)]
pub struct Regarded {
    /// The profile that the event belongs to: what it would be if it had never been merged.
    pub home: Customer,
    /// The customer, all profiles together.
    pub customer: Customer,
    /// The tags that the event set or took away from the customer.
    pub tags: Vec<TagChange>,
}

impl RuleSet {
    /// Applies an event to a profile of the group, and tells what the customer is by it.
    ///
    /// A profile takes in its own events alone, so that no merge has to be undone in it. The
    /// customer is a function of the profiles, and so of the set of events.
    pub fn regard(
        &self,
        mut home: Customer,
        group: &Group,
        event: &InboundEvent,
        classification: &Classification,
    ) -> Regarded {
        if self.echo(event).is_some() {
            return Regarded { home, customer: self.combine(group), tags: Vec::new() };
        }
        let told = told(group);
        let own = self.apply(&mut home, event, classification);
        if group.members.is_empty() && group.root.joint_tags.is_none() {
            return Regarded { customer: home.clone(), home, tags: own };
        }
        let after =
            |each| if each == &home.id { &home } else { group.profile(each).unwrap_or(&home) };
        let members = group.members.iter().map(|member| after(&member.id)).collect::<Vec<_>>();
        let mut customer = self.together(after(group.id()), &members);
        customer.profile.tags = self.tags(&customer, Some(Said { event, classification }));
        let tags = self.changes(&told, &customer.profile.tags);
        Regarded { home, customer, tags }
    }

    /// The customer that the profiles of a group make, as of the last event.
    #[must_use]
    pub fn combine(&self, group: &Group) -> Customer {
        if group.members.is_empty() {
            return group.root.clone();
        }
        let mut customer = self.together(&group.root, &group.members.iter().collect::<Vec<_>>());
        if let Some(tags) = &group.root.joint_tags {
            customer.profile.tags.clone_from(tags);
        }
        customer
    }

    /// The profiles as one. Its tags are those of any of them.
    pub(super) fn together(&self, root: &Customer, members: &[&Customer]) -> Customer {
        let mut customer = root.clone();
        for each in members {
            customer.handles.extend(each.handles.iter().map(|(key, held)| (key.clone(), *held)));
            customer.crm = customer.crm.or_else(|| each.crm.clone());
            absorb(&mut customer.profile, &each.profile);
        }
        let profiles = std::iter::once(root).chain(members.iter().copied());
        customer.profile.fields = self.fields_of(profiles);
        customer
    }

    fn fields_of<'p>(
        &self,
        profiles: impl Iterator<Item = &'p Customer>,
    ) -> BTreeMap<String, Dated<Value>> {
        let mut values: BTreeMap<&String, Vec<&Dated<Value>>> = BTreeMap::new();
        for (name, dated) in profiles.flat_map(|profile| &profile.profile.fields) {
            values.entry(name).or_default().push(dated);
        }
        let mut fields = BTreeMap::new();
        for (name, mut dated) in values {
            dated.sort_by(|a, b| (a.at, &a.by).cmp(&(b.at, &b.by)));
            let rule = self.config.fields.iter().find(|rule| rule.name == *name);
            let merge = rule.map_or(&FieldMerge::Newest, |rule| &rule.merge);
            if let Some(value) = merged(merge, &dated) {
                fields.insert(name.clone(), value);
            }
        }
        fields
    }
}

/// The tags that the CRM, and whoever else, was told last.
pub(super) fn told(group: &Group) -> BTreeMap<String, Tag> {
    match &group.root.joint_tags {
        Some(tags) => tags.clone(),
        None => group.recorded().profile.tags.clone(),
    }
}

fn absorb(into: &mut Profile, other: &Profile) {
    for (name, counter) in &other.counters {
        into.counters.entry(name.clone()).or_default().absorb(counter);
    }
    for (name, series) in &other.facts {
        into.facts.entry(name.clone()).or_default().absorb(series);
    }
    for (name, tag) in &other.tags {
        let newer = into
            .tags
            .get(name)
            .is_none_or(|known| (tag.since, &tag.event) > (known.since, &known.event));
        if newer {
            into.tags.insert(name.clone(), tag.clone());
        }
    }
    for (name, lifted) in &other.lifted {
        let newest = into.lifted.entry(name.clone()).or_insert_with(|| lifted.clone());
        *newest = (*newest).clone().max(lifted.clone());
    }
    for (timer, (due, event)) in &other.rung {
        into.ring(timer, *due, event);
    }
    for (rule, states) in &other.states {
        into.states.entry(rule.clone()).or_default().absorb(states);
    }
    if let Some((at, event)) = other.heard() {
        into.see(at, &event);
    }
}

/// The value that counts among these, which are in the order of their times.
fn merged(merge: &FieldMerge, values: &[&Dated<Value>]) -> Option<Dated<Value>> {
    let newest = *values.last()?;
    let saying = |yes: bool| values.iter().rev().find(|dated| dated.value == Value::Bool(yes));
    let chosen = match merge {
        FieldMerge::Newest => newest,
        FieldMerge::NonEmpty => {
            values.iter().rev().find(|dated| !is_empty(&dated.value)).unwrap_or(&newest)
        }
        FieldMerge::Sources(order) => {
            let place = |dated: &&&Dated<Value>| {
                order.iter().position(|source| *source == dated.source).unwrap_or(usize::MAX)
            };
            values.iter().rev().min_by_key(place).unwrap_or(&newest)
        }
        FieldMerge::AnyTrue => saying(true).unwrap_or(&newest),
        FieldMerge::AllTrue => saying(false).unwrap_or(&newest),
        FieldMerge::Union => {
            return Some(Dated { value: Value::Array(union(values)), ..newest.clone() });
        }
    };
    Some((*chosen).clone())
}

fn union(values: &[&Dated<Value>]) -> Vec<Value> {
    let mut all = Vec::new();
    for dated in values {
        let each = dated.value.as_array().map_or(std::slice::from_ref(&dated.value), Vec::as_slice);
        for value in each {
            if !all.contains(value) {
                all.push(value.clone());
            }
        }
    }
    all
}

/// Whether a value tells nothing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
