//! What a rule can see, member by member.

use super::measure::measure;
use super::subject::subject;
use super::vocabulary::{CUSTOMER, EVENT, SUBJECTS, Type};
use crate::{CounterRule, FactRule};
use domain::{Classification, Customer, HandleKey, HandleKind, InboundEvent, Profile};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// An event with what its words tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) event: &'a InboundEvent,
    pub(crate) classification: &'a Classification,
}

/// What a rule can see. What it may not see is absent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// The event, unless the rule is about the customer alone.
    pub(crate) said: Option<Said<'a>>,
    /// The customer, unless the rule is about the event alone.
    pub(crate) customer: Option<&'a Customer>,
    /// The end of every counter's window, and `now`: a time of the event's or the customer's,
    /// never the clock's, so that a replay sees the same.
    pub(crate) as_of: Timestamp,
    /// The counters to show.
    pub(crate) counters: &'a [CounterRule],
    /// The other facts to show.
    pub(crate) measures: &'a [FactRule],
    /// The company's name.
    pub(crate) company: &'a str,
}

impl Facts<'_> {
    /// What `path` leads to; null where that is absent.
    pub(crate) fn get(&self, path: &str) -> Value {
        let mut segments = path.splitn(3, '.');
        let (root, member, rest) = (segments.next(), segments.next(), segments.next());
        match (root, member, rest) {
            (Some("now"), None, None) => json!(self.as_of.as_second()),
            (Some("company"), None, None) => json!({ "name": self.company }),
            (Some("company"), Some("name"), None) => json!(self.company),
            (Some("event"), None, None) => members(&EVENT, |member| self.of_event(member)),
            (Some("event"), Some(member), None) => self.of_event(member),
            (Some("event"), Some("fields"), Some(rest)) => self
                .said
                .map_or(Value::Null, |said| within(rest, |name| said.event.fields.get(name))),
            (Some("customer"), None, None) => members(&CUSTOMER, |member| self.of_customer(member)),
            (Some("customer"), Some(member), None) => self.of_customer(member),
            (Some("customer"), Some(member), Some(rest)) => self.told(member, rest),
            (Some(root), None, None) if SUBJECTS.contains(&root) => self.subject(root),
            (Some(root), Some(_), _) if SUBJECTS.contains(&root) => {
                let path = path.get(root.len() + 1..).unwrap_or_default();
                descend(&self.subject(root), path).cloned().unwrap_or_default()
            }
            _ => Value::Null,
        }
    }

    fn subject(&self, root: &str) -> Value {
        self.said.map_or(Value::Null, |said| subject(said.event, root))
    }

    /// One of the customer's counts, facts or fields.
    fn told(&self, member: &str, name: &str) -> Value {
        let Some(Customer { profile, .. }) = self.customer else { return Value::Null };
        match member {
            "fields" => within(name, |name| profile.fields.get(name).map(|dated| &dated.value)),
            "counts" | "facts" => {
                if let Some(rule) = self.counters.iter().find(|rule| rule.name == name) {
                    return json!(self.count(profile, rule));
                }
                let rule = self.measures.iter().find(|rule| rule.name == name);
                let rule = rule.filter(|_| member == "facts");
                rule.map_or(Value::Null, |rule| measure(rule, profile.facts.get(name), self.as_of))
            }
            _ => Value::Null,
        }
    }

    fn of_event(&self, member: &str) -> Value {
        let Some(Said { event, classification }) = self.said else { return Value::Null };
        match member {
            "id" => json!(event.id),
            "source" => json!(event.source),
            "channel" => json!(event.channel),
            "kind" => json!(event.kind),
            "topic" => json!(event.topic),
            "direction" => json!(event.direction),
            "text" => json!(event.text),
            "duration" => json!(event.duration_s),
            "issue" => json!(classification.issue),
            "mood" => json!(classification.mood),
            "occurred_at" => json!(event.occurred_at.as_second()),
            "interaction" => json!(event.kind.is_interaction()),
            // What is kept of a customer is made of events alone, and must not see what hangs on
            // the order in which they came.
            "flags" if self.customer.is_none() => json!(event.checks.flags),
            "flags" => json!(event.checks.broken()),
            "fields" => {
                let known = event.fields.iter().filter(|(_, value)| !value.is_null());
                known.map(|(name, value)| (name.clone(), value.clone())).collect()
            }
            _ => Value::Null,
        }
    }

    fn of_customer(&self, member: &str) -> Value {
        let Some(customer) = self.customer else { return Value::Null };
        let profile = &customer.profile;
        match member {
            "id" => json!(customer.id),
            "tags" => {
                let borne = profile.tags.iter().filter(|(_, tag)| self.borne(tag.until));
                borne.map(|(name, _)| name.as_str()).collect()
            }
            "counts" => Value::Object(self.counts(profile)),
            "facts" => {
                let measured = self.measures.iter().map(|rule| {
                    let series = profile.facts.get(&rule.name);
                    (rule.name.clone(), measure(rule, series, self.as_of))
                });
                let known = measured.filter(|(_, value)| !value.is_null());
                Value::Object(self.counts(profile).into_iter().chain(known).collect())
            }
            "fields" => {
                let known = profile.fields.iter().filter(|(_, dated)| !dated.value.is_null());
                known.map(|(name, dated)| (name.clone(), dated.value.clone())).collect()
            }
            "crm" => json!(customer.crm.is_some()),
            "phone" => json!(first(customer, HandleKind::Phone)),
            "email" => json!(first(customer, HandleKind::Email)),
            _ => Value::Null,
        }
    }

    fn counts(&self, profile: &Profile) -> Map<String, Value> {
        let counters = self.counters.iter();
        counters.map(|rule| (rule.name.clone(), json!(self.count(profile, rule)))).collect()
    }

    fn count(&self, profile: &Profile, rule: &CounterRule) -> usize {
        let counter = profile.counters.get(&rule.name);
        counter.map_or(0, |counter| counter.count(self.as_of, rule.window.into()))
    }

    fn borne(&self, until: Option<Timestamp>) -> bool {
        until.is_none_or(|until| until > self.as_of)
    }
}

/// All members of a root, for `event["topic"]`.
fn members(names: &[(&str, Type)], value: impl Fn(&str) -> Value) -> Value {
    names.iter().map(|(name, _)| ((*name).to_owned(), value(name))).collect()
}

/// The value of the customer's first handle of a kind.
fn first(customer: &Customer, kind: HandleKind) -> Option<&str> {
    customer.handles.keys().find(|handle| handle.kind() == Some(kind)).map(HandleKey::value)
}

/// What a dotted path leads to, from a member that `get` knows. A key may hold dots itself.
fn within<'v>(path: &str, get: impl Fn(&str) -> Option<&'v Value>) -> Value {
    if let Some(value) = get(path) {
        return value.clone();
    }
    let found = path.split_once('.').and_then(|(first, rest)| descend(get(first)?, rest));
    found.cloned().unwrap_or_default()
}

fn descend<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    members.get(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        descend(members.get(first)?, rest)
    })
}
