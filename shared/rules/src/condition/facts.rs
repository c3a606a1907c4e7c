//! What a rule can see, member by member.

use super::vocabulary::{CUSTOMER, EVENT, Type};
use crate::CounterRule;
use domain::{Classification, Customer, HandleKey, HandleKind, InboundEvent};
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
    /// The company's name.
    pub(crate) company: &'a str,
}

impl Facts<'_> {
    /// What `path` leads to; null where that is absent.
    pub(crate) fn get(&self, path: &str) -> Value {
        let mut segments = path.splitn(3, '.');
        let (root, member, rest) = (segments.next(), segments.next(), segments.next());
        let value = match (root, member) {
            (Some("now"), None) => json!(self.as_of.as_second()),
            (Some("company"), Some("name")) => json!(self.company),
            (Some("event"), None) => members(&EVENT, |member| self.of_event(member)),
            (Some("customer"), None) => members(&CUSTOMER, |member| self.of_customer(member)),
            (Some("company"), None) => json!({ "name": self.company }),
            (Some("event"), Some(member)) => self.of_event(member),
            (Some("customer"), Some(member)) => self.of_customer(member),
            _ => Value::Null,
        };
        match rest {
            None => value,
            Some(rest) => descend(value, rest),
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
            "counts" => {
                let count = |rule: &CounterRule| {
                    let counter = profile.counters.get(&rule.name);
                    counter.map_or(0, |counter| counter.count(self.as_of, rule.window.into()))
                };
                let counts =
                    self.counters.iter().map(|rule| (rule.name.clone(), json!(count(rule))));
                Value::Object(counts.collect::<Map<_, _>>())
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

/// Follows a dotted path into an object; a key may hold dots itself.
fn descend(value: Value, path: &str) -> Value {
    let Value::Object(mut members) = value else { return Value::Null };
    if let Some(member) = members.remove(path) {
        return member;
    }
    match path.split_once('.') {
        Some((first, rest)) => descend(members.remove(first).unwrap_or_default(), rest),
        None => Value::Null,
    }
}
