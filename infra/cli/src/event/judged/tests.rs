//! How a decision is explained rule by rule.

use super::*;
use crate::customer::sample::{Pipeline, phone};
use crate::page::Page;
use anstream::adapter::strip_str;
use domain::EventId;
use runtime::memory::{START, message};
use state::memory::Store;
use state::{Stage, Timeline};

const RULES: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
counters:
  - { name: messages, when: 'event.kind == "message"', window: 30d }
triggers:
  - name: answer
    on: [message]
    when: event.text.contains("broken") && event.topic in ["text", "voice"]
    cooldown: 1h
    actions: [{ sms: { text: hi } }]
  - name: praise
    on: [message]
    when: event.text.contains("wonderful") || customer.counts.messages > 5
    actions: [{ sms: { text: hi } }]
  - name: excepted
    on: [message]
    unless: customer.phone != null
    actions: [{ sms: { text: hi } }]
  - { name: of-orders, on: [order], actions: [{ sms: { text: hi } }] }
"#;

/// Two messages of one customer, decided by configuration 2.
async fn happened() -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.apply(RULES);
    for number in [1, 2] {
        pipeline.at(message(number, &[]).received_at);
        pipeline.message(number, &[phone(1)]).await;
    }
    pipeline
}

async fn judged_of(pipeline: &Pipeline, number: u32, disclosure: Disclosure) -> Judged {
    let id = EventId::new("test", &number.to_string());
    let record = pipeline.store.contents().events[&id].clone();
    let entry = pipeline.store.entry(&record).await.unwrap().unwrap();
    judged(&pipeline.store, &record, &entry, START, disclosure).await.unwrap()
}

fn text(judged: &Judged) -> String {
    strip_str(&judged.text(&Page::unbounded("2026-09-21T15:00:00Z"))).to_string()
}

#[tokio::test]
async fn every_rule_tells_what_made_it_true_or_false() {
    let pipeline = happened().await;
    let first = judged_of(&pipeline, 1, Disclosure::Masked).await;
    assert_eq!((first.config_version, first.known_by), (2, KnownBy::Decision));
    insta::assert_snapshot!(text(&first));
}

#[tokio::test]
async fn what_fired_before_counts() {
    let pipeline = happened().await;
    let second = judged_of(&pipeline, 2, Disclosure::Masked).await;
    let answer = &second.rules.as_ref().unwrap()[0];
    assert!(matches!(answer.trace.verdict, Verdict::CoolingDown { .. }), "{:?}", answer.trace);
    assert_eq!(answer.trace.fired.len(), 1);
    // The first decision is not explained by what came after it.
    let first = judged_of(&pipeline, 1, Disclosure::Masked).await;
    let answer = &first.rules.as_ref().unwrap()[0];
    assert!(matches!(answer.trace.verdict, Verdict::Fires { .. }) && !answer.unlike_the_ledger);
}

#[tokio::test]
async fn what_the_ledger_has_otherwise_is_said() {
    let pipeline = happened().await;
    let id = EventId::new("test", "1");
    let mut record = pipeline.store.contents().events[&id].clone();
    let entry = pipeline.store.entry(&record).await.unwrap().unwrap();
    record.effects.retain(|effect| effect.rule.name != "answer");
    record.refusals.retain(|refusal| refusal.rule.name != "answer");
    let judged = judged(&pipeline.store, &record, &entry, START, Disclosure::Masked).await.unwrap();
    assert!(judged.rules.as_ref().unwrap()[0].unlike_the_ledger);
    assert!(text(&judged).contains("the ledger has it otherwise"));
}

#[tokio::test]
async fn what_is_personal_is_shown_only_where_it_was_asked_for() {
    let pipeline = happened().await;
    let personal = ["it is broken", "12025550101"];
    for (disclosure, shown) in [(Disclosure::Masked, false), (Disclosure::Plain, true)] {
        let judged = judged_of(&pipeline, 1, disclosure).await;
        let json = serde_json::to_string(&judged).unwrap();
        for value in personal {
            assert_eq!(text(&judged).contains(value), shown, "{value}");
            assert_eq!(json.contains(value), shown, "{value}");
        }
    }
}

#[tokio::test]
async fn a_configuration_that_is_gone_is_said_to_be() {
    let pipeline = happened().await;
    let id = EventId::new("test", "1");
    let record = pipeline.store.contents().events[&id].clone();
    let entry = pipeline.store.entry(&record).await.unwrap().unwrap();
    let elsewhere = Store::default();
    let judged = judged(&elsewhere, &record, &entry, START, Disclosure::Masked).await.unwrap();
    assert!(judged.rules.is_none() && text(&judged).contains("configuration 2 is gone"));
}

#[tokio::test]
async fn an_event_that_is_not_decided_yet_is_explained_by_what_is_in_force() {
    let mut pipeline = happened().await;
    let id = EventId::new("test", "1");
    let mut record = pipeline.store.contents().events[&id].clone();
    let entry = pipeline.store.entry(&record).await.unwrap().unwrap();
    record.stage = Stage::Tagged;
    record.applied_at = None;
    record.effects.clear();
    record.refusals.clear();
    pipeline.apply(RULES);
    let judged = judged(&pipeline.store, &record, &entry, START, Disclosure::Masked).await.unwrap();
    assert_eq!((judged.config_version, judged.known_by), (3, KnownBy::InForce));
    assert!(judged.rules.unwrap().iter().all(|rule| !rule.unlike_the_ledger));
}
