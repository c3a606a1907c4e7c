//! Owners, days and fields: what actions write into the CRM.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

mod support;

use domain::{Action, EventKind, Fired, Tagged};
use jiff::civil::date;
use proptest::prelude::*;
use rules::RuleSet;
use serde_json::json;
use std::collections::BTreeMap;
use support::{at, event, rules, tagged};

const STAFF: &str = r#"
agents:
  - { name: Anna, skills: [quality] }
  - { name: Ben, skills: [quality, refund], available: { from: "09:00", to: "17:00" } }
  - { name: Cleo, skills: [quality], available: { from: "22:00", to: "06:00" } }
"#;

fn acting(action: &str) -> RuleSet {
    rules(&format!("{STAFF}\ntriggers: [{{ name: rule, on: [order], actions: [{action}] }}]"))
}

/// What the rules do about the order of this number, and why not.
fn about(rules: &RuleSet, order: &Tagged) -> Result<Action, String> {
    let mut decision = rules.decide(order, at(9), &Fired::default());
    match decision.effects.pop() {
        Some(effect) => Ok(effect.action),
        None => Err(decision.refused.pop().unwrap().reason.code),
    }
}

/// Order number `number`, so many seconds after 09:00 in Berlin.
fn order(number: usize, second: i64) -> Tagged {
    let mut order = event(EventKind::Order, &format!("A-{number}"), second);
    order.fields =
        [("tracking".into(), json!("SF-1")), ("until".into(), json!("2027-01-31"))].into();
    tagged(order)
}

fn owner(rules: &RuleSet, order: &Tagged) -> String {
    match about(rules, order).unwrap() {
        Action::CrmTask { owner, .. } | Action::CrmTicket { owner, .. } => owner.unwrap(),
        other => panic!("{}", other.name()),
    }
}

/// How often each is chosen of 300 times.
fn shares(rules: &RuleSet, second: i64) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for number in 0..300 {
        *shares.entry(owner(rules, &order(number, second))).or_default() += 1;
    }
    shares
}

#[test]
fn each_of_several_gets_a_share() {
    for action in ["crm.ticket", "crm.task"] {
        let rules = acting(&format!(
            "{{ {action}: {{ title: t, text: t, owner: {{ round_robin: [Anna, Ben, Cleo] }} }} }}"
        ));
        let shares = shares(&rules, 0);
        assert_eq!(shares.len(), 3);
        assert!(shares.values().all(|share| (60..=140).contains(share)), "{shares:?}");
    }
}

proptest! {
    #[test]
    fn a_replay_chooses_the_same_one(number in 0usize..10_000, later in 1i64..1_000_000) {
        let rules =
            acting("{ crm.task: { title: t, text: t, owner: { round_robin: [Anna, Ben, Cleo] } } }");
        let order = order(number, 0);
        let decide = |now| rules.decide(&order, at(now), &Fired::default()).effects[0].action.clone();
        prop_assert_eq!(decide(9), decide(9 + later));
    }
}

#[test]
fn a_skill_leads_to_those_who_have_it_and_are_at_work() {
    let rules = acting("{ crm.task: { title: t, text: t, owner: { skill: quality } } }");
    let names = |second| shares(&rules, second).into_keys().collect::<Vec<_>>();
    assert_eq!(names(0), ["Anna", "Ben"], "09:00");
    assert_eq!(names(8 * 3600 - 1), ["Anna", "Ben"], "16:59:59");
    assert_eq!(names(8 * 3600), ["Anna"], "17:00");
    assert_eq!(names(13 * 3600), ["Anna", "Cleo"], "22:00");
    assert_eq!(names(21 * 3600), ["Anna"], "06:00");
    let rules = acting("{ crm.ticket: { title: t, text: t, owner: { skill: refund } } }");
    assert_eq!(owner(&rules, &order(1, 13 * 3600)), "Ben", "nobody else can, so he finds it there");
}

#[test]
fn a_task_is_due_after_a_time_or_on_a_day() {
    let due = |due: &str, second| {
        let rules = acting(&format!("{{ crm.task: {{ title: t, text: t, due: {due} }} }}"));
        about(&rules, &order(1, second)).map(|action| match action {
            Action::CrmTask { due, .. } => due,
            other => panic!("{}", other.name()),
        })
    };
    assert_eq!(due("2d", 0).unwrap(), Some(date(2026, 11, 24)));
    assert_eq!(due("2d", 15 * 3600).unwrap(), Some(date(2026, 11, 25)), "past midnight in Berlin");
    assert_eq!(due("2027-01-31", 0).unwrap(), Some(date(2027, 1, 31)));
    assert_eq!(due("'{{ order.until }}'", 0).unwrap(), Some(date(2027, 1, 31)));
    assert_eq!(due("'{{ order.tracking }}'", 0).unwrap_err(), "bad_day");
}

#[test]
fn fields_are_filled_in_by_text_and_by_expression() {
    let rules = acting(
        r#"{ crm.field: { set: {
            website: "https://shop.example.com/{{ order.tracking }}",
            orders: { value: "size(event.fields)" },
            known: { value: customer.crm } } } }"#,
    );
    let Action::CrmField { values, at: told, told_by_crm } = about(&rules, &order(1, 7)).unwrap()
    else {
        panic!("another action")
    };
    let expected = [
        ("website".into(), json!("https://shop.example.com/SF-1")),
        ("orders".into(), json!(2)),
        ("known".into(), json!(false)),
    ];
    assert_eq!((values, told, told_by_crm), (expected.into(), at(7), false));
    let absent = acting("{ crm.field: { set: { a: { value: order.carrier } } } }");
    assert_eq!(about(&absent, &order(1, 7)).unwrap_err(), "no_value");
}
