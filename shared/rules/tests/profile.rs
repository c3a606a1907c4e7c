//! The profile is a function of what happened: order and repetition change nothing.

mod support;

use domain::{Customer, CustomerId, EventKind, InboundEvent, Profile};
use identity::Group;
use jiff::Timestamp;
use proptest::prelude::*;
use rules::RuleSet;
use std::sync::LazyLock;
use support::{at, customer, event, rules};

const DAY: i64 = 86_400;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    rules(
        r#"
classify:
  issues: [ { name: after_sales, any: [broken] }, { name: sales, any: [price] } ]
  moods: [ { name: angry, any: [angry] } ]
counters:
  - { name: after_sales_30d, when: 'event.issue == "after_sales"', window: 30d }
  - { name: contacts_7d, when: event.interaction, window: 7d }
fields:
  - { name: last_order, on: [order], value: event.fields.number }
  - { name: mood, on: [message, call], value: event.mood }
tags:
  - { name: high_care, when: customer.counts.after_sales_30d >= 3, for: 60d, sync: true }
  - { name: once_busy, when: customer.counts.contacts_7d >= 4 }
  - { name: quiet, when: customer.counts.contacts_7d < 2, for: 3d }
  - { name: upset, when: event.mood == "angry", for: 14d }
  - { name: ever_upset, when: event.mood == "angry" }
  - { name: annoyed, when: event.mood == "angry", for: 30d, remove_when: 'event.kind == "order"' }
  - { name: needs_help, when: customer.counts.after_sales_30d >= 2, for: 40d, remove_when: 'event.issue == "sales"' }
  - { name: orders_angrily, when: 'customer.fields.mood == "angry" && has(customer.fields.last_order)', for: 10d }
  - { name: busy_buyer, when: 'customer.counts.contacts_7d >= 2 && customer.fields.last_order != "A-0"', for: 5d }
"#,
    )
});

fn apply(events: &[InboundEvent]) -> Customer {
    let mut customer = customer();
    for event in events {
        let classification = RULES.classify(event);
        RULES.apply(&mut customer, event, &classification);
    }
    customer
}

fn said(day: i64, key: &str, text: &str) -> InboundEvent {
    InboundEvent { text: Some(text.into()), ..event(EventKind::Message, key, day * DAY) }
}

fn tags(profile: &Profile) -> Vec<&str> {
    profile.tags.keys().map(String::as_str).collect()
}

/// Events over some months, some of them at the same time.
fn history() -> impl Strategy<Value = Vec<InboundEvent>> {
    let one = (
        prop_oneof![Just(EventKind::Message), Just(EventKind::Call), Just(EventKind::Order)],
        0i64..150,
        prop_oneof![Just("broken"), Just("broken, I am angry"), Just("price"), Just("hello")],
    );
    prop::collection::vec(one, 1..25).prop_map(|drawn| {
        let events = drawn.into_iter().enumerate().map(|(index, (kind, day, text))| {
            let mut event = event(kind, &index.to_string(), day * DAY);
            if kind == EventKind::Order {
                event.fields.insert("number".into(), format!("A-{}", index % 2).into());
            } else {
                event.text = Some(text.into());
            }
            event
        });
        events.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_order_and_repetition_leaves_the_same_profile(
        (history, shuffled, again) in history().prop_flat_map(|history| {
            let repeated = prop::collection::vec(0..history.len(), 0..8);
            (Just(history.clone()), Just(history).prop_shuffle(), repeated)
        })
    ) {
        let mut arrivals = shuffled;
        arrivals.extend(again.into_iter().map(|index| history[index].clone()));
        prop_assert_eq!(apply(&history).profile, apply(&arrivals).profile);
    }

    #[test]
    fn a_tag_is_what_its_definition_says(history in history()) {
        let profile = apply(&history).profile;
        let newest = profile.last_seen.unwrap();
        let counted: Vec<Timestamp> = history
            .iter()
            .filter(|event| event.text.as_deref().is_some_and(|text| text.contains("broken")))
            .map(|event| event.occurred_at)
            .collect();
        let window = jiff::SignedDuration::from_hours(24 * 30);
        let held = |end: Timestamp| {
            counted.iter().filter(|at| **at > end - window && **at <= end).count() >= 3
        };
        let since = counted.iter().copied().filter(|end| held(*end)).max();
        let since = since.max(Some(newest).filter(|end| held(*end)));
        let until = since.map(|since| since + window + window).filter(|until| *until > newest);
        prop_assert_eq!(profile.tags.get("high_care").map(|tag| tag.until), until.map(Some));
    }
}

#[test]
fn what_takes_a_tag_away_counts_by_its_time_not_by_its_arrival() {
    let angry = |day| said(day, &format!("angry {day}"), "I am angry");
    let order = event(EventKind::Order, "order", 5 * DAY);
    let bears = |events: &[InboundEvent]| tags(&apply(events).profile).contains(&"annoyed");
    assert!(bears(&[angry(4)]));
    assert!(!bears(&[angry(4), order.clone()]));
    assert!(!bears(&[order.clone(), angry(4)]));
    assert!(bears(&[order, angry(4), angry(6)]));
}

#[test]
fn what_one_profile_tells_takes_a_tag_away_from_all_that_are_merged() {
    let told =
        |id: &str, events: &[InboundEvent]| Customer { id: CustomerId::new(id), ..apply(events) };
    let angry = told("angry", &[said(4, "angry", "I am angry")]);
    let group = |members| Group { root: angry.clone(), members };
    let buyer = told("buyer", &[event(EventKind::Order, "order", 5 * DAY)]);
    let bears = |home: &Customer, group: &Group| {
        let later = said(6, "later", "hello");
        let regarded = RULES.regard(home.clone(), group, &later, &RULES.classify(&later));
        tags(&regarded.customer.profile).contains(&"annoyed")
    };
    assert!(bears(&angry, &group(vec![])));
    assert!(!bears(&angry, &group(vec![buyer.clone()])));
    assert!(!bears(&buyer, &group(vec![buyer.clone()])));
}

#[test]
fn three_late_complaints_make_high_care_in_any_order() {
    let complaints: Vec<_> =
        [1, 5, 9].map(|day| said(day, &day.to_string(), "it is broken")).into();
    let newest_first: Vec<_> = complaints.iter().rev().cloned().collect();
    for order in [&complaints, &newest_first] {
        let profile = apply(order).profile;
        let tag = &profile.tags["high_care"];
        assert_eq!((tag.since, tag.until), (at(9 * DAY), Some(at(69 * DAY))));
        assert_eq!(tag.event, complaints[2].id);
    }
}

#[test]
fn a_tag_that_expired_is_taken_away_by_the_next_event() {
    let mut customer = apply(&[said(0, "a", "I am angry")]);
    assert_eq!(tags(&customer.profile), ["annoyed", "ever_upset", "quiet", "upset"]);
    let later = said(20, "b", "hello");
    let changes = RULES.apply(&mut customer, &later, &RULES.classify(&later));
    let changes: Vec<_> =
        changes.iter().map(|change| (change.tag.as_str(), change.added)).collect();
    assert_eq!(changes, [("upset", false)]);
    assert_eq!(tags(&customer.profile), ["annoyed", "ever_upset", "quiet"]);
}

#[test]
fn a_change_names_its_rule_and_version_and_a_repetition_changes_nothing() {
    let mut customer = apply(&[said(0, "a", "hello")]);
    let angry = said(1, "b", "I am angry");
    let changes = RULES.apply(&mut customer, &angry, &RULES.classify(&angry));
    let upset = changes.iter().find(|change| change.tag == "upset").unwrap();
    assert!(upset.added);
    assert_eq!((upset.rule.name.as_str(), upset.rule.config_version), ("upset", 7));
    assert_eq!(upset.until, Some(at(15 * DAY)));
    assert_eq!(RULES.apply(&mut customer, &angry, &RULES.classify(&angry)), []);
}

#[test]
fn a_counter_forgets_what_no_rule_looks_back_at() {
    let mut events = vec![said(0, "old", "price")];
    events.extend((0..10).map(|day| said(200 + day, &format!("new {day}"), "broken")));
    let profile = apply(&events).profile;
    assert_eq!(profile.counters["after_sales_30d"].occurrences().count(), 10);
    // `once_busy` is for ever, so that its counter is, too.
    assert_eq!(profile.counters["contacts_7d"].occurrences().count(), 11);
}

#[test]
fn a_field_holds_the_newest_that_was_told() {
    let order = |second, number: &str| {
        let mut order = event(EventKind::Order, number, second);
        order.fields.insert("number".into(), number.into());
        order
    };
    let silent = event(EventKind::Order, "silent", 30);
    let profile = apply(&[order(20, "A-2"), silent, order(10, "A-1")]).profile;
    assert_eq!(profile.fields["last_order"].value, "A-2");
}
