//! How many handles of one kind make a customer implausible.

use crate::desk::{Desk, set_aside};
use crate::people::{email, phone, record, unionid};
use domain::{
    Assurance, CustomerId, Handle, HandleKind, MatchOutcome, Matched, Obstacle, SetAside,
};
use runtime::memory::{customer, enter};
use state::Committed;

/// The only handle without a say, of which the customer would have had too many.
fn over(limit: HandleKind, handle: &Handle, matched: &Matched) -> SetAside {
    let [aside] = &matched.decision.set_aside[..] else { panic!("{:?}", set_aside(matched)) };
    assert_eq!((&aside.handle, aside.why), (&handle.key(), Obstacle::OverLimit));
    assert_eq!(aside.limit, Some(limit));
    aside.clone()
}

#[tokio::test]
async fn two_accounts_of_one_issuer_are_two_people() {
    for (kind, one, other) in [
        (HandleKind::Crm, record("7"), record("8")),
        (HandleKind::WechatUnionid, unionid("one"), unionid("other")),
    ] {
        let desk = Desk::new();
        for id in ["7", "8"] {
            desk.phonebook.enter(id, &[]);
        }
        let anna = desk.matched(1, &[one, phone(1)]).await.customer;
        let bob = desk.matched(2, &[other.clone(), email("bob")]).await.customer;
        let matched = desk.matched(3, &[phone(1), email("bob")]).await;
        assert_eq!((&matched.customer, matched.decision.outcome), (&anna, MatchOutcome::Matched));
        assert_eq!(over(kind, &email("bob"), &matched).leads_to, Some(bob.clone()), "{kind:?}");
        assert_eq!((desk.owner(&email("bob")), desk.owner(&other)), (bob.clone(), bob));
        assert!(desk.contents().merges.is_empty() && matched.decision.merges.is_empty());
    }
}

#[tokio::test]
async fn the_lower_handle_is_set_aside_and_the_higher_one_is_a_customer_of_its_own() {
    let desk = Desk::new();
    let anna = desk.matched(1, &[unionid("anna"), phone(1)]).await.customer;
    let child = desk.matched(2, &[unionid("child"), phone(1)]).await;
    assert_eq!(child.decision.outcome, MatchOutcome::Created);
    assert_eq!(child.decision.by, Some(unionid("child").key()));
    assert_ne!(child.customer, anna, "a shared phone does not make the child the mother");
    assert_eq!(over(HandleKind::WechatUnionid, &phone(1), &child).leads_to, Some(anna.clone()));
    assert_eq!((desk.owner(&phone(1)), desk.owner(&unionid("child"))), (anna, child.customer));
}

/// Anna by her account, with five phones.
async fn five_phones(desk: &Desk) -> CustomerId {
    let anna = desk.matched(0, &[unionid("anna"), email("anna")]).await.customer;
    for last in 1..=5 {
        let matched = desk.matched(i64::from(last), &[unionid("anna"), phone(last)]).await;
        assert_eq!(matched.decision.outcome, MatchOutcome::Linked, "phone {last}");
    }
    anna
}

#[tokio::test]
async fn the_sixth_phone_is_one_too_many() {
    let desk = Desk::new();
    let anna = five_phones(&desk).await;
    let matched = desk.matched(6, &[unionid("anna"), phone(6)]).await;
    assert_eq!((matched.decision.outcome, &matched.customer), (MatchOutcome::Matched, &anna));
    assert_eq!(over(HandleKind::Phone, &phone(6), &matched).leads_to, None);
    assert!(!desk.contents().links.contains_key(&phone(6).key()), "it leads nowhere");
}

#[tokio::test]
async fn a_sixth_phone_tells_more_than_the_address_of_whoever_has_five() {
    let desk = Desk::new();
    let anna = five_phones(&desk).await;
    let matched = desk.matched(6, &[email("anna"), phone(6)]).await;
    assert_eq!(matched.decision.outcome, MatchOutcome::Created);
    assert_eq!(matched.decision.by, Some(phone(6).key()));
    assert_eq!(over(HandleKind::Phone, &email("anna"), &matched).leads_to, Some(anna));
}

#[tokio::test]
async fn a_limit_counts_every_profile_of_a_customer() {
    let desk = Desk::with("{ kinds: { phone: { limit: 2 } } }");
    let anna = desk.matched(1, &[email("anna"), phone(1)]).await.customer;
    let second = desk.matched(2, &[unionid("anna"), phone(2)]).await.customer;
    let joined = desk.matched(3, &[unionid("anna"), email("anna")]).await;
    assert_eq!(joined.decision.outcome, MatchOutcome::Merged);
    let matched = desk.matched(4, &[unionid("anna"), phone(3)]).await;
    over(HandleKind::Phone, &phone(3), &matched);
    assert_eq!((&matched.customer, desk.group()), (&second, anna.to_string()));
}

#[tokio::test]
async fn accounts_of_two_issuers_do_not_add_up() {
    let desk = Desk::with("{ kinds: { account: { limit: 1 } } }");
    let account = |scope: &str, id: &str| {
        Handle::account(HandleKind::Account, scope, id, Assurance::Attested).unwrap()
    };
    desk.matched(1, &[phone(1), account("shop", "anna")]).await;
    let other_issuer = desk.matched(2, &[phone(1), account("forum", "anna")]).await;
    assert_eq!(set_aside(&other_issuer), []);
    let same_issuer = desk.matched(3, &[phone(1), account("forum", "bob")]).await;
    over(HandleKind::Account, &account("forum", "bob"), &same_issuer);
}

#[tokio::test]
async fn a_limit_over_a_window_counts_only_what_came_in_lately() {
    const DAY: i64 = 86_400;
    let desk = Desk::with("{ kinds: { phone: { limit: 1, within: 30d } } }");
    desk.matched(0, &[unionid("anna"), phone(1)]).await;
    let early = desk.matched(29 * DAY, &[unionid("anna"), phone(2)]).await;
    over(HandleKind::Phone, &phone(2), &early);
    let late = desk.matched(30 * DAY, &[unionid("anna"), phone(2)]).await;
    assert_eq!(late.decision.linked, [phone(2).key()]);
    let third = desk.matched(31 * DAY, &[unionid("anna"), phone(3)]).await;
    over(HandleKind::Phone, &phone(3), &third);
}

#[tokio::test]
async fn a_limit_that_was_lowered_refuses_no_handle_of_another_kind() {
    let desk = Desk::with("{ kinds: { phone: { limit: 1 } } }");
    let anna = customer(&[phone(1), phone(2)]);
    assert_eq!(enter(&desk.store, anna.clone()).await.unwrap(), Committed::Written);
    let matched = desk.matched(1, &[phone(1), email("anna")]).await;
    assert_eq!((&matched.customer, set_aside(&matched)), (&anna.id, vec![]));
    assert_eq!(desk.owner(&email("anna")), anna.id);
}

#[tokio::test]
async fn a_handle_that_was_set_aside_may_begin_a_customer_of_its_own() {
    let desk = Desk::with("{ kinds: { phone: { limit: 1 } } }");
    let anna = desk.matched(1, &[unionid("anna"), phone(1)]).await.customer;
    desk.matched(2, &[unionid("anna"), phone(2)]).await;
    let alone = desk.matched(3, &[phone(2)]).await;
    assert_eq!(alone.decision.outcome, MatchOutcome::Created);
    assert_ne!(alone.customer, anna);
}
