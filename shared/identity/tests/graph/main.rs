//! The graph as a whole: what must hold whatever events and people do to it, in any order.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected ends the test"
)]

mod shelf;

use domain::{Assurance, Handle, HandleKind, MatchOutcome, Obstacle};
use identity::{KindPolicy, Limit, Merging, Policy};
use proptest::prelude::*;
use proptest::sample::Index;
use shelf::{Shelf, account, event};
use std::collections::BTreeSet;

/// No limit, so that every join comes about.
fn unlimited(merging: Merging) -> Policy {
    let kind = KindPolicy { limit: None, matches: true, merging, shared_after: None };
    Policy::default().with_kind(HandleKind::Account, kind)
}

fn limited(most: usize) -> Policy {
    let usual = KindPolicy::of(HandleKind::Account);
    let kind = KindPolicy { limit: Some(Limit::ever(most)), ..usual };
    Policy::default().with_kind(HandleKind::Account, kind)
}

/// Events with some of twelve accounts each; and which standing merge to undo after which event.
fn stories() -> impl Strategy<Value = Vec<(BTreeSet<u8>, Option<Index>)>> {
    let accounts = prop::collection::btree_set(0u8..12, 1..4);
    let undo = prop::option::weighted(0.2, any::<Index>());
    prop::collection::vec((accounts, undo), 1..40)
}

/// The sets that overlap, joined until none do.
fn closure(sets: impl IntoIterator<Item = BTreeSet<u8>>) -> BTreeSet<BTreeSet<u8>> {
    let mut parts: Vec<BTreeSet<u8>> = Vec::new();
    for mut set in sets {
        let (touching, rest): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| !part.is_disjoint(&set));
        set.extend(touching.into_iter().flatten());
        parts = rest;
        parts.push(set);
    }
    parts.into_iter().collect()
}

/// Accounts tell nothing by themselves; phones do.
fn accounts_do_not_match() -> Policy {
    let usual = KindPolicy::of(HandleKind::Account);
    Policy::default().with_kind(HandleKind::Account, KindPolicy { matches: false, ..usual })
}

#[test]
fn a_handle_whose_kind_may_not_match_leaves_the_event_alone_each_time() {
    let (mut shelf, policy) = (Shelf::default(), accounts_do_not_match());
    let alone = |number| event(number, &BTreeSet::from([1]));
    let first = shelf.tell(&alone(1), &policy);
    assert_eq!(first.decision.outcome, MatchOutcome::Anonymous);
    assert_eq!(first.decision.set_aside[0].why, Obstacle::NotMatching);
    assert_eq!(shelf.tell(&alone(1), &policy).home, first.home, "told again, the same");
    assert_ne!(shelf.tell(&alone(2), &policy).home, first.home);
    assert!(shelf.links.is_empty());
}

#[test]
fn a_handle_whose_kind_may_not_match_joins_nobody_either() {
    let (mut shelf, policy) = (Shelf::default(), accounts_do_not_match());
    let with_phone = |number, phone: &str| {
        let mut event = event(number, &BTreeSet::from([1]));
        event.handles.push(Handle::phone(phone, "US", Assurance::Attested).unwrap());
        event
    };
    let first = shelf.tell(&with_phone(1, "+1 202 555 0101"), &policy);
    let second = shelf.tell(&with_phone(2, "+1 202 555 0102"), &policy);
    assert_eq!(second.decision.outcome, MatchOutcome::Created);
    assert_eq!(second.decision.set_aside[0].why, Obstacle::NotMatching);
    assert_eq!(second.decision.set_aside[0].leads_to, Some(first.customer));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn merges_undone_in_any_order_leave_what_never_merging_leaves(
        story in stories(), order in prop::collection::vec(any::<Index>(), 40)
    ) {
        let (mut merged, mut never) = (Shelf::default(), Shelf::default());
        for (number, (accounts, undo)) in story.iter().enumerate() {
            let told = event(number, accounts);
            let answer = merged.tell(&told, &unlimited(Merging::Auto));
            let alone = never.tell(&told, &unlimited(Merging::Never));
            prop_assert_eq!(answer.home, alone.home, "an event belongs to the same profile");
            let standing = merged.standing();
            if let (Some(undo), false) = (undo, standing.is_empty()) {
                merged.undo(undo.get(&standing));
            }
        }
        for index in order {
            let standing = merged.standing();
            if standing.is_empty() {
                break;
            }
            merged.undo(index.get(&standing));
        }
        prop_assert_eq!(merged.standing(), Vec::new());
        prop_assert_eq!(merged.held(), never.held());
        prop_assert_eq!(merged.customers(), never.customers());
    }

    #[test]
    fn without_limits_handles_that_ever_met_are_one_customer_in_any_order(
        story in stories(), seed in any::<u64>()
    ) {
        let mut events: Vec<_> =
            story.iter().enumerate().map(|(number, (accounts, _))| event(number, accounts)).collect();
        let expected: BTreeSet<BTreeSet<_>> = closure(story.iter().map(|(set, _)| set.clone()))
            .into_iter()
            .map(|part| part.into_iter().map(|number| account(number).key()).collect())
            .collect();
        events.sort_by_cached_key(|event| domain::queue_group(&[&seed.to_string(), event.id.as_str()]));
        let mut shelf = Shelf::default();
        for event in &events {
            shelf.tell(event, &unlimited(Merging::Auto));
        }
        prop_assert_eq!(shelf.customers(), expected);
    }

    #[test]
    fn no_customer_ever_has_more_than_the_limit(story in stories(), most in 1usize..5) {
        let mut shelf = Shelf::default();
        for (number, (accounts, _)) in story.iter().enumerate() {
            let answer = shelf.tell(&event(number, accounts), &limited(most));
            prop_assert!(shelf.customers().iter().all(|handles| handles.len() <= most));
            for aside in &answer.decision.set_aside {
                prop_assert_eq!(aside.why, Obstacle::OverLimit);
                prop_assert_eq!(aside.limit, Some(HandleKind::Account));
            }
            let said = answer.decision.set_aside.len() + answer.decision.linked.len();
            prop_assert!(said <= accounts.len());
        }
    }

    #[test]
    fn an_event_told_again_changes_nothing(story in stories()) {
        let mut shelf = Shelf::default();
        for (number, (accounts, _)) in story.iter().enumerate() {
            let told = event(number, accounts);
            let first = shelf.tell(&told, &unlimited(Merging::Auto));
            let before = shelf.clone();
            let again = shelf.tell(&told, &unlimited(Merging::Auto));
            prop_assert_eq!(again.decision.outcome, MatchOutcome::Matched);
            prop_assert_eq!(again.customer, first.customer);
            prop_assert_eq!(&shelf, &before);
        }
    }

    #[test]
    fn what_a_person_told_apart_no_event_joins_again(story in stories(), pick in any::<Index>()) {
        let mut shelf = Shelf::default();
        for (number, (accounts, _)) in story.iter().enumerate() {
            shelf.tell(&event(number, accounts), &unlimited(Merging::Auto));
        }
        let standing = shelf.standing();
        prop_assume!(!standing.is_empty());
        let id = pick.get(&standing).clone();
        let (one, other) = shelf.merges[&id].joins.clone();
        for id in standing {
            shelf.undo(&id);
        }
        for (number, (accounts, _)) in story.iter().enumerate() {
            shelf.tell(&event(100 + number, accounts), &unlimited(Merging::Auto));
        }
        let of = |id| shelf.group(id).unwrap().root.id;
        prop_assert_ne!(of(&one), of(&other));
    }
}
