//! How a decision reads.

use super::*;
use crate::graph::sample::{at, store};
use anstream::adapter::strip_str;
use domain::EventId;
use identity::{Cause, Change, Merge, Review};
use state::memory::Store;
use state::{Committed, Identities};

fn key(text: &str) -> HandleKey {
    HandleKey::from_stored(text)
}

fn aside(handle: &str, why: Obstacle) -> SetAside {
    SetAside { handle: key(handle), why, limit: None, leads_to: None }
}

/// A decision with everything that one can hold, and a store that knows what it refers to.
async fn decided() -> (Store, Match) {
    let (store, event) = (store(), EventId::new("shop", "1"));
    let [one, other, third] =
        ["a", "b", "c"].map(|name| CustomerId::new(&format!("account:shop:{name}")));
    let merge = Merge {
        id: MergeId::new(&one, &other, event.as_str(), 0),
        at: at(0),
        cause: Cause::Event(event.clone()),
        joins: (one.clone(), other.clone()),
        survivor: one.clone(),
        absorbed: other,
        handles: Vec::new(),
        config_version: 7,
        state: MergeState::Undone { at: at(60), by: "anna".into() },
    };
    let handles = vec![key("phone::+12025550123")];
    let because = Obstacle::AwaitsReview;
    let review = Review::same_person((&one, &third), handles, because, &event, at(0), 7);
    let decision = Match {
        outcome: MatchOutcome::Merged,
        by: Some(key("phone::+12025550123")),
        linked: vec![key("account:shop:77")],
        set_aside: vec![
            aside("email::noreply@example.com", Obstacle::Blocked),
            SetAside {
                limit: Some(HandleKind::Account),
                leads_to: Some(third),
                ..aside("account:shop:78", Obstacle::OverLimit)
            },
        ],
        merges: vec![merge.id.clone()],
        reviews: vec![review.id.clone()],
        config_version: 7,
    };
    let change = Change { merges: vec![merge], reviews: vec![review], ..Change::default() };
    assert_eq!(store.commit(&change).await.unwrap(), Committed::Written);
    (store, decision)
}

async fn text(handles: bool) -> String {
    let (store, decision) = decided().await;
    let decision = Decision::read(&store, decision, handles).await.unwrap();
    strip_str(&decision.text(&Page::unbounded("2026-01-02T04:04:05Z"))).to_string()
}

#[tokio::test]
async fn a_decision_is_told_in_words() {
    insta::assert_snapshot!(text(false).await);
}

#[tokio::test]
async fn handles_are_shown_only_where_they_were_asked_for() {
    let personal = ["12025550123", "noreply@example.com", "shop:77", "shop:78"];
    let (without, with) = (text(false).await, text(true).await);
    assert!(personal.iter().all(|value| !without.contains(value) && with.contains(value)));
    let (store, decision) = decided().await;
    let json = Decision::read(&store, decision, false).await.unwrap();
    let json = serde_json::to_string(&json).unwrap();
    assert!(personal.iter().all(|value| !json.contains(value)), "{json}");
}

#[tokio::test]
async fn a_configuration_that_is_gone_leaves_the_limit_without_its_number() {
    let (store, decision) = decided().await;
    let decision = Match { config_version: 6, ..decision };
    let text = Decision::read(&store, decision, false).await.unwrap();
    let text = text.text(&Page::unbounded("2026-01-02T04:04:05Z"));
    assert!(text.contains("(of kind account)"), "{text}");
}
