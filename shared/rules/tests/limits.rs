//! What holds a rule back: its order, exceptions, limits and quiet hours.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::{
    Classification, Customer, CustomerId, Dated, EventId, EventKind, Fired, Firing, Tagged,
};
use identity::Group;
use proptest::prelude::*;
use rules::{Decision, RuleSet};
use support::{at, customer, event, rules, tagged};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// One rule that writes a note and sends a message.
fn rule(settings: &str) -> RuleSet {
    rules(&format!(
        r"
triggers:
  - name: rule
    on: [order]
{settings}
    actions: [{{ crm.note: {{ text: hi }} }}, {{ sms: {{ text: hi }} }}]
"
    ))
}

fn order(key: &str, second: i64) -> Tagged {
    tagged(event(EventKind::Order, key, second))
}

/// Each effect's action, with the seconds that it waits.
fn effects(decision: &Decision, now: i64) -> Vec<(&str, i64)> {
    let waits = |effect: &domain::Effect| {
        effect.not_before.map_or(0, |time| time.as_second() - at(now).as_second())
    };
    decision.effects.iter().map(|effect| (effect.action.name(), waits(effect))).collect()
}

fn refusals(decision: &Decision) -> Vec<(Option<&str>, &str)> {
    let refused = decision.refused.iter();
    refused.map(|it| (it.action.as_deref(), it.reason.code.as_str())).collect()
}

/// How often a rule fires for orders at these seconds, each decided when it happens.
fn firings(rules: &RuleSet, seconds: &[i64]) -> Vec<i64> {
    let mut fired = Fired::default();
    let mut seconds_fired = Vec::new();
    for second in seconds {
        let decision = rules.decide(&order(&second.to_string(), *second), at(*second), &fired);
        if !decision.effects.is_empty() {
            seconds_fired.push(*second);
        }
        decision.firings.iter().for_each(|firing| fired.record(firing));
    }
    seconds_fired
}

fn named(names: &[(&str, &str)]) -> RuleSet {
    let triggers: Vec<_> = names
        .iter()
        .map(|(name, settings)| {
            format!(
                "  - {{ name: {name}, on: [order], {settings} actions: [{{ crm.note: {{ text: {name} }} }}] }}"
            )
        })
        .collect();
    rules(&format!("triggers:\n{}\n", triggers.join("\n")))
}

fn fired_rules(rules: &RuleSet) -> Vec<String> {
    let decision = rules.decide(&order("A-1", 0), at(9), &Fired::default());
    decision.effects.into_iter().map(|effect| effect.rule.name).collect()
}

#[test]
fn the_lowest_priority_comes_first_then_the_order_of_the_document() {
    let rules = named(&[
        ("a", ""),
        ("b", "priority: -5,"),
        ("c", ""),
        ("d", "priority: 9,"),
        ("e", "priority: -5,"),
    ]);
    assert_eq!(fired_rules(&rules), ["b", "e", "a", "c", "d"]);
}

#[test]
fn a_rule_that_matches_stops_those_after_it() {
    let stops = |settings: &str| {
        fired_rules(&named(&[("late", "priority: 1,"), ("first", settings), ("next", "")]))
    };
    assert_eq!(stops("stop: true,"), ["first"]);
    assert_eq!(stops("stop: true, priority: 1,"), ["next", "late", "first"]);
    assert_eq!(stops("stop: true, when: 'event.topic == \"x\"',"), ["next", "late"]);
    assert_eq!(stops("stop: true, unless: 'event.topic == \"shipped\"',"), ["next", "late"]);
    assert_eq!(stops("stop: true, expires: 1s,"), Vec::<String>::new());
}

#[test]
fn an_exception_is_refused_by_name_and_one_that_fails_is_no_exception() {
    let decide = |unless: &str| {
        let rules = rule(&format!("    unless: {unless}"));
        rules.decide(&order("A-1", 0), at(9), &Fired::default())
    };
    let held = decide(r#"event.topic == "shipped""#);
    assert_eq!((effects(&held, 9), refusals(&held)), (vec![], vec![(None, "unless")]));
    assert_eq!(effects(&decide(r#"event.topic == "x""#), 9).len(), 2);
    assert_eq!(effects(&decide("event.fields.absent > 3"), 9).len(), 2);
    assert_eq!(refusals(&decide("event.topic > 3")), [(None, "condition_failed")]);
}

#[test]
fn what_comes_too_late_is_dropped_and_said_so() {
    let rules = rule("    expires: 2h");
    let decide = |now| rules.decide(&order("A-1", 0), at(now), &Fired::default());
    assert_eq!(effects(&decide(2 * HOUR), 0).len(), 2);
    let late = decide(2 * HOUR + 1);
    assert_eq!((effects(&late, 0), refusals(&late)), (vec![], vec![(None, "expired")]));
    assert_eq!(late.refused[0].reason.detail, "the event happened more than 2h ago");
}

#[test]
fn a_rule_rests_after_it_has_fired() {
    let rules = rule("    cooldown: 1d");
    assert_eq!(firings(&rules, &[0, 5, DAY - 1, DAY, DAY + 1]), [0, DAY]);
    let fired = rules.decide(&order("A-1", 0), at(0), &Fired::default()).firings;
    assert_eq!((fired[0].at, fired[0].forget_at), (at(0), at(DAY)));
    let held = rules.decide(&order("A-2", 5), at(5), &fired.into_iter().collect());
    assert_eq!(refusals(&held), [(None, "cooling_down")]);
}

#[test]
fn a_cap_holds_for_every_span_of_its_length() {
    let rules = rule("    caps: [{ most: 1, per: 1d }, { most: 3, per: 30d }]");
    let days: Vec<i64> = (0..40).map(|day| day * DAY).collect();
    assert_eq!(firings(&rules, &days), [0, DAY, 2 * DAY, 30 * DAY, 31 * DAY, 32 * DAY]);
    let fired = Firing {
        rule: "rule".into(),
        event: EventId::new("shop", "A-1"),
        at: at(0),
        forget_at: at(30 * DAY),
    };
    let fired: Fired = [fired].into_iter().collect();
    let held = rules.decide(&order("A-2", 9), at(9), &fired);
    assert_eq!(refusals(&held), [(None, "capped")]);
    assert_eq!(held.refused[0].reason.detail, "it fires at most 1 times in 1d for one customer");
    // The event that fired is decided alike when it comes again.
    assert_eq!(effects(&rules.decide(&order("A-1", 0), at(9), &fired), 9).len(), 2);
}

#[test]
fn only_what_was_done_counts_and_only_where_a_limit_asks() {
    let rules = rules(
        r#"
triggers:
  - { name: rule, on: [order], cooldown: 1d, actions: [{ crm.note: { text: "{{ event.text }}" } }] }
  - { name: free, on: [order], actions: [{ crm.note: { text: hi } }] }
"#,
    );
    let decision = rules.decide(&order("A-1", 0), at(9), &Fired::default());
    assert_eq!((effects(&decision, 9).len(), decision.firings.len()), (1, 0));
    assert!(rules.is_limited(&order("A-1", 0)));
    assert!(!rules.is_limited(&tagged(event(EventKind::Call, "c", 0))));
}

// 2026-11-22T08:00:00Z is nine o'clock in Berlin.
const NIGHT: &str = r#"quiet: { from: "21:00", to: "08:00" }"#;

#[test]
fn a_message_waits_for_the_morning_and_a_note_does_not() {
    let rules = rule(&format!("    {NIGHT}"));
    let decide = |now| rules.decide(&order("A-1", now), at(now), &Fired::default());
    assert_eq!(effects(&decide(0), 0), [("crm.note", 0), ("sms", 0)]);
    assert_eq!(effects(&decide(12 * HOUR), 12 * HOUR), [("crm.note", 0), ("sms", 11 * HOUR)]);
    assert_eq!(effects(&decide(22 * HOUR), 22 * HOUR), [("crm.note", 0), ("sms", HOUR)]);
}

#[test]
fn quiet_hours_are_those_of_the_customer_s_clock() {
    let rules = RuleSet::load(
        r#"
company:
  name: Lab Commerce
  region: DE
  time_zone: Europe/Berlin
  public_url: "https://hooks.example.com"
  customer_time_zone: zone
  quiet: { from: "21:00", to: "08:00", then: drop }
fields: [{ name: zone, on: [contact], value: event.fields.zone }]
triggers: [{ name: rule, on: [order], actions: [{ sms: { text: hi } }] }]
"#,
        7,
    )
    .unwrap();
    let decide = |zone: Option<&str>| {
        let mut tagged = order("A-1", 0);
        let event = tagged.event.id.clone();
        let dated =
            |zone: &str| Dated { value: zone.into(), at: at(0), source: "s".into(), by: event };
        tagged.customer.profile.fields =
            zone.map(|zone| ("zone".into(), dated(zone))).into_iter().collect();
        let decision = rules.decide(&tagged, at(0), &Fired::default());
        refusals(&decision)
            .first()
            .map(|(action, code)| (action.map(str::to_owned), code.to_string()))
    };
    assert_eq!(decide(None), None);
    assert_eq!(decide(Some("Mars/Olympus")), None);
    assert_eq!(decide(Some("America/New_York")), Some((Some("sms".into()), "quiet".into())));
}

#[test]
fn what_would_wait_too_long_is_dropped() {
    let rules = rule(&format!("    expires: 10h\n    {NIGHT}"));
    let decision = rules.decide(&order("A-1", 12 * HOUR), at(12 * HOUR), &Fired::default());
    assert_eq!(effects(&decision, 12 * HOUR), [("crm.note", 0)]);
    assert_eq!(refusals(&decision), [(Some("sms"), "expired")]);
}

#[test]
fn messages_of_one_night_do_not_add_up() {
    let rules = rule(&format!("    cooldown: 1h\n    {NIGHT}"));
    let seconds: Vec<_> = (12..26).map(|hour| hour * HOUR).collect();
    // At 21:00, to be sent at 08:00; then the next day.
    assert_eq!(firings(&rules, &seconds), [12 * HOUR, 24 * HOUR, 25 * HOUR]);
}

#[test]
fn what_the_crm_repeats_of_us_changes_nothing() {
    let rules = rules(
        r#"
echoes: [{ name: own-tags, when: 'event.topic == "tags_changed" && event.fields.by == "omnicord"' }]
counters: [{ name: changes, when: 'event.kind == "contact"', window: 30d }]
tags: [{ name: changed, when: customer.counts.changes >= 1, sync: true }]
triggers: [{ name: rule, on: [contact], actions: [{ crm.note: { text: hi } }] }]
"#,
    );
    let reported = |by: &str| {
        let mut event = event(EventKind::Contact, by, 0);
        event.topic = "tags_changed".into();
        event.fields.insert("by".into(), by.into());
        event
    };
    let told = |by: &str| {
        let mut tagged = tagged(reported(by));
        let before = tagged.customer.clone();
        tagged.tags = rules.apply(&mut tagged.customer, &tagged.event, &tagged.classification);
        let decision = rules.decide(&tagged, at(9), &Fired::default());
        (tagged.customer != before, decision.effects.len())
    };
    assert_eq!(told("anna"), (true, 2));
    assert_eq!(told("omnicord"), (false, 0));
    assert_eq!(rules.echo(&reported("omnicord")), Some("own-tags"));
    let other = Customer::new(CustomerId::new("other"), at(0));
    let group = Group { root: customer(), members: vec![other] };
    let regarded =
        rules.regard(customer(), &group, &reported("omnicord"), &Classification::default());
    assert_eq!((regarded.home, regarded.tags), (customer(), vec![]));
    assert_eq!(regarded.customer, rules.combine(&group));
}

proptest! {
    #[test]
    fn no_span_holds_more_firings_than_its_cap(
        mut hours in prop::collection::vec(0i64..200, 1..60), most in 1usize..4, per in 1i64..50,
    ) {
        hours.sort_unstable();
        let rules = rule(&format!("    caps: [{{ most: {most}, per: {per}h }}]"));
        let seconds: Vec<_> = hours.iter().zip(0..).map(|(hour, nth)| hour * HOUR + nth).collect();
        let fired = firings(&rules, &seconds);
        for start in &fired {
            let within = fired.iter().filter(|at| **at >= *start && **at < start + per * HOUR);
            prop_assert!(within.count() <= most);
        }
        prop_assert_eq!(fired.first(), seconds.first());
    }
}
