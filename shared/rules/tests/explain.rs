//! Why each rule fired or did not, and that deciding agrees.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::{Classification, EventKind, Fired, Firing, Tagged};
use proptest::prelude::*;
use rules::{Disclosure, RuleSet, RuleTrace, Verdict};
use serde_json::json;
use std::collections::BTreeSet;
use support::{at, event, phone, rules, tagged};

fn order() -> Tagged {
    let mut event = event(EventKind::Order, "A-1", 0);
    event.text = Some("it is broken".into());
    event.fields.insert("total".into(), json!(12));
    event.fields.insert("ship_to".into(), json!({"call": "0049 (151) 123-45678", "city": "Lab"}));
    event.handles = vec![phone()];
    tagged(event)
}

fn explain(rules: &RuleSet, fired: &Fired, disclosure: Disclosure) -> Vec<RuleTrace> {
    rules.explain(&order(), at(9), fired, disclosure)
}

#[test]
fn every_rule_of_the_kind_says_what_decided() {
    let rules = rules(
        r#"
triggers:
  - name: matches
    on: [order]
    when: event.topic == "shipped" && (event.fields.total > 100 || !(event.fields.total < 10))
    actions: [{ crm.note: { text: hi } }]
  - { name: other-topic, on: [order], when: event.topic == "paid", actions: [{ crm.note: { text: hi } }] }
  - { name: absent, on: [order], when: event.fields.colour > 3 || false, actions: [{ crm.note: { text: hi } }] }
  - { name: misfit, on: [order], when: event.topic > 3, actions: [{ crm.note: { text: hi } }] }
  - { name: excepted, on: [order], unless: event.kind == "order", actions: [{ crm.note: { text: hi } }] }
  - { name: late, on: [order], expires: 5s, actions: [{ crm.note: { text: hi } }] }
  - { name: resting, on: [order], cooldown: 1h, actions: [{ crm.note: { text: hi } }] }
  - { name: capped, on: [order], caps: [{ most: 1, per: 1h }], actions: [{ crm.note: { text: hi } }] }
  - { name: quiet, on: [order], quiet: { from: "08:00", to: "10:00" }, actions: [{ crm.note: { text: hi } }] }
  - { name: last, on: [order], priority: 1, stop: true, actions: [{ crm.note: { text: hi } }] }
  - { name: stopped, on: [order], priority: 2, actions: [{ crm.note: { text: hi } }] }
  - { name: of-calls, on: [call], actions: [{ crm.note: { text: hi } }] }
"#,
    );
    let firing = |rule: &str| Firing {
        rule: rule.into(),
        event: domain::EventId::new("shop", "A-0"),
        at: at(-60),
        forget_at: at(3_540),
    };
    let fired = [firing("resting"), firing("capped")].into_iter().collect();
    let traces = explain(&rules, &fired, Disclosure::Masked);
    insta::assert_json_snapshot!(traces);
}

#[test]
fn what_is_personal_is_shown_only_when_asked_for() {
    let rules = rules(
        r#"
triggers:
  - name: rule
    on: [order]
    when: >-
      event.text.contains("x") || customer.phone == null || event.fields.ship_to.call == "1"
      || event.fields.ship_to.city == "Lab"
    actions: [{ crm.note: { text: hi } }]
"#,
    );
    let reads = |disclosure| {
        let traces = explain(&rules, &Fired::default(), disclosure);
        json!(traces[0].when.as_ref().unwrap().reads)
    };
    assert_eq!(
        reads(Disclosure::Masked),
        json!({
            "customer.phone": "•••",
            "event.fields.ship_to.call": "•••",
            "event.fields.ship_to.city": "Lab",
            "event.text": "•••",
        })
    );
    assert_eq!(reads(Disclosure::Plain)["customer.phone"], phone().value);
    assert_eq!(reads(Disclosure::Plain)["event.text"], "it is broken");
}

#[test]
fn an_echo_is_named() {
    let rules = rules(
        r#"
echoes: [{ name: own, when: event.topic == "shipped" }]
triggers: [{ name: rule, on: [order], actions: [{ crm.note: { text: hi } }] }]
"#,
    );
    let traces = explain(&rules, &Fired::default(), Disclosure::Masked);
    assert_eq!(traces[0].verdict, Verdict::Echo { by: "own".into() });
}

/// A condition over members that the index knows, joined in every way.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["a", "b", "c"])
            .prop_map(|topic| format!("event.topic == \"{topic}\"")),
        prop::sample::select(vec!["a", "b"])
            .prop_map(|topic| format!("\"{topic}\" == event[\"topic\"]")),
        Just("event.topic in [\"a\", \"c\"]".to_owned()),
        Just("event.issue == \"quality\"".to_owned()),
        Just("event.issue != \"quality\"".to_owned()),
        Just("event.channel == \"email\"".to_owned()),
        Just("event.direction == \"inbound\"".to_owned()),
        Just("event.kind == \"call\"".to_owned()),
        Just("event.topic == event.channel".to_owned()),
        Just("event.topic > 3".to_owned()),
        Just("event.fields.absent > 3".to_owned()),
        Just("event.fields.absent".to_owned()),
        Just("1 / (size(event.topic) - 1) > 0".to_owned()),
        Just("[event.topic].exists(t, t == \"a\")".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            4 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            1 => inner.clone().prop_map(|a| format!("!({a})")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("({a} ? {b} : false)")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn looking_rules_up_decides_like_looking_at_all_of_them(
        conditions in prop::collection::vec((condition(), -1i32..2, any::<bool>()), 1..12),
        events in prop::collection::vec(
            (
                prop::sample::select(vec![EventKind::Call, EventKind::Message]),
                prop::sample::select(vec!["a", "b", "c", "email"]),
                prop::sample::select(vec!["email", "a"]),
                prop::sample::select(vec![None, Some("quality"), Some("invoice")]),
            ),
            1..6,
        ),
    ) {
        let triggers: Vec<_> = conditions.iter().enumerate().map(|(index, (when, priority, stop))| {
            json!({
                "name": format!("r{index}"), "on": ["call", "message"], "when": when,
                "priority": priority, "stop": *stop && index % 4 == 0,
                "actions": [{"crm.note": {"text": "hi"}}],
            })
        }).collect();
        let issues = r#"{"issues": [{"name": "quality", "any": ["x"]}, {"name": "invoice", "any": ["y"]}]}"#;
        let rules = rules(&format!("classify: {issues}\ntriggers: {}\n", json!(triggers)));
        for (kind, topic, channel, issue) in events {
            let mut event = event(kind, "1", 0);
            (event.topic, event.channel) = (topic.into(), channel.into());
            let mut tagged = tagged(event);
            tagged.classification = Classification { issue: issue.map(Into::into), mood: None };
            let decision = rules.decide(&tagged, at(9), &Fired::default());
            let traces = rules.explain(&tagged, at(9), &Fired::default(), Disclosure::Plain);
            let names = |pick: fn(&Verdict) -> bool| -> Vec<&str> {
                traces.iter().filter(|it| pick(&it.verdict)).map(|it| it.rule.name.as_str()).collect()
            };
            let fired: Vec<_> = decision.effects.iter().map(|it| it.rule.name.as_str()).collect();
            prop_assert_eq!(fired, names(|it| matches!(it, Verdict::Fires { .. })));
            let failed: Vec<_> = decision.refused.iter().map(|it| it.rule.name.as_str()).collect();
            prop_assert_eq!(failed, names(|it| matches!(it, Verdict::Failed { .. })));
            let all: BTreeSet<_> = traces.iter().map(|it| it.rule.name.as_str()).collect();
            prop_assert_eq!(all.len(), conditions.len());
        }
    }
}
