//! Handles that too many customers use.

use crate::desk::{Desk, set_aside};
use crate::people::{email, phone, unionid};
use domain::{CustomerId, MatchOutcome, Obstacle};

/// Five customers by their accounts, beside the one who had the phone first. Each then calls from
/// that phone.
async fn household(desk: &Desk) -> CustomerId {
    let first = desk.matched(0, &[unionid("first"), phone(1)]).await.customer;
    for number in 1..=5 {
        let own = unionid(&number.to_string());
        desk.matched(number, std::slice::from_ref(&own)).await;
        desk.matched(10 + number, &[own, phone(1)]).await;
    }
    first
}

#[tokio::test]
async fn a_phone_that_few_contest_stays_whose_it_is() {
    let desk = Desk::with("{ kinds: { phone: { shared_after: 6 } } }");
    let first = household(&desk).await;
    let link = desk.link(&phone(1));
    assert_eq!((link.customer, link.shared, link.contested.len()), (first, false, 5));
}

#[tokio::test]
async fn the_same_customer_contests_a_phone_once() {
    let desk = Desk::new();
    desk.matched(0, &[unionid("first"), phone(1)]).await;
    desk.matched(1, &[unionid("1")]).await;
    for number in 2..20 {
        desk.matched(number, &[unionid("1"), phone(1)]).await;
    }
    assert_eq!(desk.link(&phone(1)).contested.len(), 1);
}

#[tokio::test]
async fn a_phone_that_too_many_contest_is_nobodys() {
    let desk = Desk::new();
    let first = household(&desk).await;
    let link = desk.link(&phone(1));
    assert!(link.shared);
    let contents = desk.contents();
    assert!(!contents.customers[&first].handles.contains_key(&phone(1).key()));
    let own = &contents.customers[&link.home];
    assert_eq!(own.handles.keys().collect::<Vec<_>>(), [&phone(1).key()]);
    assert_eq!((link.customer, own.membership.merged_into.clone()), (link.home, None));
}

#[tokio::test]
async fn what_comes_in_by_a_shared_phone_alone_goes_to_the_phones_own_profile() {
    let desk = Desk::new();
    let first = household(&desk).await;
    let before = desk.contents();
    let reads = desk.store.reads();
    let matched = desk.matched(30, &[phone(1)]).await;
    assert_eq!(
        (&matched.customer, matched.decision.by),
        (&desk.link(&phone(1)).home, Some(phone(1).key()))
    );
    assert_ne!(matched.customer, first);
    assert_eq!(desk.contents(), before);
    assert_eq!(desk.store.reads() - reads, 1);
}

#[tokio::test]
async fn a_shared_phone_has_no_say_beside_other_handles() {
    let desk = Desk::new();
    household(&desk).await;
    let own = desk.link(&phone(1)).home;
    let known = desk.matched(30, &[unionid("3"), phone(1)]).await;
    assert_eq!(known.customer, desk.owner(&unionid("3")));
    assert_eq!(set_aside(&known), [(phone(1).key(), Obstacle::Shared)]);
    let stranger = desk.matched(31, &[email("new"), phone(1)]).await;
    assert_eq!(stranger.decision.outcome, MatchOutcome::Created);
    assert_ne!(stranger.customer, own);
    assert_eq!(set_aside(&stranger), [(phone(1).key(), Obstacle::Shared)]);
    assert_eq!(desk.owner(&email("new")), stranger.customer);
    assert!(desk.contents().merges.is_empty());
}

#[tokio::test]
async fn an_account_is_never_shared_however_many_phones_come_with_it() {
    let desk = Desk::with("{ kinds: { phone: { limit: 1 } } }");
    let anna = desk.matched(0, &[unionid("anna"), phone(1)]).await.customer;
    for last in 2..12 {
        desk.matched(i64::from(last), &[unionid("anna"), phone(last)]).await;
    }
    let link = desk.link(&unionid("anna"));
    assert_eq!((link.customer, link.shared), (anna, false));
}
