//! Records that were merged or deleted inside the CRM.

use crate::desk::Desk;
use crate::people::{email, phone, record};
use crate::phonebook::link;
use domain::{CustomerId, EventKind, InboundEvent, MatchOutcome};
use identity::{Cause, MergeState};
use runtime::memory::message;
use serde_json::{Value, json};

/// The CRM tells that something happened to a record.
fn told(number: i64, id: &str, topic: &str) -> InboundEvent {
    let topic = topic.into();
    InboundEvent { kind: EventKind::Contact, topic, ..message(number, &[record(id)]) }
}

fn merged(number: i64, id: &str, into: Value) -> InboundEvent {
    InboundEvent { fields: [("into".to_owned(), into)].into(), ..told(number, id, "merged") }
}

/// Anna, whose record is 7; another record, 8, is in the CRM.
async fn anna(desk: &Desk) -> CustomerId {
    desk.phonebook.enter("7", &[]);
    desk.phonebook.enter("8", &[]);
    desk.matched(1, &[record("7"), phone(1)]).await.customer
}

#[tokio::test]
async fn a_customers_record_that_was_merged_into_another_moves() {
    for into in [json!("8"), json!(8)] {
        let desk = Desk::new();
        let anna = anna(&desk).await;
        desk.phonebook.merge("7", "8");
        let matched = desk.told(merged(2, "7", into)).await;
        assert_eq!(matched.customer, anna);
        let customer = desk.contents().customers[&anna].clone();
        assert_eq!(customer.crm, Some(link("8")));
        assert!(customer.handles[&record("7").key()].former, "it still leads to her");
        assert!(!customer.handles[&record("8").key()].former);
        assert_eq!((desk.owner(&record("7")), desk.owner(&record("8"))), (anna.clone(), anna));
        assert!(desk.contents().merges.is_empty());
    }
}

#[tokio::test]
async fn two_customers_whose_records_were_merged_are_one() {
    let desk = Desk::new();
    let anna = anna(&desk).await;
    let second = desk.matched(2, &[record("8"), email("anna")]).await.customer;
    desk.phonebook.merge("7", "8");
    let event = merged(3, "7", json!("8"));
    desk.told(event.clone()).await;
    assert_eq!((desk.owner(&phone(1)), desk.owner(&email("anna"))), (anna.clone(), anna.clone()));
    let merge = desk.merge();
    assert_eq!((merge.cause, merge.state), (Cause::Event(event.id), MergeState::Standing));
    assert_eq!(merge.handles, [record("7").key(), record("8").key()]);
    let contents = desk.contents();
    assert_eq!(
        (&contents.customers[&anna].crm, &contents.customers[&second].crm),
        (&None, &Some(link("8")))
    );
}

#[tokio::test]
async fn a_deleted_record_is_nobodys_record_and_still_leads_to_its_customer() {
    let desk = Desk::new();
    let anna = anna(&desk).await;
    let matched = desk.told(told(2, "7", "deleted")).await;
    assert_eq!(matched.customer, anna);
    let customer = desk.contents().customers[&anna].clone();
    assert_eq!(customer.crm, None);
    assert!(customer.handles[&record("7").key()].former);
    assert_eq!(desk.matched(3, &[record("7")]).await.customer, anna);
}

#[tokio::test]
async fn a_deleted_record_does_not_count_against_the_next_one() {
    let desk = Desk::new();
    let anna = anna(&desk).await;
    desk.told(told(2, "7", "deleted")).await;
    desk.phonebook.enter("9", &[email("anna")]);
    let matched = desk.matched(3, &[phone(1), email("anna")]).await;
    assert_eq!((&matched.customer, &matched.decision.set_aside[..]), (&anna, &[][..]));
    assert_eq!(desk.contents().customers[&anna].crm, Some(link("9")));
}

#[tokio::test]
async fn what_the_crm_tells_twice_moves_once() {
    for event in [merged(2, "7", json!("8")), told(2, "7", "deleted")] {
        let desk = Desk::new();
        anna(&desk).await;
        desk.phonebook.merge("7", "8");
        desk.told(event.clone()).await;
        let (before, writes) = (desk.contents(), desk.store.writes());
        desk.told(event).await;
        assert_eq!((desk.contents(), desk.store.writes()), (before, writes));
    }
}

#[tokio::test]
async fn the_end_of_a_record_that_nobody_had_is_nothing_to_wait_for() {
    let desk = Desk::new();
    let matched = desk.told(told(1, "9", "deleted")).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Anonymous);
    assert!(desk.contents().reviews.is_empty(), "that the CRM lacks it is no news");
}

#[tokio::test]
async fn a_record_that_nobody_had_leads_to_the_customer_of_the_one_it_was_merged_into() {
    let desk = Desk::new();
    let anna = anna(&desk).await;
    let matched = desk.told(merged(2, "9", json!("7"))).await;
    assert_eq!((matched.customer, matched.decision.by), (anna, Some(record("7").key())));
    assert!(desk.contents().reviews.is_empty());
}

#[tokio::test]
async fn a_record_that_changes_without_moving_stays() {
    let desk = Desk::new();
    let anna = anna(&desk).await;
    let before = desk.contents();
    for event in [told(2, "7", "updated"), told(3, "7", "merged"), merged(4, "7", json!("7"))] {
        let topic = event.topic.clone();
        assert_eq!(desk.told(event).await.customer, anna);
        assert_eq!(desk.contents(), before, "{topic}");
    }
}
