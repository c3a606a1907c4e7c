//! How an event's way reads.

use super::*;
use crate::customer::sample::{Pipeline, phone};
use crate::event::explain::{explain, failures_of};
use crate::output::View;
use crate::page::Page;
use anstream::adapter::strip_str;
use domain::{About, Attempt, Disposition, Failure, FailureId, Payload};
use jiff::SignedDuration;
use runtime::memory::{START, message};
use state::{Attempted, Claim, Failures, Ledger, Settlement};

fn at(seconds: i64) -> Timestamp {
    START.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

async fn text(pipeline: &Pipeline, id: &EventId, failures: Vec<FailureRecord>) -> String {
    let trace = trace(&pipeline.store, id, failures).await.unwrap();
    let text = trace.text(&Page::unbounded("2026-09-21T15:00:00Z"));
    strip_str(&text).to_string()
}

fn failure(step: Step, id: &EventId, effect: Option<EffectKey>) -> FailureRecord {
    let reason = Reason { code: "crm_unreachable".into(), detail: "no answer in 10 s".into() };
    FailureRecord {
        id: FailureId::new(step.as_str(), "1"),
        step,
        about: About { event: Some(id.clone()), effect, ..About::default() },
        disposition: Disposition::Retry { after: None },
        attempts: vec![Attempt {
            at: at(30),
            class: domain::Class::Transient,
            reason,
            receives: 5,
            held: false,
        }],
        state: FailureState::Parked { at: at(31) },
        asked_at: None,
        because: None,
        release: domain::Release::default(),
    }
}

#[tokio::test]
async fn every_step_is_told_with_its_time() {
    let pipeline = Pipeline::new();
    pipeline.at(at(2));
    let effect = pipeline.message(1, &[phone(1)]).await.pop().unwrap().0;
    for (second, outcome) in [(5, "http_503"), (9, "delivered")] {
        let lease = SignedDuration::from_secs(90);
        let Claim::Granted(mut lease) =
            pipeline.store.claim(&effect, at(second), lease).await.unwrap()
        else {
            panic!()
        };
        let is_done = outcome == "delivered";
        lease.attempted(Attempted {
            at: at(second),
            took_ms: 120,
            outcome: outcome.into(),
            status: (!is_done).then_some(503),
            excerpt: None,
        });
        let settlement = if is_done {
            Settlement::Done { receipt: "r-1".into(), at: at(10) }
        } else {
            Settlement::Released
        };
        pipeline.store.settle(lease, settlement).await.unwrap();
    }
    let failures = vec![failure(Step::OutboundDelivery, &effect.event, Some(effect.key.clone()))];
    insta::assert_snapshot!(text(&pipeline, &effect.event, failures).await);
}

#[tokio::test]
async fn what_waits_is_told_apart_from_what_is_done() {
    let pipeline = Pipeline::new();
    let effect = pipeline.message(1, &[phone(1)]).await.pop().unwrap().0;
    assert!(text(&pipeline, &effect.event, vec![]).await.contains("not tried yet"));
    let lease = SignedDuration::from_hours(24 * 365);
    let Claim::Granted(lease) = pipeline.store.claim(&effect, at(5), lease).await.unwrap() else {
        panic!()
    };
    assert!(text(&pipeline, &effect.event, vec![]).await.contains("being tried"));
    pipeline.store.settle(lease, Settlement::Released).await.unwrap();
    assert!(text(&pipeline, &effect.event, vec![]).await.contains("to be tried again"));
}

#[tokio::test]
async fn an_event_that_only_failed_is_traced_by_its_failure() {
    let (pipeline, id) = (Pipeline::new(), EventId::new("shop", "1"));
    let told = text(&pipeline, &id, vec![failure(Step::IdentityMatch, &id, None)]).await;
    assert!(told.contains("crm_unreachable") && told.contains("parked for a person"), "{told}");
    assert!(matches!(trace(&pipeline.store, &id, vec![]).await, Err(Trouble::Missing { .. })));
}

#[tokio::test]
async fn an_event_that_a_comparison_put_in_says_so() {
    let pipeline = Pipeline::new();
    let mut event = message(1, &[phone(1)]);
    event.fields.insert(REPAIRED_FROM.into(), "crm".into());
    let matched = pipeline.matched(event).await;
    let tagged = pipeline.tagged(matched).await.unwrap().unwrap();
    let id = tagged.event.id.clone();
    pipeline.dispatched(tagged).await;
    let told = text(&pipeline, &id, vec![]).await;
    assert!(told.contains("did not arrive; found missing by comparison with its crm"), "{told}");
    assert!(!told.contains("webhook-receiver"), "{told}");
}

#[tokio::test]
async fn nothing_personal_is_in_it() {
    let pipeline = Pipeline::new();
    let effect = pipeline.message(1, &[phone(1)]).await.pop().unwrap().0;
    let trace = trace(&pipeline.store, &effect.event, vec![]).await.unwrap();
    let json = serde_json::to_string(&trace).unwrap();
    let told = text(&pipeline, &effect.event, vec![]).await;
    for value in ["2025550101", "broken"] {
        assert!(!json.contains(value) && !told.contains(value), "{value}");
    }
}

#[test]
fn what_validation_found_is_told_in_words() {
    let page = Page::unbounded("2026-09-21T15:00:00Z");
    let words = |repaired: &[&str], flagged: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (repaired, flagged) = (owned(repaired), owned(flagged));
        Happened::Checked { repaired, flagged }.words(&page)
    };
    let both = words(&["event.fields.currency"], &["stars", "flow"]);
    assert_eq!(both, "put right: event.fields.currency; flagged by: stars, flow");
    assert_eq!(words(&[], &["stars"]), "flagged by: stars");
}

/// A failure that a person dismissed.
fn dismissed(step: Step, id: &EventId, effect: Option<EffectKey>) -> Failure {
    let state = FailureState::Dismissed { at: at(31) };
    let record = FailureRecord { state, ..failure(step, id, effect) };
    let payload = Payload::Message { body: "{}".into(), group: "g".into() };
    Failure { record, payload }
}

#[tokio::test]
async fn an_event_that_was_dismissed_before_it_was_stored_is_found() {
    let (pipeline, id) = (Pipeline::new(), EventId::new("shop", "1"));
    pipeline.store.put_failure(&dismissed(Step::IdentityMatch, &id, None)).await.unwrap();
    let failures = failures_of(&pipeline.store, &id).await.unwrap();
    let told = text(&pipeline, &id, failures).await;
    assert!(told.contains("dismissed by a person"), "{told}");
    let explained = explain(&pipeline.store, &id, false).await.unwrap();
    let told = explained.text(&Page::unbounded("2026-09-21T15:00:00Z"));
    assert!(told.contains("a person dismissed it before it came into the ledger"), "{told}");
}

#[tokio::test]
async fn an_effect_that_was_dismissed_is_not_to_be_tried_again() {
    for step in [Step::OutboundDelivery, Step::TriggerDispatcher] {
        let pipeline = Pipeline::new();
        let effect = pipeline.message(1, &[phone(1)]).await.pop().unwrap().0;
        let lease = SignedDuration::from_secs(90);
        let Claim::Granted(lease) = pipeline.store.claim(&effect, at(5), lease).await.unwrap()
        else {
            panic!()
        };
        pipeline.store.settle(lease, Settlement::Released).await.unwrap();
        let key = (step == Step::OutboundDelivery).then(|| effect.key.clone());
        pipeline.store.put_failure(&dismissed(step, &effect.event, key)).await.unwrap();
        let failures = failures_of(&pipeline.store, &effect.event).await.unwrap();
        let traced = text(&pipeline, &effect.event, failures).await;
        let explained = explain(&pipeline.store, &effect.event, false).await.unwrap();
        let explained = explained.text(&Page::unbounded("2026-09-21T15:00:00Z"));
        assert!(traced.contains("(answer): dismissed by a person"), "{traced}");
        assert!(explained.contains("attempt 1 failed; dismissed by a person"), "{explained}");
        for told in [traced, explained] {
            assert!(!told.contains("to be tried again"), "{told}");
        }
    }
}

#[tokio::test]
async fn an_effect_that_was_withheld_says_why() {
    let pipeline = Pipeline::new();
    let effect = pipeline.message(1, &[phone(1)]).await.pop().unwrap().0;
    let lease = SignedDuration::from_secs(90);
    let Claim::Granted(lease) = pipeline.store.claim(&effect, at(5), lease).await.unwrap() else {
        panic!()
    };
    let settlement = Settlement::Withheld { why: Withheld::OptedOut, at: at(6) };
    pipeline.store.settle(lease, settlement).await.unwrap();
    let told = text(&pipeline, &effect.event, vec![]).await;
    assert!(told.contains("withheld: opted out") && !told.contains("done"), "{told}");
}
