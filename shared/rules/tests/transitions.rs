//! The states of an object follow one another, in whatever order they are told.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod support;

use domain::{Checks, Customer, CustomerId, EventId, EventKind, Fault, InboundEvent};
use identity::Group;
use proptest::prelude::*;
use rules::{Broken, RuleSet};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use support::{at, customer, event, rules};

const ORDERS: &str = r#"
counters: [{ name: flagged, when: 'size(event.flags) > 0', window: 30d }]
tags: [{ name: odd, when: '"order-flow" in event.flags' }]
validate:
  - name: order-flow
    on: [order]
    check:
      transition:
        of: event.fields.number
        state: event.topic
        first: [placed]
        allowed: { placed: [paid, cancelled], paid: [shipped, refunded], shipped: [delivered, returned], returned: [shipped, refunded] }
"#;

static PARKS: LazyLock<RuleSet> = LazyLock::new(|| rules(ORDERS));
static FLAGS: LazyLock<RuleSet> = LazyLock::new(|| rules(&format!("{ORDERS}    else: flag\n")));

fn told(number: &str, state: &str, second: i64) -> InboundEvent {
    let mut event = event(EventKind::Order, &format!("{number} {state} {second}"), second);
    state.clone_into(&mut event.topic);
    event.fields.insert("number".into(), number.into());
    event
}

fn alone(customer: &Customer) -> Group {
    Group { root: customer.clone(), members: Vec::new() }
}

/// Has each event judged and, where it may, applied; what may not waits, and is judged again after
/// each that was. Returns the customer, with those that wait for ever.
fn live(rules: &RuleSet, arrivals: &[InboundEvent]) -> (Customer, Vec<InboundEvent>) {
    let mut customer = customer();
    let mut waiting: Vec<InboundEvent> = Vec::new();
    for arrival in arrivals {
        waiting.push(arrival.clone());
        while let Some(index) =
            waiting.iter().position(|event| rules.take_turn(event, &alone(&customer)).is_ok())
        {
            let mut event = waiting.remove(index);
            event.checks.out_of_turn = rules.take_turn(&event, &alone(&customer)).unwrap();
            rules.apply(&mut customer, &event, &rules.classify(&event));
        }
    }
    (customer, waiting)
}

/// A way that orders may take, each step at a time of its own, shuffled.
fn lawful() -> impl Strategy<Value = (Vec<InboundEvent>, Vec<InboundEvent>)> {
    let ways = [
        vec!["placed", "cancelled"],
        vec!["placed", "paid", "refunded"],
        vec!["placed", "paid", "shipped", "delivered"],
        vec!["placed", "paid", "shipped", "returned", "shipped", "returned", "refunded"],
    ];
    let way = prop::sample::select(ways.to_vec());
    prop::collection::vec(way, 1..4)
        .prop_map(|ways| {
            let mut history = Vec::new();
            for (order, way) in ways.into_iter().enumerate() {
                for (step, state) in way.into_iter().enumerate() {
                    let second = i64::try_from(step * 10 + order).unwrap();
                    history.push(told(&format!("A-{order}"), state, second));
                }
            }
            history
        })
        .prop_flat_map(|history| (Just(history.clone()), Just(history).prop_shuffle()))
}

/// Any states of two orders, some of them at the same time.
fn lawless() -> impl Strategy<Value = (Vec<InboundEvent>, Vec<InboundEvent>)> {
    let state = prop::sample::select(vec!["placed", "paid", "shipped", "refunded", "lost"]);
    prop::collection::vec((0..2, state, 0i64..12), 1..14)
        .prop_map(|drawn| {
            let told = |(index, (order, state, second)): (usize, _)| InboundEvent {
                id: EventId::new("shop", &index.to_string()),
                ..told(&format!("A-{order}"), state, second)
            };
            drawn.into_iter().enumerate().map(told).collect::<Vec<_>>()
        })
        .prop_flat_map(|history| (Just(history.clone()), Just(history).prop_shuffle()))
}

proptest! {
    #[test]
    fn a_lawful_history_is_applied_whole_in_any_order((history, arrivals) in lawful()) {
        let (in_order, waiting) = live(&PARKS, &history);
        prop_assert_eq!(waiting, []);
        let (shuffled, waiting) = live(&PARKS, &arrivals);
        prop_assert_eq!(waiting, []);
        prop_assert_eq!(in_order.profile, shuffled.profile);
    }

    #[test]
    fn a_profile_is_a_function_of_the_events_applied((history, arrivals) in lawless()) {
        let (in_order, _) = live(&FLAGS, &history);
        let (shuffled, _) = live(&FLAGS, &arrivals);
        prop_assert_eq!(&in_order.profile, &shuffled.profile, "flags leave no trace in it");
        prop_assert!(in_order.profile.counters.is_empty() && in_order.profile.tags.is_empty());
        // What is parked hangs on the order of arrival; what is applied leaves the same.
        let (parking, waiting) = live(&PARKS, &arrivals);
        let applied = history.into_iter().filter(|event| !waiting.contains(event));
        let (again, _) = live(&FLAGS, &applied.collect::<Vec<_>>());
        prop_assert_eq!(parking.profile, again.profile);
    }
}

#[test]
fn a_state_is_judged_by_the_one_before_it_in_time() {
    let shipped = told("A-1", "shipped", 30);
    let (customer, waiting) = live(&PARKS, &[told("A-1", "placed", 10), shipped.clone()]);
    assert_eq!(waiting, std::slice::from_ref(&shipped));
    let refusal = PARKS.take_turn(&shipped, &alone(&customer)).unwrap_err();
    assert_eq!(refusal.broken, Broken::OutOfTurn);
    assert_eq!(refusal.reason().code, "transition_not_allowed");
    assert_eq!(refusal.disposition(), domain::Disposition::Hold { tell: false });

    let late = told("A-1", "paid", 20);
    let arrivals = [told("A-1", "placed", 10), shipped.clone(), late];
    assert_eq!(live(&PARKS, &arrivals).1, [], "what it lacked came late");
    let other = [told("A-1", "placed", 10), told("A-2", "placed", 15), shipped];
    assert_eq!(live(&PARKS, &other).1.len(), 1, "another order's state is none of its own");
}

#[test]
fn the_same_state_again_is_no_transition_and_a_stranger_waits_for_its_beginning() {
    let twice = [told("A-1", "placed", 10), told("A-1", "placed", 11), told("A-1", "paid", 12)];
    assert_eq!(live(&PARKS, &twice).1, []);
    assert_eq!(live(&PARKS, &[told("A-1", "paid", 12)]).1.len(), 1);
    let from_anywhere = rules(&ORDERS.replace("        first: [placed]\n", ""));
    assert_eq!(live(&from_anywhere, &[told("A-1", "paid", 12)]).1, []);
}

#[test]
fn an_order_of_two_profiles_of_one_customer_is_one() {
    let (placed, _) = live(&PARKS, &[told("A-1", "placed", 10)]);
    let member = Customer::new(CustomerId::new("other"), at(0));
    let group = Group { root: member, members: vec![placed] };
    assert!(PARKS.take_turn(&told("A-1", "paid", 20), &group).is_ok());
    assert!(PARKS.take_turn(&told("A-1", "shipped", 20), &group).is_err());
}

#[test]
fn what_is_out_of_turn_is_seen_by_triggers_alone() {
    let sections = format!(
        "{ORDERS}    else: flag\ntriggers: [{{ name: tell, on: [order], when: '\"order-flow\" in \
         event.flags', actions: [{{ crm.note: {{ text: odd }} }}] }}]"
    );
    let rules = rules(&sections);
    let mut event = told("A-1", "lost", 20);
    event.checks = Checks {
        out_of_turn: rules.take_turn(&event, &alone(&customer())).unwrap(),
        ..Checks::default()
    };
    assert_eq!(event.checks.out_of_turn, BTreeSet::from(["order-flow".to_owned()]));
    let tagged = support::tagged(event);
    assert_eq!(rules.decide(&tagged, at(30), &domain::Fired::default()).effects.len(), 1);
}
