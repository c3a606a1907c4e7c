//! Strangers whom the CRM may know.

use crate::desk::Desk;
use crate::people::{email, phone, record};
use crate::phonebook::link;
use domain::{CustomerId, MatchOutcome};
use runtime::memory::message;

#[tokio::test]
async fn a_stranger_whom_the_crm_knows_is_its_record() {
    let desk = Desk::new();
    desk.phonebook.enter("7", &[phone(1)]);
    let matched = desk.matched(1, &[phone(1)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Created);
    assert_eq!(matched.customer, CustomerId::new(record("7").key().as_str()));
    let customer = desk.contents().customers[&matched.customer].clone();
    assert_eq!(customer.crm, Some(link("7")));
    let handles: Vec<_> = customer.handles.into_keys().collect();
    assert_eq!(handles, [record("7").key(), phone(1).key()]);
    assert_eq!(desk.phonebook.asked(), 1);
}

#[tokio::test]
async fn a_stranger_joins_the_customer_whom_another_handle_of_the_record_made() {
    let desk = Desk::new();
    desk.phonebook.enter("7", &[phone(1), email("anna")]);
    let by_phone = desk.matched(1, &[phone(1)]).await;
    let by_email = desk.matched(2, &[email("anna")]).await;
    assert_eq!(by_email.decision.outcome, MatchOutcome::Linked);
    assert_eq!(by_email.decision.by, Some(record("7").key()));
    assert_eq!(by_email.customer, by_phone.customer);
    assert_eq!(desk.contents().customers.len(), 1);
}

#[tokio::test]
async fn a_known_customer_gains_the_record_of_a_new_handle() {
    let desk = Desk::new();
    let created = desk.matched(1, &[phone(1)]).await;
    desk.phonebook.enter("7", &[email("anna")]);
    let matched = desk.matched(2, &[phone(1), email("anna")]).await;
    assert_eq!(matched.customer, created.customer);
    assert_eq!(desk.contents().customers[&matched.customer].crm, Some(link("7")));
    assert_eq!(desk.owner(&record("7")), created.customer);
}

#[tokio::test]
async fn a_record_joins_two_customers_who_came_before_it() {
    let desk = Desk::new();
    let anna = desk.matched(1, &[phone(1)]).await.customer;
    let second = desk.matched(2, &[email("anna")]).await.customer;
    desk.phonebook.enter("7", &[phone(1), phone(2), email("anna"), email("other")]);
    let by_phone = desk.matched(3, &[phone(1), phone(2)]).await;
    assert_eq!(
        (by_phone.decision.outcome, by_phone.customer),
        (MatchOutcome::Linked, anna.clone())
    );
    let by_email = desk.matched(4, &[email("anna"), email("other")]).await;
    assert_eq!(by_email.decision.outcome, MatchOutcome::Merged);
    assert_eq!(by_email.decision.by, Some(record("7").key()));
    assert_eq!((desk.owner(&email("anna")), desk.link(&email("anna")).home), (anna, second));
}

#[tokio::test]
async fn while_the_crm_is_away_strangers_wait_and_customers_do_not() {
    let desk = Desk::new();
    let known = desk.matched(1, &[phone(1)]).await;
    desk.phonebook.close(true);
    let failure = desk.handle(message(2, &[email("anna")])).await.unwrap_err();
    assert_eq!(failure.reason.code, "crm_unreachable");
    assert_eq!(desk.contents().customers.len(), 1, "nobody is made up meanwhile");
    assert_eq!(desk.matched(3, &[phone(1)]).await.customer, known.customer);
}
