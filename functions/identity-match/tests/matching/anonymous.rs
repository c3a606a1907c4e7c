//! Events with nothing to go by.

use crate::desk::{Desk, set_aside};
use crate::people::{email, phone};
use domain::{Assurance, CustomerId, Handle, HandleKind, MatchOutcome, Obstacle};

fn placeholder() -> Handle {
    Handle::account(HandleKind::Account, "shop", "0", Assurance::Attested).unwrap()
}

#[tokio::test]
async fn an_event_with_only_blocked_handles_stands_alone() {
    let desk = Desk::new();
    let matched = desk.matched(1, &[placeholder()]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Anonymous);
    assert_eq!((&matched.decision.by, &matched.decision.linked[..]), (&None, &[][..]));
    assert_eq!(set_aside(&matched), [(placeholder().key(), Obstacle::Blocked)]);
    assert_eq!(matched.customer, CustomerId::new(matched.event.id.as_str()));
    let contents = desk.contents();
    assert!(contents.customers[&matched.customer].handles.is_empty());
    assert!(contents.links.is_empty());
    assert_eq!(desk.phonebook.asked(), 0);
    assert_eq!(desk.group(), matched.customer.as_str());
}

#[tokio::test]
async fn an_event_without_handles_stands_alone() {
    let desk = Desk::new();
    let matched = desk.matched(1, &[]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Anonymous);
    assert_eq!(matched.customer, CustomerId::new(matched.event.id.as_str()));
}

#[tokio::test]
async fn an_event_that_stands_alone_stands_there_when_it_comes_again() {
    for handles in [vec![], vec![placeholder()]] {
        let desk = Desk::new();
        let first = desk.matched(1, &handles).await;
        let (before, writes) = (desk.contents(), desk.store.writes());
        let again = desk.matched(1, &handles).await;
        assert_eq!(again, first);
        assert_eq!((desk.contents(), desk.store.writes()), (before, writes));
    }
}

#[tokio::test]
async fn two_events_with_nothing_to_go_by_are_two() {
    let desk = Desk::new();
    let first = desk.matched(1, &[placeholder()]).await;
    let second = desk.matched(2, &[placeholder()]).await;
    assert_ne!(first.customer, second.customer);
}

#[tokio::test]
async fn a_kind_that_does_not_match_leads_no_event_to_its_customer() {
    let desk = Desk::with("{ kinds: { phone: { match: false } } }");
    let anna = desk.matched(1, &[email("anna"), phone(1)]).await;
    let alone = desk.matched(2, &[phone(1)]).await;
    assert_ne!(alone.customer, anna.customer);
    let other = desk.matched(3, &[email("bob"), phone(1)]).await;
    assert_ne!(other.customer, anna.customer);
    assert_eq!(set_aside(&other), [(phone(1).key(), Obstacle::NotMatching)]);
    assert!(desk.contents().merges.is_empty(), "what does not lead to a customer joins none");
    let before = desk.contents();
    assert_eq!(desk.matched(2, &[phone(1)]).await, alone);
    assert_eq!(desk.contents(), before, "the same event twice");
}
