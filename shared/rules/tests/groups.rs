//! Merged profiles: each stays what it would be alone, the customer is all of them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails so")]

mod support;

use domain::{Classification, Customer, CustomerId, EventKind, InboundEvent, MergeId, TagChange};
use identity::Group;
use proptest::prelude::*;
use rules::RuleSet;
use serde_json::{Value, json};
use support::{at, event, rules};

const RULES: &str = r#"
counters: [ { name: contacts, when: event.interaction, window: 30d } ]
fields:
  - { name: plain, on: [contact], value: event.fields.plain }
  - { name: filled, on: [contact], value: event.fields.plain, merge: non_empty }
  - { name: trusted, on: [contact], value: event.fields.plain, merge: { sources: [crm, shop] } }
  - { name: every, on: [contact], value: event.fields.plain, merge: union }
  - { name: opt_out, on: [contact], value: event.fields.flag, merge: any_true }
  - { name: consent, on: [contact], value: event.fields.flag, merge: all_true }
tags:
  - { name: high_care, when: customer.counts.contacts >= 3 }
  - { name: new_here, when: event.topic == "first", for: 10d }
"#;

/// Two profiles, told of events one by one.
struct Pair {
    rules: RuleSet,
    group: Group,
}

impl Pair {
    fn merged() -> Self {
        let profile = |name: &str, second| Customer::new(CustomerId::new(name), at(second));
        let (mut root, mut member) = (profile("one", 0), profile("other", 1));
        let merge = MergeId::new(&root.id, &member.id, "test", 0);
        root.membership.merges.insert(merge, (root.id.clone(), member.id.clone()));
        member.membership.merged_into = Some(root.id.clone());
        Self { rules: rules(RULES), group: Group { root, members: vec![member] } }
    }

    fn profile(&self, second: bool) -> &Customer {
        if second { &self.group.members[0] } else { &self.group.root }
    }

    /// Tells one of the two of an event; what it made of the customer.
    fn tell(&mut self, second: bool, event: &InboundEvent) -> (Customer, Vec<TagChange>) {
        let home = self.profile(second).clone();
        let nothing = Classification::default();
        let regarded = self.rules.regard(home, &self.group, event, &nothing);
        let profile = if second { &mut self.group.members[0] } else { &mut self.group.root };
        *profile = regarded.home;
        self.group.root.joint_tags = Some(regarded.customer.profile.tags.clone());
        (regarded.customer, regarded.tags)
    }
}

fn contact(number: i64, source: &str, plain: Value, flag: bool) -> InboundEvent {
    let mut event = event(EventKind::Contact, &number.to_string(), number);
    event.source = source.into();
    event.fields = [("plain".into(), plain), ("flag".into(), json!(flag))].into();
    event
}

#[test]
fn contacts_with_both_sides_count_together_and_each_side_counts_its_own() {
    let mut pair = Pair::merged();
    let message = |number: i64| event(EventKind::Message, &number.to_string(), number);
    assert_eq!(pair.tell(false, &message(1)).1, []);
    assert_eq!(pair.tell(true, &message(2)).1, []);
    let (customer, changes) = pair.tell(true, &message(3));
    assert_eq!(changes[0].tag, "high_care");
    assert!(changes[0].added && customer.profile.tags.contains_key("high_care"));
    assert_eq!(customer.id, pair.group.root.id);
    for second in [false, true] {
        assert!(!pair.profile(second).profile.tags.contains_key("high_care"));
    }
    assert_eq!(pair.tell(false, &message(4)).1, [], "what is known is no news");
}

#[test]
fn each_field_follows_its_own_policy() {
    let mut pair = Pair::merged();
    pair.tell(true, &contact(1, "crm", json!("from the crm"), true));
    let (customer, _) = pair.tell(false, &contact(2, "shop", json!(" "), false));
    let value = |name: &str| customer.profile.fields[name].value.clone();
    assert_eq!(value("plain"), json!(" "), "the newest");
    assert_eq!(value("filled"), json!("from the crm"), "the newest that says something");
    assert_eq!(value("trusted"), json!("from the crm"), "the source named first");
    assert_eq!(value("every"), json!(["from the crm", " "]));
    assert_eq!(value("opt_out"), json!(true), "any yes is a yes");
    assert_eq!(value("consent"), json!(false), "any no is a no");
}

#[test]
fn a_split_takes_back_what_only_both_together_were() {
    let mut pair = Pair::merged();
    for (number, second) in [(1, false), (2, true), (3, true)] {
        pair.tell(second, &event(EventKind::Message, &number.to_string(), number));
    }
    let mut alone = pair.group.root.clone();
    alone.membership.merges.clear();
    let group = Group { root: alone.clone(), members: Vec::new() };
    let next = event(EventKind::Message, "4", 4);
    let regarded = pair.rules.regard(alone, &group, &next, &Classification::default());
    assert_eq!(regarded.tags.len(), 1);
    assert!(regarded.tags[0].tag == "high_care" && !regarded.tags[0].added);
    assert_eq!(regarded.home, regarded.customer);
}

/// Events of both profiles, some of them contacts with fields.
fn stories() -> impl Strategy<Value = Vec<(bool, i64, bool)>> {
    prop::collection::vec((any::<bool>(), 0i64..3_000_000, any::<bool>()), 1..20)
}

fn told(number: usize, second: i64, is_contact: bool) -> InboundEvent {
    let key = i64::try_from(number).unwrap();
    let kind = if is_contact { EventKind::Contact } else { EventKind::Message };
    let mut event = event(kind, &key.to_string(), second);
    event.topic = if number.is_multiple_of(3) { "first" } else { "more" }.into();
    event.fields =
        [("plain".into(), json!(number)), ("flag".into(), json!(number.is_multiple_of(2)))].into();
    event
}

proptest! {
    #[test]
    fn a_profile_is_what_it_would_be_if_it_had_never_been_merged(story in stories()) {
        let mut pair = Pair::merged();
        let alone = |second| pair_alone(second);
        let (mut one, mut other) = (alone(false), alone(true));
        for (number, (second, at, is_contact)) in story.into_iter().enumerate() {
            let event = told(number, at, is_contact);
            pair.tell(second, &event);
            let profile = if second { &mut other } else { &mut one };
            pair.rules.apply(profile, &event, &Classification::default());
        }
        prop_assert_eq!(&pair.profile(false).profile, &one.profile);
        prop_assert_eq!(&pair.profile(true).profile, &other.profile);
    }

    #[test]
    fn the_customer_does_not_depend_on_the_order(story in stories(), turn in any::<prop::sample::Index>()) {
        let events: Vec<_> = story
            .into_iter()
            .enumerate()
            .map(|(number, (second, at, is_contact))| (second, told(number, at, is_contact)))
            .collect();
        let mut turned = events.clone();
        turned.rotate_left(turn.index(events.len()));
        turned.reverse();
        let run = |events: &[(bool, InboundEvent)]| {
            let mut pair = Pair::merged();
            let mut last = None;
            for (second, event) in events {
                last = Some(pair.tell(*second, event).0);
            }
            (last.unwrap().profile, pair.rules.combine(&pair.group).profile)
        };
        let (straight, turned) = (run(&events), run(&turned));
        prop_assert_eq!(&straight.0, &turned.0);
        prop_assert_eq!(&straight.1, &straight.0, "what is shown is what was decided on");
    }
}

fn pair_alone(second: bool) -> Customer {
    let mut alone = Pair::merged().profile(second).clone();
    alone.membership = domain::Membership::default();
    alone
}
