//! Known, linked, created, and sent on.

use crate::desk::Desk;
use crate::people::{email, phone};
use domain::{Assurance, CustomerId, Held, MatchOutcome};
use runtime::memory::{Closed, message};

#[tokio::test]
async fn nobody_known_becomes_a_customer_with_every_handle() {
    let desk = Desk::new();
    let matched = desk.matched(7, &[email("anna"), phone(1), email("anna")]).await;
    let keys = [phone(1).key(), email("anna").key()];
    assert_eq!(matched.decision.outcome, MatchOutcome::Created);
    assert_eq!(matched.decision.by, Some(phone(1).key()), "the phone tells more");
    assert_eq!((&matched.decision.linked[..], matched.decision.config_version), (&keys[..], 1));
    assert_eq!(matched.customer, CustomerId::new(phone(1).key().as_str()));
    let customer = desk.contents().customers[&matched.customer].clone();
    let held = Held::new(matched.event.occurred_at, Assurance::Attested);
    assert_eq!(customer.handles, keys.map(|key| (key, held)).into());
    assert_eq!((customer.created_at, customer.crm), (matched.event.occurred_at, None));
    assert_eq!(desk.owner(&email("anna")), matched.customer);
    let [parcel] = &desk.queue.parcels()[..] else { panic!("one parcel") };
    assert_eq!(parcel.group, matched.customer.as_str());
    assert_eq!(parcel.deduplication, matched.event.id.as_str());
}

#[tokio::test]
async fn a_known_customer_costs_one_read_no_write_and_one_message() {
    let desk = Desk::new();
    let created = desk.matched(1, &[phone(1), email("anna")]).await;
    let (reads, writes, asked) = (desk.store.reads(), desk.store.writes(), desk.phonebook.asked());
    let matched = desk.matched(2, &[email("anna"), phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Matched);
    assert_eq!((matched.customer, matched.decision.by), (created.customer, Some(phone(1).key())));
    assert_eq!(desk.store.reads() - reads, 1);
    assert_eq!(desk.store.writes(), writes);
    assert_eq!(desk.phonebook.asked(), asked, "the CRM is asked for strangers only");
    assert_eq!(desk.queue.parcels().len(), 2);
}

#[tokio::test]
async fn a_new_handle_is_linked_to_its_customer() {
    let desk = Desk::new();
    let created = desk.matched(1, &[email("anna")]).await;
    let matched = desk.matched(2, &[phone(1), email("anna")]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Linked);
    assert_eq!(matched.decision.by, Some(email("anna").key()), "what was known decided");
    assert_eq!(matched.decision.linked, [phone(1).key()]);
    assert_eq!(matched.customer, created.customer);
    assert_eq!(desk.owner(&phone(1)), created.customer);
    let held = desk.contents().customers[&created.customer].handles[&phone(1).key()];
    assert_eq!(held.since, matched.event.occurred_at);
    assert_eq!(desk.matched(3, &[phone(1)]).await.decision.outcome, MatchOutcome::Matched);
}

#[tokio::test]
async fn the_configuration_says_which_handle_tells_most() {
    let desk = Desk::with("{ priority: [email] }");
    let matched = desk.matched(1, &[phone(1), email("anna")]).await;
    assert_eq!(matched.decision.by, Some(email("anna").key()));
}

#[tokio::test]
async fn what_was_matched_and_not_sent_is_matched_alike_by_the_repetition() {
    let desk = Desk::new();
    desk.queue.close(Some(Closed::Unavailable));
    let failure = desk.handle(message(1, &[phone(1)])).await.unwrap_err();
    assert_eq!(failure.reason.code, "queue_unavailable");
    let before = desk.contents();
    desk.queue.close(None);
    let matched = desk.matched(1, &[phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Matched);
    assert_eq!(desk.contents(), before);
}
