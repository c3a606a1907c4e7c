//! Customers whom an event joins.

use crate::desk::{Desk, set_aside};
use crate::people::{email, phone, unionid};
use domain::{Assurance, CustomerId, Handle, HandleKind, MatchOutcome, Obstacle};
use identity::{Cause, Inquiry, MergeState, part};
use runtime::memory::{Closed, START, customer, enter, message};
use state::{Committed, Customers, Identities};

/// A customer by phone and, later, one by e-mail.
async fn two(desk: &Desk) -> (CustomerId, CustomerId) {
    let anna = desk.matched(1, &[phone(1)]).await.customer;
    (anna, desk.matched(2, &[email("anna")]).await.customer)
}

/// Takes the only merge away, as a person does.
async fn part_again(desk: &Desk) {
    let merge = desk.merge();
    let group = desk.store.group(&merge.survivor).await.unwrap().unwrap();
    let links = desk.contents().links;
    let change = part(&group, &links, merge, ("pat".into(), START)).unwrap();
    assert_eq!(desk.store.commit(&change).await.unwrap(), Committed::Written);
}

#[tokio::test]
async fn a_pair_of_proved_handles_makes_two_customers_one() {
    let desk = Desk::new();
    let (anna, second) = two(&desk).await;
    let matched = desk.matched(3, &[email("anna"), phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Merged);
    assert_eq!(matched.decision.by, Some(phone(1).key()));
    assert_eq!(matched.customer, anna, "the event belongs to the profile of what decided");
    for handle in [phone(1), email("anna")] {
        assert_eq!(desk.owner(&handle), anna, "both lead to the older");
    }
    assert_eq!(desk.link(&email("anna")).home, second, "each profile keeps its own");
    let contents = desk.contents();
    assert_eq!(contents.customers[&second].membership.merged_into, Some(anna));
    assert_eq!(contents.customers[&second].handles.len(), 1);
}

#[tokio::test]
async fn a_merge_is_journalled_with_its_cause_and_what_spoke_for_it() {
    let desk = Desk::new();
    let (anna, second) = two(&desk).await;
    let matched = desk.matched(3, &[email("anna"), phone(1)]).await;
    let merge = desk.merge();
    assert_eq!(matched.decision.merges, std::slice::from_ref(&merge.id));
    assert_eq!(
        (merge.at, merge.cause),
        (matched.event.occurred_at, Cause::Event(matched.event.id))
    );
    assert_eq!((&merge.survivor, &merge.absorbed), (&anna, &second));
    assert_eq!(merge.joins, (anna.clone(), second.clone()));
    assert_eq!(merge.handles, [phone(1).key(), email("anna").key()]);
    assert_eq!((merge.config_version, merge.state), (1, MergeState::Standing));
    let root = desk.contents().customers[&anna].clone();
    assert_eq!(root.membership.merges, [(merge.id, (anna, second))].into());
}

#[tokio::test]
async fn the_older_customer_survives_whichever_handle_decides() {
    let desk = Desk::new();
    let older = desk.matched(1, &[email("anna")]).await.customer;
    let newer = desk.matched(2, &[phone(1)]).await.customer;
    let matched = desk.matched(3, &[email("anna"), phone(1)]).await;
    assert_eq!(matched.customer, newer, "the phone decided whose event it is");
    assert_eq!(desk.group(), older.as_str());
    assert_eq!((desk.owner(&phone(1)), desk.owner(&email("anna"))), (older.clone(), older.clone()));
    assert_eq!((desk.merge().survivor, desk.merge().absorbed), (older, newer));
}

#[tokio::test]
async fn age_is_when_the_event_happened_and_not_when_it_arrived() {
    let desk = Desk::new();
    let late = desk.matched(100, &[phone(1)]).await.customer;
    let early = desk.matched(5, &[email("anna")]).await.customer;
    desk.matched(101, &[email("anna"), phone(1)]).await;
    assert_eq!((desk.merge().survivor, desk.merge().absorbed), (early, late));
}

#[tokio::test]
async fn once_merged_each_handle_costs_one_read_and_leads_to_its_own_profile() {
    let desk = Desk::new();
    let (anna, second) = two(&desk).await;
    desk.matched(3, &[email("anna"), phone(1)]).await;
    let (reads, writes) = (desk.store.reads(), desk.store.writes());
    let matched = desk.matched(4, &[email("anna")]).await;
    assert_eq!((matched.customer, matched.decision.outcome), (second, MatchOutcome::Matched));
    assert_eq!(desk.group(), anna.as_str(), "in the order of the whole customer");
    assert_eq!((desk.store.reads() - reads, desk.store.writes() - writes), (1, 0));
}

#[tokio::test]
async fn one_event_may_join_three() {
    let desk = Desk::new();
    let (anna, _) = two(&desk).await;
    desk.matched(3, &[unionid("anna")]).await;
    let matched = desk.matched(4, &[unionid("anna"), phone(1), email("anna")]).await;
    assert_eq!(matched.decision.merges.len(), 2);
    assert_eq!(desk.contents().merges.len(), 2);
    for handle in [unionid("anna"), phone(1), email("anna")] {
        assert_eq!(desk.owner(&handle), anna);
    }
    let root = desk.contents().customers[&anna].clone();
    assert_eq!(root.membership.merges.len(), 2);
}

#[tokio::test]
async fn a_customer_who_was_merged_brings_the_others_along() {
    let desk = Desk::new();
    let oldest = desk.matched(0, &[unionid("anna")]).await.customer;
    let (anna, second) = two(&desk).await;
    desk.matched(3, &[phone(1), email("anna")]).await;
    desk.matched(4, &[unionid("anna"), email("anna")]).await;
    let contents = desk.contents();
    for profile in [&anna, &second] {
        let membership = &contents.customers[profile].membership;
        assert_eq!(membership.merged_into, Some(oldest.clone()));
        assert!(membership.merges.is_empty(), "the root alone bears the merges");
    }
    assert_eq!(contents.customers[&oldest].membership.merges.len(), 2);
    assert!(contents.links.values().all(|link| link.customer == oldest));
}

#[tokio::test]
async fn an_event_that_joined_two_and_was_not_sent_joins_them_once() {
    let desk = Desk::new();
    two(&desk).await;
    desk.queue.close(Some(Closed::Unavailable));
    desk.handle(message(3, &[phone(1), email("anna")])).await.unwrap_err();
    let merged = desk.contents();
    desk.queue.close(None);
    let matched = desk.matched(3, &[phone(1), email("anna")]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Matched);
    assert_eq!(desk.contents(), merged);
}

#[tokio::test]
async fn a_kind_that_may_not_merge_leaves_two_customers() {
    for kind in ["email", "phone"] {
        let desk = Desk::with(&format!("{{ kinds: {{ {kind}: {{ merge: never }} }} }}"));
        let (anna, second) = two(&desk).await;
        let matched = desk.matched(3, &[phone(1), email("anna")]).await;
        assert_eq!(set_aside(&matched), [(email("anna").key(), Obstacle::NotMerging)]);
        assert_eq!(matched.decision.set_aside[0].leads_to, Some(second));
        assert_eq!((matched.customer, matched.decision.outcome), (anna, MatchOutcome::Matched));
        let contents = desk.contents();
        assert!(contents.merges.is_empty() && contents.reviews.is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn a_kind_whose_merges_are_reviewed_leaves_one_question() {
    let desk = Desk::with("{ kinds: { email: { merge: review } } }");
    let (anna, second) = two(&desk).await;
    for number in [3, 4] {
        let matched = desk.matched(number, &[phone(1), email("anna")]).await;
        assert_eq!(set_aside(&matched), [(email("anna").key(), Obstacle::AwaitsReview)]);
        assert_eq!(matched.customer, anna);
        assert_eq!(matched.decision.reviews, [desk.review().id]);
    }
    let (handles, because) = (vec![phone(1).key(), email("anna").key()], Obstacle::AwaitsReview);
    assert_eq!(desk.review().inquiry, Inquiry::SamePerson { other: second, handles, because });
    assert!(desk.contents().merges.is_empty());
}

#[tokio::test]
async fn a_kind_that_may_not_merge_is_linked_all_the_same() {
    let desk = Desk::with("{ kinds: { email: { merge: never } } }");
    let anna = desk.matched(1, &[phone(1), email("anna")]).await.customer;
    assert_eq!(desk.matched(2, &[email("anna")]).await.customer, anna);
}

#[tokio::test]
async fn two_whom_a_person_told_apart_are_not_joined_again_by_events() {
    let desk = Desk::new();
    let (anna, second) = two(&desk).await;
    desk.matched(3, &[phone(1), email("anna")]).await;
    part_again(&desk).await;
    let matched = desk.matched(4, &[phone(1), email("anna")]).await;
    assert_eq!(set_aside(&matched), [(email("anna").key(), Obstacle::KeptApart)]);
    assert_eq!((desk.owner(&phone(1)), desk.owner(&email("anna"))), (anna, second));
    assert!(matches!(desk.merge().state, MergeState::Undone { .. }));
    assert!(matched.decision.merges.is_empty() && matched.decision.reviews.is_empty());
}

#[tokio::test]
async fn two_whom_a_person_told_apart_are_not_joined_by_a_third() {
    let desk = Desk::new();
    let (anna, second) = two(&desk).await;
    desk.matched(3, &[phone(1), email("anna")]).await;
    part_again(&desk).await;
    desk.matched(4, &[unionid("x"), phone(1)]).await;
    let matched = desk.matched(5, &[unionid("x"), email("anna")]).await;
    assert_eq!(set_aside(&matched), [(email("anna").key(), Obstacle::KeptApart)]);
    assert_eq!((desk.owner(&unionid("x")), desk.owner(&email("anna"))), (anna, second));
}

#[tokio::test]
async fn two_with_more_handles_than_one_write_can_move_are_left_to_a_person() {
    let desk = Desk::new();
    let anna = desk.matched(-10, &[phone(1)]).await.customer; // the older: the other would move
    let account = |index: u8| {
        let scope = format!("issuer{index}");
        Handle::account(HandleKind::Account, &scope, "anna", Assurance::Attested).unwrap()
    };
    let handles: Vec<_> = [email("anna")].into_iter().chain((0..100).map(account)).collect();
    assert_eq!(enter(&desk.store, customer(&handles)).await.unwrap(), Committed::Written);
    let matched = desk.matched(3, &[phone(1), email("anna")]).await;
    assert_eq!(set_aside(&matched), [(email("anna").key(), Obstacle::TooLarge)]);
    assert_eq!((&matched.customer, matched.decision.outcome), (&anna, MatchOutcome::Matched));
    assert!(matched.decision.merges.is_empty(), "none that did not come about");
    assert!(desk.contents().merges.is_empty());
    assert_eq!(matched.decision.reviews, [desk.review().id]);
}
