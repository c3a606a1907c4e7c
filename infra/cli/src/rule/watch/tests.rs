//! What a watcher is shown, look by look.

use super::look::Look;
use super::*;
use crate::customer::sample::{Pipeline, phone};
use crate::output::View;
use crate::page::Page;
use anstream::adapter::strip_str;
use domain::{EventId, Outbound};
use jiff::Timestamp;
use runtime::memory::START;
use state::{Attempted, Claim, Ledger, Settlement};

const RULES: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
triggers:
  - { name: answer, on: [message], actions: [{ sms: { text: hi } }] }
  - { name: held, on: [message], unless: event.kind == "message", actions: [{ sms: { text: hi } }] }
"#;

fn at(seconds: i64) -> Timestamp {
    START.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn texts(look: &Look) -> Vec<String> {
    let page = Page::unbounded("2026-09-21T15:00:00Z");
    let text = |line: &line::Line| strip_str(&line.text(&page)).to_string();
    look.lines.iter().map(text).collect()
}

fn ends(look: &Look) -> Vec<String> {
    let end = |text: String| text.splitn(4, "  ").nth(3).unwrap().to_owned();
    texts(look).into_iter().map(end).collect()
}

fn pipeline() -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.apply(RULES);
    pipeline
}

async fn tried(pipeline: &Pipeline, Outbound(effect): &Outbound, second: i64, is_done: bool) {
    let lease = SignedDuration::from_secs(90);
    let Claim::Granted(mut lease) = pipeline.store.claim(effect, at(second), lease).await.unwrap()
    else {
        panic!()
    };
    let outcome = if is_done { "delivered" } else { "throttled" };
    let (at, outcome) = (at(second), outcome.to_owned());
    lease.attempted(Attempted { at, took_ms: 1, outcome, status: None, excerpt: None });
    let done = Settlement::Done { receipt: "r".into(), at };
    let settlement = if is_done { done } else { Settlement::Released };
    pipeline.store.settle(lease, settlement).await.unwrap();
}

#[tokio::test]
async fn each_decision_is_shown_once_and_its_effect_until_it_is_done() {
    let pipeline = pipeline();
    let mut watch = Watch::new(None, None, at(0));
    let store = &pipeline.store;
    assert!(watch.look(store, at(1)).await.unwrap().lines.is_empty());
    let effect = pipeline.message(1, &[phone(1)]).await.pop().unwrap();
    let look = watch.look(store, at(2)).await.unwrap();
    insta::assert_snapshot!(texts(&look).join("\n"));
    assert!(watch.look(store, at(3)).await.unwrap().lines.is_empty());
    tried(&pipeline, &effect, 4, false).await;
    assert_eq!(ends(&watch.look(store, at(5)).await.unwrap()), ["answer sms: try 1: throttled"]);
    assert!(watch.look(store, at(6)).await.unwrap().lines.is_empty());
    tried(&pipeline, &effect, 95, true).await;
    assert_eq!(ends(&watch.look(store, at(96)).await.unwrap()), ["answer sms: done at try 2"]);
    assert!(watch.look(store, at(97)).await.unwrap().lines.is_empty());
}

#[tokio::test]
async fn one_customer_or_one_rule_can_be_watched_alone() {
    let pipeline = pipeline();
    let profile = pipeline.matched(runtime::memory::message(1, &[phone(1)])).await.customer;
    let mut customer = Watch::new(Some(vec![profile.clone()]), None, at(0));
    let mut rule = Watch::new(None, Some("held".into()), at(0));
    pipeline.message(2, &[phone(1)]).await;
    pipeline.message(3, &[phone(2)]).await;
    let look = customer.look(&pipeline.store, at(4)).await.unwrap();
    assert_eq!(look.lines.len(), 2);
    assert!(texts(&look).iter().all(|text| text.contains(profile.as_str())));
    assert!(customer.look(&pipeline.store, at(5)).await.unwrap().lines.is_empty());
    let look = rule.look(&pipeline.store, at(4)).await.unwrap();
    assert!(
        look.lines.len() == 2 && ends(&look).iter().all(|end| end.starts_with("held: refused"))
    );
}

#[tokio::test]
async fn what_was_decided_before_is_not_shown() {
    let pipeline = pipeline();
    pipeline.message(1, &[phone(1)]).await;
    let decided = pipeline.store.contents().events[&EventId::new("test", "1")].applied_at.unwrap();
    let later = decided + SignedDuration::from_secs(1);
    let mut watch = Watch::new(None, None, later);
    assert!(watch.look(&pipeline.store, later).await.unwrap().lines.is_empty());
}

#[tokio::test]
async fn an_effect_that_is_never_done_is_let_go() {
    let pipeline = pipeline();
    let mut watch = Watch::new(None, None, at(0));
    let effect = pipeline.message(1, &[phone(1)]).await.pop().unwrap();
    assert_eq!(watch.look(&pipeline.store, at(1)).await.unwrap().lines.len(), 2);
    assert!(watch.look(&pipeline.store, at(3_600)).await.unwrap().lines.is_empty());
    tried(&pipeline, &effect, 3_601, true).await;
    assert!(watch.look(&pipeline.store, at(3_602)).await.unwrap().lines.is_empty());
}
