//! What a preview tells.

use super::*;
use crate::customer::sample::{CONFIG, Crm, Pipeline, email, phone};
use crate::customer::{Person, sample::keys};
use crate::page::Page;
use anstream::adapter::strip_str;
use compare::{Differences, Fate};
use domain::{CrmLink, Handle, HandleKey};
use identity::Record;
use indicatif::ProgressBar;
use jiff::Timestamp;
use runtime::memory::message;

const ANNA: Person<'_> = Person { by: "anna", at: Timestamp::MAX };

/// What `identity` would make of what happened.
async fn differences(pipeline: &Pipeline, identity: &str) -> Differences {
    let new = RuleSet::load(&format!("{CONFIG}\nidentity: {identity}"), 2).unwrap();
    let hidden = ProgressBar::hidden();
    let stored = Stored::read(&pipeline.store, &hidden).await.unwrap();
    let before = replay(&stored, &pipeline.rules, &hidden).await.unwrap();
    let after = replay(&stored, &new, &hidden).await.unwrap();
    compare(&stored, &before, &after)
}

async fn happened(events: &[&[Handle]]) -> Pipeline {
    let pipeline = Pipeline::new();
    for (number, handles) in (1..).zip(events) {
        pipeline.message(number, handles).await;
    }
    pipeline
}

/// A phone that two people use, by turns with what is theirs alone.
async fn family() -> Pipeline {
    happened(&[
        &[email("anna")],
        &[email("ben")],
        &[email("anna"), phone(1)],
        &[email("ben"), phone(1)],
        &[phone(7)],
    ])
    .await
}

fn texts(found: &[Vec<compare::Part>]) -> Vec<Vec<Vec<String>>> {
    let key = |key: &HandleKey| key.value().to_owned();
    let part = |part: &compare::Part| part.handles.iter().map(key).collect();
    found.iter().map(|parts| parts.iter().map(part).collect()).collect()
}

#[tokio::test]
async fn the_same_configuration_changes_nothing() {
    let pipeline = family().await;
    let found = differences(&pipeline, "{}").await;
    assert_eq!(found, Differences { unchanged: 2, ..Differences::default() });
    let preview = Preview::new(&found, 1, false);
    assert_eq!(preview.verdict(), Verdict::Clean);
}

#[tokio::test]
async fn phones_that_wait_for_people_split_customers_and_ask() {
    let found = differences(&family().await, "{ kinds: { phone: { merge: review } } }").await;
    let [parts] = &texts(&found.splits)[..] else { panic!("{found:?}") };
    assert_eq!(parts.concat().len(), 3);
    assert_eq!((found.reviews.len(), found.merges.len(), found.unchanged), (1, 0, 1));
    assert_eq!(found.reviews[0].question, "same_person");
    assert_eq!(found.reviews[0].handles, keys(&[email("ben"), phone(1)]));
}

#[tokio::test]
async fn mailboxes_that_are_one_merge_customers() {
    let pipeline = happened(&[&[email("an.na")], &[email("anna")], &[email("ben")]]).await;
    let found =
        differences(&pipeline, "{ mailboxes: { example.com: { ignore_dots: true } } }").await;
    let merged = texts(&found.merges);
    assert_eq!(merged.len(), 1);
    let mut values = merged[0].concat();
    values.sort();
    assert_eq!(values, ["an.na@example.com", "anna@example.com"]);
    assert_eq!((found.splits.len(), found.handles.len(), found.unchanged), (0, 0, 1));
}

#[tokio::test]
async fn handles_that_are_blocked_are_named() {
    let found = differences(&family().await, "{ blocked: ['+1202555010*'] }").await;
    let handles: Vec<_> = found.handles.iter().map(|(key, _, fate)| (key.value(), *fate)).collect();
    assert_eq!(handles, [("+12025550101", Fate::Blocked), ("+12025550107", Fate::Blocked)]);
    assert_eq!((found.splits.len(), found.unchanged), (1, 0));
}

#[tokio::test]
async fn what_people_decided_counts_in_both() {
    let pipeline = happened(&[&[email("anna")], &[email("ben")], &[phone(1)]]).await;
    pipeline.joined(&email("anna"), &phone(1), ANNA).await;
    let both = pipeline.matched(message(9, &[email("anna"), email("ben")])).await;
    pipeline.parted(&both.decision.merges[0], ANNA).await;
    pipeline.tagged(both).await.unwrap();

    let found = differences(&pipeline, "{ kinds: { account: { limit: 2 } } }").await;
    assert_eq!(found, Differences { unchanged: 2, ..Differences::default() });
    // Without the merge of phone and address by a person, this would split nothing.
    let found = differences(&pipeline, "{ kinds: { phone: { merge: never } } }").await;
    assert_eq!(found, Differences { unchanged: 2, ..Differences::default() });
}

#[tokio::test]
async fn a_decision_counts_from_its_own_time_on() {
    let pipeline = happened(&[&[email("anna")], &[email("ben")]]).await;
    let both = [email("anna"), email("ben")];
    let merged = pipeline.matched(message(9, &both)).await;
    let merge = merged.decision.merges[0].clone();
    pipeline.tagged(merged).await.unwrap();
    let at = message(10, &[]).received_at;
    pipeline.parted(&merge, Person { by: "anna", at }).await;
    pipeline.message(11, &both).await;
    let found = differences(&pipeline, "{}").await;
    assert_eq!(found, Differences { unchanged: 2, ..Differences::default() });
}

#[tokio::test]
async fn the_crm_answers_from_memory() {
    let mut pipeline = Pipeline::new();
    pipeline.crm = Crm(vec![Record {
        link: CrmLink { crm: "tryton".into(), id: "4".into() },
        name: None,
        handles: keys(&[phone(1), email("anna")]),
    }]);
    pipeline.message(1, &[phone(1)]).await;
    pipeline.message(2, &[email("anna")]).await;
    pipeline.message(3, &[phone(2)]).await;
    let found = differences(&pipeline, "{ priority: [phone] }").await;
    assert_eq!(found, Differences { unchanged: 2, ..Differences::default() });
}

#[tokio::test]
async fn values_are_shown_only_where_they_were_asked_for() {
    let found = differences(
        &family().await,
        "{ kinds: { phone: { merge: review } }, blocked: ['+12025550107'] }",
    )
    .await;
    let page = Page::unbounded("2026-01-02T03:04:05Z");
    let text = |with| strip_str(&Preview::new(&found, 1, with).text(&page)).to_string();
    insta::assert_snapshot!(text(false));
    assert!(!text(false).contains("555") && text(true).contains("phone::+12025550107"));
    let json = |with| serde_json::to_string(&Preview::new(&found, 1, with)).unwrap();
    assert!(!json(false).contains("example.com") && json(true).contains("email::ben@example.com"));
}
