//! What flows between the customer's data and the CRM, and in which direction.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

mod support;

use domain::{Action, EventKind, Fired, Tagged};
use rules::{Decision, RuleSet};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{at, event, rules, tagged};

const FIELDS: &str = "
fields:
  - { name: last_order, on: [order, contact], value: event.fields.number }
  - { name: city, on: [order, contact], value: event.fields.city }
";

fn with(sync: &str) -> RuleSet {
    rules(&format!("{FIELDS}\nsync: {{ {sync} }}"))
}

/// An event that tells both fields, as the customer's profile then stands.
fn told(rules: &RuleSet, kind: EventKind) -> Tagged {
    let mut event = event(kind, "A-1", 3);
    event.fields = [("number".into(), json!("A-1")), ("city".into(), json!("Berlin"))].into();
    let mut tagged = tagged(event);
    let classification = tagged.classification.clone();
    rules.apply(&mut tagged.customer, &tagged.event, &classification);
    tagged
}

fn decided(rules: &RuleSet, tagged: &Tagged) -> Decision {
    rules.decide(tagged, at(9), &Fired::default())
}

/// The values that flow to the CRM, and whether it was the CRM that told them.
fn flows(rules: &RuleSet, kind: EventKind) -> Option<(BTreeMap<String, Value>, bool)> {
    let decision = decided(rules, &told(rules, kind));
    assert_eq!(decision.refused, [], "no rule asked for it");
    decision.effects.into_iter().next().map(|effect| match effect.action {
        Action::CrmField { values, at: told, told_by_crm } => {
            assert_eq!((told, effect.rule.name.as_str()), (at(3), "fields"));
            (values, told_by_crm)
        }
        other => panic!("{}", other.name()),
    })
}

#[test]
fn a_field_flows_only_where_it_is_said_to() {
    let order = |sync: &str| flows(&with(sync), EventKind::Order);
    assert_eq!(order(""), None);
    assert_eq!(order("fields: { city: { to_crm: never } }"), None);
    assert_eq!(order("fields: { city: { from_crm: never } }"), None);
    let city = Some(([("city".to_owned(), json!("Berlin"))].into(), false));
    assert_eq!(order("fields: { city: { to_crm: realtime } }"), city);
    assert_eq!(order("fields: { city: { to_crm: { batch: 15m } } }"), city);
    let renamed = Some(([("x_city".to_owned(), json!("Berlin"))].into(), false));
    assert_eq!(order("fields: { city: { to_crm: realtime, crm_field: x_city } }"), renamed);
}

#[test]
fn only_what_this_event_told_flows() {
    let rules = with("fields: { city: { to_crm: realtime } }");
    let mut later = told(&rules, EventKind::Order);
    later.event = event(EventKind::Order, "A-2", 4);
    assert_eq!(decided(&rules, &later).effects, []);
}

#[test]
fn what_the_crm_told_is_remembered_and_not_written_back() {
    let rules = with("fields: { city: { to_crm: realtime } }");
    assert!(flows(&rules, EventKind::Contact).unwrap().1);
}

#[test]
fn what_never_comes_from_the_crm_does_not_reach_the_profile() {
    let rules = with("fields: { city: { from_crm: never } }");
    let fields = |kind| told(&rules, kind).customer.profile.fields.into_keys().collect::<Vec<_>>();
    assert_eq!(fields(EventKind::Contact), ["last_order"]);
    assert_eq!(fields(EventKind::Order), ["city", "last_order"]);
}

#[test]
fn what_never_flows_is_refused_to_rules() {
    for (sync, action) in [
        ("tags: { to_crm: never }", "crm.tag: { add: [vip] }"),
        ("notes: { to_crm: never }", "crm.note: { text: hi }"),
        ("tickets: { to_crm: never }", "crm.ticket: { title: t, text: t }"),
        ("tasks: { to_crm: never }", "crm.task: { title: t, text: t }"),
        ("fields: { city: { to_crm: never } }", "crm.field: { set: { city: Bonn } }"),
    ] {
        let rule = format!("triggers: [{{ name: rule, on: [order], actions: [{{ {action} }}] }}]");
        let rules = rules(&format!("{FIELDS}\nsync: {{ {sync} }}\n{rule}"));
        let decision = decided(&rules, &told(&rules, EventKind::Order));
        let codes: Vec<_> = decision.refused.iter().map(|r| r.reason.code.as_str()).collect();
        assert_eq!((decision.effects.len(), codes), (0, vec!["not_synced"]), "{sync}");
    }
}

#[test]
fn one_field_that_never_flows_takes_no_other_with_it() {
    let rule = "triggers: [{ name: rule, on: [order], actions: [{ crm.field: { set: { city: Bonn, zip: '53111' } } }] }]";
    let rules =
        rules(&format!("{FIELDS}\nsync: {{ fields: {{ city: {{ to_crm: never }} }} }}\n{rule}"));
    let decision = decided(&rules, &told(&rules, EventKind::Order));
    match &decision.effects[0].action {
        Action::CrmField { values, .. } => {
            assert_eq!(*values, [("zip".to_owned(), json!("53111"))].into());
        }
        other => panic!("{}", other.name()),
    }
}
