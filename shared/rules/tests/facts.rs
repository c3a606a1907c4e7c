//! Facts are what their definition says of the set of events, in whatever order they arrive.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod support;

use domain::{Customer, CustomerId, EventKind, Fired, InboundEvent, Series, Tagged};
use identity::Group;
use proptest::prelude::*;
use rules::RuleSet;
use serde_json::{Value, json};
use std::sync::LazyLock;
use support::{at, customer, event, rules, tagged};

const DAY: i64 = 86_400;

/// What the rules below look at.
const FACTS: &str = r#"
counters:
  - { name: orders_30d, when: 'event.kind == "order"', window: 30d }
facts:
  - { name: calls_7d, of: count, when: 'event.kind == "call"', window: 7d }
  - { name: spent_30d, of: sum, value: event.fields.total, when: 'event.kind == "order"', window: 30d }
  - { name: talked_7d, of: duration, when: 'event.kind == "call"', window: 7d }
  - { name: first_sku, of: first, value: event.fields.sku, when: 'event.kind == "order"', window: 366d }
  - { name: last_sku, of: last, value: event.fields.sku, when: 'event.kind == "order"', window: 30d }
  - { name: skus, of: distinct, value: event.fields.sku, when: 'event.kind == "order"', window: 30d }
  - { name: first_call, of: first, when: 'event.kind == "call"', window: 366d }
"#;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let tags = r#"
tags:
  - { name: big_spender, when: customer.facts.spent_30d >= 50, for: 60d }
  - { name: collector, when: 'size(customer.facts.skus) >= 3 && "A" in customer.facts.skus', for: 10d }
"#;
    rules(&format!("{FACTS}{tags}"))
});

fn apply(mut customer: Customer, events: &[InboundEvent]) -> Customer {
    for event in events {
        RULES.apply(&mut customer, event, &RULES.classify(event));
    }
    customer
}

/// What conditions and templates see, as of the event's time.
fn seen(customer: Customer, now: i64) -> Value {
    let show = r#"
triggers:
  - { name: show, on: [device], when: 'customer.facts.orders_30d >= 0 && customer.facts.calls_7d >= 0 && customer.facts.spent_30d >= 0 && customer.facts.talked_7d >= 0 && customer.facts.first_sku == null && customer.facts.last_sku == null && customer.facts.skus == [] && customer.facts.first_call == null', actions: [{ crm.note: { text: "{{ customer.facts.spent_30d }}" } }] }
"#;
    let rules = rules(&format!("{FACTS}{show}"));
    let tagged = Tagged { customer, ..tagged(event(EventKind::Device, "show", now)) };
    let traces = rules.explain(&tagged, at(now), &Fired::default(), rules::Disclosure::Plain);
    json!(traces[0].when.as_ref().unwrap().reads)
}

fn order(key: &str, day: i64, total: &Value, sku: &str) -> InboundEvent {
    let mut event = event(EventKind::Order, key, day * DAY);
    event.fields = [("total".into(), total.clone()), ("sku".into(), sku.into())].into();
    event
}

fn call(key: &str, day: i64, seconds: Option<u32>) -> InboundEvent {
    InboundEvent { duration_s: seconds, ..event(EventKind::Call, key, day * DAY) }
}

#[test]
fn each_measure_says_what_its_window_holds() {
    let events = [
        order("1", 0, &json!(100), "Z"),
        order("2", 20, &json!(12.1), "B"),
        order("3", 25, &json!("0.2"), "A"),
        order("4", 26, &json!("a lot"), "B"),
        call("5", 1, Some(60)),
        call("6", 28, Some(30)),
        call("7", 29, None),
    ];
    assert_eq!(
        seen(apply(customer(), &events), 31 * DAY),
        json!({
            "customer.facts.orders_30d": 3,
            "customer.facts.calls_7d": 2,
            "customer.facts.spent_30d": 12.3,
            "customer.facts.talked_7d": 30,
            "customer.facts.first_sku": "Z",
            "customer.facts.last_sku": "B",
            "customer.facts.skus": ["B", "A"],
            "customer.facts.first_call": at(DAY).as_second(),
        })
    );
}

#[test]
fn nothing_told_is_nothing_much() {
    let seen = seen(customer(), 0);
    assert_eq!(seen["customer.facts.spent_30d"], 0);
    assert_eq!(seen["customer.facts.skus"], json!([]));
    assert_eq!(seen["customer.facts.last_sku"], Value::Null);
}

#[test]
fn a_full_series_keeps_the_newest() {
    let rules = rules(
        r#"
facts: [{ name: spent_30d, of: sum, value: event.fields.total, when: 'event.kind == "order"', window: 30d }]
triggers: [{ name: show, on: [order], when: customer.facts.spent_30d >= 9, actions: [{ crm.note: { text: hi } }] }]
"#,
    );
    let mut customer = customer();
    for second in 0..300 {
        let key = second.to_string();
        let order = InboundEvent { occurred_at: at(second), ..order(&key, 0, &json!(1), "A") };
        rules.apply(&mut customer, &order, &rules.classify(&order));
    }
    let series = &customer.profile.facts["spent_30d"];
    assert!(series.is_full());
    let size = serde_json::to_string(series).unwrap().len();
    assert!(size <= 36 * 1_024, "{size}");
    let tagged = Tagged { customer, ..tagged(event(EventKind::Order, "300", 301)) };
    let traces = rules.explain(&tagged, at(301), &Fired::default(), rules::Disclosure::Masked);
    let when = traces[0].when.as_ref().unwrap();
    assert_eq!(when.at_least, ["customer.facts.spent_30d"]);
    assert_eq!(when.reads["customer.facts.spent_30d"], Series::MOST);
}

fn history() -> impl Strategy<Value = Vec<InboundEvent>> {
    let one = (
        any::<bool>(),
        0i64..100,
        prop::sample::select(vec![json!(0.1), json!(7), json!("19.99"), json!(-3.5), Value::Null]),
        prop::sample::select(vec!["A", "B", "C", "D"]),
        prop::option::of(0u32..500),
    );
    prop::collection::vec(one, 1..30).prop_map(|drawn| {
        let events =
            drawn.into_iter().enumerate().map(|(index, (is_call, day, total, sku, length))| {
                let key = index.to_string();
                if is_call { call(&key, day, length) } else { order(&key, day, &total, sku) }
            });
        events.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn order_and_repetition_change_no_fact(
        (history, shuffled, again) in history().prop_flat_map(|history| {
            let repeated = prop::collection::vec(0..history.len(), 0..8);
            (Just(history.clone()), Just(history).prop_shuffle(), repeated)
        })
    ) {
        let mut arrivals = shuffled;
        arrivals.extend(again.into_iter().map(|index| history[index].clone()));
        prop_assert_eq!(apply(customer(), &history).profile, apply(customer(), &arrivals).profile);
    }

    #[test]
    fn a_sum_is_the_sum(history in history(), day in 0i64..100) {
        let day = day.max(history.iter().map(|it| (it.occurred_at.as_second() - at(0).as_second()) / DAY).max().unwrap());
        let cents = |event: &InboundEvent| match &event.fields.get("total")? {
            Value::Number(number) => Some((number.as_f64().unwrap() * 100.0).round() as i64),
            Value::String(_) => Some(1_999),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let recent = |event: &&InboundEvent| event.occurred_at > at((day - 30) * DAY) && event.occurred_at <= at(day * DAY);
        let expected: i64 = history.iter().filter(recent).filter_map(cents).sum();
        let seen = seen(apply(customer(), &history), day * DAY);
        let sum = seen["customer.facts.spent_30d"].as_f64().unwrap();
        prop_assert_eq!((sum * 100.0).round() as i64, expected);
        let orders = history.iter().filter(recent).filter(|it| it.kind == EventKind::Order).count();
        prop_assert_eq!(&seen["customer.facts.orders_30d"], &json!(orders));
    }

    #[test]
    fn merged_profiles_make_the_facts_of_one(history in history(), whose in prop::collection::vec(any::<bool>(), 30)) {
        let part = |mine: bool| -> Vec<InboundEvent> {
            let events = history.iter().zip(&whose).filter(|(_, whose)| **whose == mine);
            events.map(|(event, _)| event.clone()).collect()
        };
        let mut other = customer();
        other.id = CustomerId::new("other");
        let group = Group {
            root: apply(customer(), &part(true)),
            members: vec![apply(other, &part(false))],
        };
        let newest = history.iter().map(|event| event.occurred_at).max().unwrap();
        let now = newest.as_second() - at(0).as_second();
        let alone = apply(customer(), &history);
        prop_assert_eq!(seen(RULES.combine(&group), now), seen(alone, now));
    }
}
