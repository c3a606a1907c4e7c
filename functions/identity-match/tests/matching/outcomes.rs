//! Known, linked, created, in conflict.

use crate::desk::{Desk, email, phone, record};
use domain::{CrmLink, CustomerId, Disposition, MatchOutcome};
use runtime::memory::{Closed, message};

#[tokio::test]
async fn nobody_known_becomes_a_customer_with_every_handle() {
    let desk = Desk::new();
    let matched = desk.matched(7, &[email("anna"), phone(1), email("anna")]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Created);
    assert_eq!(matched.decision.by, phone(1).key(), "the phone tells more");
    assert_eq!(matched.decision.config_version, 1);
    assert_eq!(matched.customer, CustomerId::new(phone(1).key().as_str()));
    let customer = desk.store.contents().customers[&matched.customer].clone();
    assert_eq!(customer.handles, [phone(1).key(), email("anna").key()].into());
    assert_eq!((customer.created_at, customer.crm), (matched.event.occurred_at, None));
    assert_eq!(desk.owner(&email("anna")), matched.customer);
    let [parcel] = &desk.queue.parcels()[..] else { panic!("one parcel") };
    assert_eq!(parcel.group, matched.customer.as_str());
    assert_eq!(parcel.deduplication, matched.event.id.as_str());
}

#[tokio::test]
async fn a_known_customer_costs_one_read_and_no_write() {
    let desk = Desk::new();
    let created = desk.matched(1, &[phone(1), email("anna")]).await;
    let (reads, writes, asked) = (desk.store.reads(), desk.store.writes(), desk.phonebook.asked());
    let matched = desk.matched(2, &[email("anna"), phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Known);
    assert_eq!((matched.customer, matched.decision.by), (created.customer, phone(1).key()));
    assert_eq!(desk.store.reads() - reads, 1);
    assert_eq!(desk.store.writes(), writes);
    assert_eq!(desk.phonebook.asked(), asked, "the CRM is asked for strangers only");
}

#[tokio::test]
async fn a_new_handle_is_linked_to_its_customer() {
    let desk = Desk::new();
    let created = desk.matched(1, &[email("anna")]).await;
    let matched = desk.matched(2, &[phone(1), email("anna")]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Linked);
    assert_eq!(matched.decision.by, email("anna").key(), "what was known decided");
    assert_eq!(matched.customer, created.customer);
    assert_eq!(desk.owner(&phone(1)), created.customer);
    assert!(desk.store.contents().customers[&created.customer].handles.contains(&phone(1).key()));
    assert_eq!(desk.matched(3, &[phone(1)]).await.decision.outcome, MatchOutcome::Known);
}

#[tokio::test]
async fn handles_of_two_customers_are_a_conflict_that_moves_none() {
    let desk = Desk::new();
    let anna = desk.matched(1, &[phone(1)]).await.customer;
    let bob = desk.matched(2, &[email("bob")]).await.customer;
    let matched = desk.matched(3, &[email("new"), email("bob"), phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Conflict);
    assert_eq!((&matched.customer, matched.decision.by), (&anna, phone(1).key()));
    assert_eq!(matched.decision.set_aside, [email("bob").key()]);
    assert_eq!(desk.owner(&email("bob")), bob, "left where it was");
    assert_eq!(desk.owner(&email("new")), anna, "what nobody had goes to whom it concerns");
    let again = desk.matched(4, &[email("bob"), phone(1)]).await;
    assert_eq!(again.decision.outcome, MatchOutcome::Conflict, "and is one each time");
}

#[tokio::test]
async fn a_record_that_the_event_itself_names_is_not_asked_for() {
    let desk = Desk::new();
    let matched = desk.matched(1, &[email("anna"), record("7")]).await;
    assert_eq!(desk.phonebook.asked(), 0);
    assert_eq!(matched.decision.by, record("7").key());
    let customer = desk.store.contents().customers[&matched.customer].clone();
    assert_eq!(customer.crm, Some(CrmLink { crm: "tryton".into(), id: "7".into() }));
}

#[tokio::test]
async fn an_event_without_handles_is_parked() {
    let desk = Desk::new();
    let failure = desk.handle(message(1, &[])).await.unwrap_err();
    assert_eq!((&*failure.reason.code, failure.disposition), ("no_handle", Disposition::Park));
    assert!(desk.queue.parcels().is_empty());
    assert_eq!(desk.store.writes(), 0);
}

#[tokio::test]
async fn what_was_matched_and_not_sent_is_matched_alike_by_the_repetition() {
    let desk = Desk::new();
    desk.queue.close(Some(Closed::Unavailable));
    let failure = desk.handle(message(1, &[phone(1)])).await.unwrap_err();
    assert_eq!(failure.reason.code, "queue_unavailable");
    desk.queue.close(None);
    let matched = desk.matched(1, &[phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Known);
    assert_eq!(desk.store.contents().customers.len(), 1);
}
