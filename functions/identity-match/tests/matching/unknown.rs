//! Records that an event names and the CRM lacks.

use crate::desk::{Desk, set_aside};
use crate::people::{phone, record};
use crate::phonebook::link;
use domain::{Disposition, MatchOutcome, Obstacle};
use identity::{Inquiry, Review, ReviewState};
use runtime::memory::{START, message};
use state::Journal;

/// A message that names a record, which the CRM does not have.
async fn held(desk: &Desk) -> Review {
    let failure = desk.handle(message(1, &[record("9"), phone(1)])).await.unwrap_err();
    assert_eq!(failure.reason.code, "crm_unknown_record");
    assert_eq!(failure.disposition, Disposition::Hold { tell: true }, "with an alarm");
    desk.review()
}

async fn answer(desk: &Desk, review: Review, state: ReviewState) {
    assert!(desk.store.close_review(&Review { state, ..review }).await.unwrap());
}

fn accepted(record: &str) -> ReviewState {
    ReviewState::Accepted { at: START, by: "pat".into(), record: Some(record.into()) }
}

#[tokio::test]
async fn an_event_with_an_unknown_record_is_held_and_a_person_is_asked_once() {
    let desk = Desk::new();
    let review = held(&desk).await;
    assert_eq!(review.inquiry, Inquiry::UnknownRecord { record: link("9") });
    assert_eq!((&review.customer, &review.event), (&None, &Some(message(1, &[]).id)));
    assert_eq!(held(&desk).await, review, "the same question");
    let contents = desk.contents();
    assert!(contents.customers.is_empty() && contents.links.is_empty());
    assert!(desk.queue.parcels().is_empty());
}

#[tokio::test]
async fn once_the_crm_knows_the_record_the_same_message_goes_through() {
    let desk = Desk::new();
    held(&desk).await;
    desk.phonebook.enter("9", &[]);
    let matched = desk.matched(1, &[record("9"), phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Created);
    assert_eq!(matched.decision.by, Some(record("9").key()));
    assert_eq!(desk.contents().customers[&matched.customer].crm, Some(link("9")));
}

#[tokio::test]
async fn once_a_person_named_the_right_record_the_same_message_goes_to_it() {
    let desk = Desk::new();
    let review = held(&desk).await;
    answer(&desk, review, accepted("7")).await;
    let matched = desk.matched(1, &[record("9"), phone(1)]).await;
    assert_eq!(set_aside(&matched), [(record("9").key(), Obstacle::UnknownRecord)]);
    assert_eq!(desk.contents().customers[&matched.customer].crm, Some(link("7")));
    assert_eq!(
        (desk.owner(&record("7")), desk.owner(&phone(1))),
        (matched.customer.clone(), matched.customer)
    );
}

#[tokio::test]
async fn once_a_person_said_that_there_is_none_the_same_message_goes_by_its_other_handles() {
    let desk = Desk::new();
    let review = held(&desk).await;
    answer(&desk, review, ReviewState::Rejected { at: START, by: "pat".into() }).await;
    let matched = desk.matched(1, &[record("9"), phone(1)]).await;
    assert_eq!(matched.decision.by, Some(phone(1).key()));
    assert_eq!(set_aside(&matched), [(record("9").key(), Obstacle::UnknownRecord)]);
    assert_eq!(desk.contents().customers[&matched.customer].crm, None);
    let alone = desk.matched(2, &[record("9")]).await;
    assert_eq!(alone.decision.outcome, MatchOutcome::Anonymous);
}

#[tokio::test]
async fn a_record_that_was_merged_away_leads_to_the_one_that_stands_for_it() {
    let desk = Desk::new();
    desk.phonebook.enter("7", &[]);
    desk.phonebook.merge("9", "7");
    let anna = desk.matched(1, &[record("7")]).await.customer;
    let matched = desk.matched(2, &[record("9"), phone(1)]).await;
    assert_eq!((&matched.customer, matched.decision.by), (&anna, Some(record("7").key())));
    assert_eq!(desk.owner(&phone(1)), anna);
    assert!(desk.contents().reviews.is_empty());
}

#[tokio::test]
async fn while_the_crm_is_away_nobody_is_asked() {
    let desk = Desk::new();
    desk.phonebook.close(true);
    let failure = desk.handle(message(1, &[record("9")])).await.unwrap_err();
    assert_eq!(failure.reason.code, "crm_unreachable");
    assert!(desk.contents().reviews.is_empty());
}
