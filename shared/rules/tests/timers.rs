//! Timers are a function of what happened, and ring once for each due time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use domain::{Customer, EventKind, InboundEvent};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rules::RuleSet;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use support::{at, customer, event, rules};

const DAY: i64 = 86_400;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    rules(
        r#"
facts:
  - { name: last_contact, of: last, when: event.interaction, window: 366d }
  - { name: answered, of: last, when: 'event.direction == "outbound"', window: 366d }
fields: [ { name: ends, on: [device], value: device.ends } ]
tags: [ { name: busy, when: event.interaction, for: 10d, sync: true }, { name: local, when: event.interaction, for: 2d } ]
timers:
  - { name: ending, at: customer.fields.ends, before: 30d }
  - { name: quiet, at: customer.facts.last_contact, after: 90d, when: '!("busy" in customer.tags)' }
  - { name: weekly, at: customer.facts.last_contact, every: 7d }
"#,
    )
});

fn apply(events: &[InboundEvent]) -> Customer {
    let mut customer = customer();
    for event in events {
        RULES.apply(&mut customer, event, &RULES.classify(event));
    }
    customer
}

fn message(day: i64) -> InboundEvent {
    event(EventKind::Message, &format!("message {day}"), day * DAY)
}

fn device(day: i64, ends: &str) -> InboundEvent {
    let mut device = event(EventKind::Device, &format!("device {day}"), day * DAY);
    device.fields = [("ends".to_owned(), json!(ends))].into();
    device
}

fn ring(customer: &Customer, timer: &str, due: Timestamp) -> InboundEvent {
    InboundEvent::ring(&customer.id, timer, due, due)
}

/// Messages, devices and rings of some months.
fn history() -> impl Strategy<Value = Vec<InboundEvent>> {
    let timer = prop::sample::select(vec!["ending", "quiet", "weekly", "tag_expiry"]);
    let one = (0u8..3, 0i64..150, 0i64..400, timer);
    prop::collection::vec(one, 1..25).prop_map(|drawn| {
        let told = drawn.into_iter().enumerate().map(|(index, (kind, day, ends, timer))| {
            let told = match kind {
                0 => message(day),
                1 => device(day, &at(ends * DAY).to_string()),
                _ => return ring(&customer(), timer, at(day * DAY)),
            };
            InboundEvent { id: domain::EventId::new("shop", &index.to_string()), ..told }
        });
        told.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn timers_are_a_function_of_what_happened(
        (history, shuffled, again) in history().prop_flat_map(|history| {
            let repeated = prop::collection::vec(0..history.len(), 0..8);
            (Just(history.clone()), Just(history).prop_shuffle(), repeated)
        })
    ) {
        let mut arrivals = shuffled;
        arrivals.extend(again.into_iter().map(|index| history[index].clone()));
        let (one, other) = (apply(&history), apply(&arrivals));
        prop_assert_eq!(RULES.timers(&one), RULES.timers(&other));
        prop_assert_eq!(one.profile, other.profile);
    }

    #[test]
    fn a_timer_that_rang_is_over_or_due_later(history in history()) {
        let mut customer = apply(&history);
        for (timer, due) in RULES.timers(&customer) {
            let ring = ring(&customer, &timer, due);
            RULES.apply(&mut customer, &ring, &RULES.classify(&ring));
            prop_assert!(RULES.timers(&customer).get(&timer).is_none_or(|next| *next > due), "{}", timer);
        }
    }
}

fn due(customer: &Customer) -> BTreeMap<String, String> {
    RULES.timers(customer).into_iter().map(|(name, due)| (name, due.to_string())).collect()
}

#[test]
fn each_timer_is_due_where_its_definition_says() {
    let customer = apply(&[message(0), device(0, "2027-06-01")]);
    let expected = [
        ("ending", "2027-05-01T22:00:00Z"),
        ("tag_expiry", "2026-12-02T08:00:00Z"),
        ("weekly", "2026-11-22T08:00:00Z"),
    ];
    let expected = expected.map(|(name, due)| (name.to_owned(), due.to_owned()));
    assert_eq!(due(&customer), BTreeMap::from(expected), "busy is synced, local is not");
}

#[test]
fn the_customer_s_own_clock_counts() {
    let with_zone = "company: { name: Lab Commerce, region: DE, time_zone: Europe/Berlin, \
         customer_time_zone: zone, public_url: \"https://hooks.example.com\" }\n\
         fields:\n\
         - { name: zone, on: [contact], value: event.fields.zone }\n\
         - { name: ends, on: [device], value: device.ends }\n\
         timers: [ { name: ending, at: customer.fields.ends } ]\n";
    let rules = RuleSet::load(with_zone, 1).unwrap();
    let mut customer = customer();
    let nothing = domain::Classification::default();
    rules.apply(&mut customer, &device(0, "2027-06-01"), &nothing);
    assert_eq!(rules.timers(&customer)["ending"].to_string(), "2027-05-31T22:00:00Z");
    let mut contact = event(EventKind::Contact, "1", 0);
    contact.fields = [("zone".to_owned(), json!("Asia/Shanghai"))].into();
    rules.apply(&mut customer, &contact, &nothing);
    assert_eq!(rules.timers(&customer)["ending"].to_string(), "2027-05-31T16:00:00Z");
}

#[test]
fn a_ring_is_no_contact_and_ends_what_has_run_out() {
    let mut customer = apply(&[message(0)]);
    let expiry = RULES.timers(&customer)["tag_expiry"];
    let ring = ring(&customer, "tag_expiry", expiry);
    let changes = RULES.apply(&mut customer, &ring, &RULES.classify(&ring));
    let changes: Vec<_> = changes.iter().map(|it| (it.tag.as_str(), it.added)).collect();
    assert_eq!(changes, [("busy", false), ("local", false)]);
    assert_eq!(customer.profile.last_seen, Some(at(0)));
    let timers = RULES.timers(&customer);
    assert!(!timers.contains_key("tag_expiry"));
    assert_eq!(timers["quiet"], at(90 * DAY), "no longer busy");
}

#[test]
fn periods_that_went_by_are_rung_for_once() {
    let mut customer = apply(&[message(0)]);
    let mut told = Vec::new();
    for _ in 0..3 {
        let weekly = RULES.timers(&customer)["weekly"];
        told.push(weekly.duration_since(at(0)) / i32::try_from(DAY).unwrap());
        let ring = ring(&customer, "weekly", weekly);
        RULES.apply(&mut customer, &ring, &RULES.classify(&ring));
        if told.len() == 1 {
            RULES.apply(&mut customer, &device(30, ""), &domain::Classification::default());
        }
    }
    assert_eq!(told, [0, 28, 35].map(SignedDuration::from_secs));
}

#[test]
fn an_echo_rule_silences_no_timer() {
    let rules = rules("echoes: [ { name: all, when: event.interaction == false } ]\n");
    let ring = ring(&customer(), "weekly", at(0));
    assert_eq!(rules.echo(&ring), None);
}
