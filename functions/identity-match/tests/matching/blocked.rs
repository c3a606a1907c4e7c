//! Values that are nobody's.

use crate::desk::{Desk, set_aside};
use crate::people::{email, phone};
use domain::{MatchOutcome, Obstacle};
use runtime::memory::{customer, enter};
use state::Committed;

const OWN: &str = r#"{ blocked: ["+12025550199", "email:*@example.com"] }"#;

#[tokio::test]
async fn the_companys_own_handles_have_no_say() {
    let desk = Desk::with(OWN);
    let first = desk.matched(1, &[phone(1), phone(99), email("care")]).await;
    assert_eq!(first.decision.linked, [phone(1).key()]);
    let blocked = [(phone(99).key(), Obstacle::Blocked), (email("care").key(), Obstacle::Blocked)];
    assert_eq!(set_aside(&first), blocked);
    let second = desk.matched(2, &[phone(2), phone(99), email("care")]).await;
    assert_ne!(second.customer, first.customer, "they join nobody");
    assert_eq!(desk.contents().links.len(), 2);
}

#[tokio::test]
async fn the_crm_is_not_asked_for_a_blocked_handle() {
    let desk = Desk::with(OWN);
    desk.phonebook.enter("7", &[phone(99)]);
    let matched = desk.matched(1, &[phone(1), phone(99)]).await;
    assert_eq!(desk.contents().customers[&matched.customer].crm, None);
}

#[tokio::test]
async fn a_handle_that_was_known_before_it_was_blocked_leads_nowhere() {
    let desk = Desk::with(OWN);
    let switchboard = customer(&[phone(99)]);
    assert_eq!(enter(&desk.store, switchboard.clone()).await.unwrap(), Committed::Written);
    let matched = desk.matched(1, &[phone(1), phone(99)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Created);
    assert_ne!(matched.customer, switchboard.id);
}
