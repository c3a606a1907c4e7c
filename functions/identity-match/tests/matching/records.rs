//! Handles that the CRM has on several records, or on another one.

use crate::desk::{Desk, set_aside};
use crate::people::{email, phone, record};
use crate::phonebook::link;
use domain::{MatchOutcome, Obstacle};
use identity::{Candidate, Inquiry, ReviewState};
use runtime::memory::{customer, enter};
use state::Committed;

/// The CRM has the phone on Anna's record, and on a nameless one.
fn twofold(desk: &Desk) {
    desk.phonebook.enter("7", &[phone(1)]);
    desk.phonebook.enter("8", &[phone(1)]);
    desk.phonebook.name("7", "Anna");
}

#[tokio::test]
async fn which_of_several_records_is_meant_is_asked_and_not_guessed() {
    let desk = Desk::new();
    twofold(&desk);
    let matched = desk.matched(1, &[phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Created);
    assert_eq!(desk.contents().customers[&matched.customer].crm, None);
    let review = desk.review();
    assert_eq!(matched.decision.reviews, [review.id]);
    let name = Some("Anna".to_owned());
    let candidates =
        vec![Candidate { id: "7".into(), name }, Candidate { id: "8".into(), name: None }];
    let (crm, handle) = ("tryton".into(), phone(1).key());
    assert_eq!(review.inquiry, Inquiry::WhichRecord { crm, handle, candidates });
    assert_eq!((review.customer, review.state), (Some(matched.customer), ReviewState::Open));
    for id in ["7", "8"] {
        assert!(!desk.contents().links.contains_key(&record(id).key()));
    }
}

#[tokio::test]
async fn a_customer_whose_record_is_known_raises_no_question() {
    let desk = Desk::new();
    desk.phonebook.enter("5", &[]);
    let anna = desk.matched(1, &[record("5"), email("anna")]).await.customer;
    twofold(&desk);
    let matched = desk.matched(2, &[email("anna"), phone(1)]).await;
    assert_eq!(matched.customer, anna);
    assert_eq!(desk.contents().customers[&anna].crm, Some(link("5")));
    assert!(desk.contents().reviews.is_empty() && matched.decision.reviews.is_empty());
}

#[tokio::test]
async fn the_most_telling_handle_chooses_the_record_and_one_on_another_is_set_aside() {
    let desk = Desk::new();
    desk.phonebook.enter("7", &[phone(1)]);
    desk.phonebook.enter("8", &[email("office")]);
    let matched = desk.matched(1, &[email("office"), phone(1)]).await;
    assert_eq!(desk.contents().customers[&matched.customer].crm, Some(link("7")));
    assert_eq!(set_aside(&matched), [(email("office").key(), Obstacle::OtherRecord)]);
    assert!(!desk.contents().links.contains_key(&email("office").key()));
    let other = desk.matched(2, &[email("office")]).await;
    assert_eq!(desk.contents().customers[&other.customer].crm, Some(link("8")));
    assert_ne!(other.customer, matched.customer);
}

#[tokio::test]
async fn a_handle_on_the_record_of_somebody_else_is_not_linked_to_a_customer_with_another() {
    let desk = Desk::new();
    let anna = customer(&[record("7"), phone(1)]);
    assert_eq!(enter(&desk.store, anna.clone()).await.unwrap(), Committed::Written);
    desk.phonebook.enter("8", &[email("bob")]);
    let matched = desk.matched(1, &[phone(1), email("bob")]).await;
    assert_eq!(matched.customer, anna.id);
    assert!(set_aside(&matched).contains(&(email("bob").key(), Obstacle::OtherRecord)));
    assert!(!desk.contents().links.contains_key(&email("bob").key()));
    assert_eq!(desk.contents().customers[&anna.id].crm, Some(link("7")));
    let bob = desk.matched(2, &[email("bob")]).await;
    assert_eq!(desk.contents().customers[&bob.customer].crm, Some(link("8")));
}

#[tokio::test]
async fn a_record_that_the_event_names_is_looked_up_once_and_not_searched_for() {
    let desk = Desk::new();
    desk.phonebook.enter("7", &[]);
    let matched = desk.matched(1, &[email("anna"), record("7")]).await;
    assert_eq!((desk.phonebook.asked(), desk.phonebook.located()), (0, 1));
    assert_eq!(matched.decision.by, Some(record("7").key()));
    assert_eq!(desk.contents().customers[&matched.customer].crm, Some(link("7")));
    desk.matched(2, &[record("7")]).await;
    assert_eq!(desk.phonebook.located(), 1, "what is linked is known");
}
