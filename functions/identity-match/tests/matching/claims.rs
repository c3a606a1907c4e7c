//! Handles that a customer typed, beside those that a channel proved.

use crate::desk::{Desk, set_aside};
use crate::people::{email, phone, typed};
use domain::{Assurance, MatchOutcome, Obstacle};
use identity::{Inquiry, ReviewState};

/// What everybody says of everybody's address.
const CLAIMED: Obstacle = Obstacle::Claimed;

#[tokio::test]
async fn a_typed_handle_is_believed_where_nobody_else_has_it() {
    let desk = Desk::new();
    let anna = desk.matched(1, &[phone(1), typed(email("anna"))]).await;
    assert_eq!(anna.decision.outcome, MatchOutcome::Created);
    assert_eq!(desk.link(&email("anna")).assurance, Assurance::Claimed);
    let known = desk.matched(2, &[typed(email("anna"))]).await;
    assert_eq!(known.decision.outcome, MatchOutcome::Matched, "it is all there is to go by");
    assert_eq!((&known.customer, set_aside(&known)), (&anna.customer, vec![]));
}

#[tokio::test]
async fn a_typed_handle_never_decides_over_a_proved_one() {
    let desk = Desk::with("{ priority: [email] }");
    let anna = desk.matched(1, &[email("anna")]).await.customer;
    let bob = desk.matched(2, &[phone(2)]).await.customer;
    let before = desk.contents();
    let matched = desk.matched(3, &[typed(email("anna")), phone(2)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Matched);
    assert_eq!((&matched.customer, &matched.decision.by), (&bob, &Some(phone(2).key())));
    assert_eq!(matched.decision.set_aside[0].leads_to, Some(anna));
    assert_eq!(set_aside(&matched), [(email("anna").key(), CLAIMED)]);
    assert_eq!(desk.contents(), before, "nothing moves, nobody is asked");
}

#[tokio::test]
async fn a_stranger_who_types_somebodys_address_is_not_taken_for_them() {
    let desk = Desk::new();
    let anna = desk.matched(1, &[email("anna")]).await.customer;
    let stranger = desk.matched(2, &[phone(2), typed(email("anna"))]).await;
    assert_eq!(stranger.decision.outcome, MatchOutcome::Created);
    assert_eq!(stranger.decision.linked, [phone(2).key()]);
    assert_ne!(stranger.customer, anna);
    assert_eq!(desk.owner(&email("anna")), anna);
}

#[tokio::test]
async fn what_two_customers_typed_stays_with_the_first() {
    let desk = Desk::new();
    let anna = desk.matched(1, &[phone(1), typed(email("anna"))]).await.customer;
    let bob = desk.matched(2, &[phone(2), typed(email("anna"))]).await;
    assert_eq!(set_aside(&bob), [(email("anna").key(), CLAIMED)]);
    assert_eq!(desk.owner(&email("anna")), anna);
}

#[tokio::test]
async fn a_typed_handle_is_taken_over_by_whoever_proves_it() {
    let desk = Desk::new();
    let bob = desk.matched(1, &[phone(2), typed(email("anna"))]).await.customer;
    let anna = desk.matched(2, &[phone(1)]).await.customer;
    let matched = desk.matched(3, &[phone(1), email("anna")]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Linked);
    assert_eq!(
        (&matched.customer, &matched.decision.linked[..]),
        (&anna, &[email("anna").key()][..])
    );
    assert_eq!(desk.owner(&email("anna")), anna);
    assert_eq!(desk.link(&email("anna")).assurance, Assurance::Attested);
    let contents = desk.contents();
    assert!(!contents.customers[&bob].handles.contains_key(&email("anna").key()));
    assert!(contents.merges.is_empty(), "whose it was is no reason to join the two");
}

#[tokio::test]
async fn a_typed_handle_that_its_own_customer_proves_is_proved_from_then_on() {
    let desk = Desk::new();
    let anna = desk.matched(1, &[phone(1), typed(email("anna"))]).await.customer;
    let since = desk.link(&email("anna")).since;
    let proof = desk.matched(2, &[phone(1), email("anna")]).await;
    assert_eq!((proof.customer, proof.decision.outcome), (anna.clone(), MatchOutcome::Linked));
    let link = desk.link(&email("anna"));
    assert_eq!((link.assurance, link.since), (Assurance::Attested, since));
    assert_eq!(
        desk.contents().customers[&anna].handles[&email("anna").key()].assurance,
        Assurance::Attested
    );
    let typed_again = desk.matched(3, &[phone(1), typed(email("anna"))]).await;
    assert_eq!(typed_again.decision.outcome, MatchOutcome::Matched);
    assert_eq!(desk.link(&email("anna")).assurance, Assurance::Attested, "once proved, proved");
}

#[tokio::test]
async fn where_claims_are_reviewed_a_person_is_asked_once_whether_two_are_one() {
    let desk = Desk::with("{ claimed: review }");
    let anna = desk.matched(1, &[email("anna")]).await.customer;
    let bob = desk.matched(2, &[phone(2), typed(email("anna"))]).await;
    let review = desk.review();
    assert_eq!(bob.decision.reviews, std::slice::from_ref(&review.id));
    assert_eq!(set_aside(&bob), [(email("anna").key(), CLAIMED)]);
    assert_eq!((&review.customer, &review.event), (&Some(bob.customer), &Some(bob.event.id)));
    let handles = vec![phone(2).key(), email("anna").key()];
    assert_eq!(review.inquiry, Inquiry::SamePerson { other: anna, handles, because: CLAIMED });
    assert_eq!(review.state, ReviewState::Open);
    desk.matched(3, &[phone(2), typed(email("anna"))]).await;
    assert_eq!(desk.review(), review, "the same question");
}

#[tokio::test]
async fn where_claims_are_reviewed_what_nobody_else_has_is_believed_unasked() {
    let desk = Desk::with("{ claimed: review }");
    let anna = desk.matched(1, &[phone(1), typed(email("anna"))]).await.customer;
    assert_eq!(desk.owner(&email("anna")), anna);
    assert!(desk.contents().reviews.is_empty());
}

#[tokio::test]
async fn where_claims_are_ignored_a_typed_handle_leads_nobody_anywhere() {
    let desk = Desk::with("{ claimed: ignore }");
    let anna = desk.matched(1, &[phone(1), typed(email("anna"))]).await;
    assert_eq!(set_aside(&anna), [(email("anna").key(), CLAIMED)]);
    assert!(!desk.contents().links.contains_key(&email("anna").key()));
    let alone = desk.matched(2, &[typed(phone(1))]).await;
    assert_eq!(alone.decision.outcome, MatchOutcome::Anonymous);
    assert_ne!(alone.customer, anna.customer);
}
