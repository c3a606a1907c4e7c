//! What a test of rules tells.

use super::*;
use crate::customer::Person;
use crate::customer::sample::{CONFIG, Pipeline, email, phone};
use crate::page::Page;
use anstream::adapter::strip_str;
use compare::Row;
use domain::Handle;
use runtime::memory::message;
use serde_json::json;

async fn happened(events: &[&[Handle]]) -> Pipeline {
    let pipeline = Pipeline::new();
    for (number, handles) in (1..).zip(events) {
        pipeline.message(number, handles).await;
    }
    pipeline
}

/// The comparison of today's configuration with one whose rules are these.
async fn compared(pipeline: &Pipeline, triggers: &str, from: Timestamp) -> Comparison {
    let head = CONFIG.split("triggers:").next().unwrap();
    let new = RuleSet::load(&format!("{head}triggers:\n{triggers}"), 2).unwrap();
    let hidden = ProgressBar::hidden();
    let customers = history::customers(&pipeline.store, &hidden).await.unwrap();
    compare(&pipeline.store, [&pipeline.rules, &new], &customers, from, &hidden).await.unwrap()
}

fn row(comparison: &Comparison, rule: &str) -> Row {
    comparison.rows().into_iter().find(|row| row.rule == rule).unwrap()
}

fn fired(row: &Row) -> [Option<(usize, usize)>; 2] {
    [row.today, row.new].map(|count| count.map(|count| (count.fired, count.customers)))
}

const SAME: &str = r#"
  - { name: answer, on: [message], actions: [{ sms: { text: "thank you: {{ event.text }}" } }] }
"#;

#[tokio::test]
async fn the_same_rules_do_the_same() {
    let pipeline = happened(&[&[phone(1)], &[phone(2)], &[phone(1)]]).await;
    let found = compared(&pipeline, SAME, Timestamp::MIN).await;
    let row = row(&found, "answer");
    assert_eq!(fired(&row), [Some((3, 2)); 2]);
    assert!(row.differences.is_empty() && row.samples.is_empty());
    assert_eq!((found.events, found.customers), (3, 2));
}

#[tokio::test]
async fn today_s_rules_do_what_they_did() {
    let pipeline = happened(&[&[phone(1)], &[phone(2)], &[email("anna")], &[phone(1)]]).await;
    let effects: usize =
        pipeline.store.contents().events.values().map(|record| record.effects.len()).sum();
    let found = compared(&pipeline, SAME, Timestamp::MIN).await;
    assert_eq!(row(&found, "answer").today.unwrap().fired, effects);
}

#[tokio::test]
async fn earlier_firings_count_against_caps() {
    let capped = r#"
  - { name: answer, on: [message], caps: [{ most: 2, per: 1d }], actions: [{ sms: { text: "thank you: {{ event.text }}" } }] }
"#;
    let pipeline =
        happened(&[&[phone(1)], &[phone(1)], &[phone(1)], &[phone(1)], &[phone(2)]]).await;
    let found = compared(&pipeline, capped, Timestamp::MIN).await;
    let row = row(&found, "answer");
    assert_eq!(fired(&row), [Some((5, 2)), Some((3, 2))]);
    assert_eq!(row.new.unwrap().refused, 2);
    // What came before the span counts against the cap, and is not told of.
    let last = message(5, &[]).occurred_at;
    let found = compared(&pipeline, capped, message(4, &[]).occurred_at).await;
    assert!(message(4, &[]).occurred_at < last);
    let row = self::row(&found, "answer");
    assert_eq!(fired(&row), [Some((2, 2)), Some((1, 1))]);
    assert_eq!(found.events, 2);
}

#[tokio::test]
async fn facts_are_computed_anew_from_the_whole_history() {
    let third = r"
  - { name: third, on: [message], when: customer.counts.messages == 3, actions: [{ sms: { text: hi } }] }
";
    let pipeline = happened(&[&[phone(1)], &[phone(1)], &[phone(2)], &[phone(1)]]).await;
    let from = message(4, &[]).occurred_at;
    let found = compared(&pipeline, third, from).await;
    assert_eq!(fired(&row(&found, "third")), [None, Some((1, 1))]);
    assert_eq!(fired(&row(&found, "answer")), [Some((1, 1)), None]);
}

#[tokio::test]
async fn profiles_that_are_one_customer_count_together() {
    let third = r#"
  - { name: third, on: [message], when: customer.counts.messages == 3, actions: [{ sms: { to: "+12025550101", text: hi } }] }
"#;
    let events: &[&[Handle]] = &[&[phone(1)], &[email("anna")], &[phone(1)]];
    let pipeline = happened(events).await;
    let found = compared(&pipeline, third, Timestamp::MIN).await;
    assert_eq!(fired(&row(&found, "third")), [None, Some((0, 0))]);
    let person = Person { by: "anna", at: Timestamp::MAX };
    pipeline.joined(&phone(1), &email("anna"), person).await;
    let found = compared(&pipeline, third, Timestamp::MIN).await;
    assert_eq!(fired(&row(&found, "third")), [None, Some((1, 1))]);
    assert_eq!(found.customers, 1);
}

#[tokio::test]
async fn differences_come_first_with_a_few_events() {
    let changed = r#"
  - { name: quiet, on: [message], when: "false", actions: [{ sms: { text: hi } }] }
  - { name: answer, on: [message], actions: [{ sms: { text: "thanks" } }] }
"#;
    let events: Vec<Vec<Handle>> = (0..12).map(|number| vec![phone(number % 6)]).collect();
    let events: Vec<&[Handle]> = events.iter().map(Vec::as_slice).collect();
    let pipeline = happened(&events).await;
    let found = compared(&pipeline, changed, Timestamp::MIN).await;
    let first = found.rows()[0].clone();
    let (samples, differences) = (json!(first.samples), json!(first.differences));
    assert_eq!(differences, json!({"otherwise": 12}));
    let samples = samples["otherwise"].as_array().unwrap();
    let customers: std::collections::BTreeSet<_> =
        samples.iter().map(|sample| sample["customer"].to_string()).collect();
    assert_eq!((samples.len(), customers.len()), (3, 3));
    let tested = Tested::new(&found, 1, Timestamp::UNIX_EPOCH);
    assert_eq!(tested.verdict(), Verdict::Clean);
    let text = tested.text(&Page::unbounded("2026-01-02T03:04:05Z"));
    insta::assert_snapshot!(strip_str(&text).to_string());
    let json = json!(tested).to_string();
    assert!(!json.contains("555") && !text.contains("555"));
}

#[tokio::test]
async fn what_new_validation_rules_would_find_stands_beside_what_they_would_prevent() {
    let validated = format!(
        r#"{SAME}
validate:
  - {{ name: first, on: [message], check: {{ format: {{ event.text: "message [^1].*" }} }} }}
  - {{ name: third, on: [message], check: {{ format: {{ event.text: "message [^3].*" }} }}, else: flag }}
"#
    );
    let pipeline = happened(&[&[phone(1)], &[phone(2)], &[phone(1)]]).await;
    let found = compared(&pipeline, &validated, Timestamp::MIN).await;
    assert_eq!(fired(&row(&found, "answer")), [Some((3, 2)), Some((2, 2))], "one would be parked");
    assert_eq!(fired(&row(&found, "first: parked")), [None, Some((1, 1))]);
    assert_eq!(fired(&row(&found, "third: flagged")), [None, Some((1, 1))]);
}
