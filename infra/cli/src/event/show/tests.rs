//! How an event's explanation reads.

use super::*;
use crate::event::decision::Decision;
use crate::event::explain::{Entry, Issued, Known};
use crate::graph::sample;
use anstream::adapter::strip_str;
use domain::{
    Checks, Classification, CustomerId, EffectKey, EventId, EventKind, HandleKey, Match,
    MatchOutcome, Reason, Refusal, TagChange,
};
use jiff::Timestamp;
use state::{Attempts, EffectRecord};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn rule(name: &str) -> RuleRef {
    RuleRef { name: name.into(), config_version: 3 }
}

fn issued(action: &'static str, record: Option<(EffectState, Option<&str>)>) -> Issued {
    let key = EffectKey::new(&EventId::new("shop", "1"), "thank", action);
    let delivery = record.map(|(state, receipt)| EffectRecord {
        id: key.clone(),
        event: EventId::new("shop", "1"),
        destination: "crm".into(),
        state,
        attempt: 2,
        lease_until: at("2026-01-02T03:04:00Z"),
        receipt: receipt.map(str::to_owned),
        withheld: None,
        done_at: receipt.map(|_| at("2026-01-02T03:03:05Z")),
        attempts: Attempts::default(),
    });
    Issued {
        key,
        action,
        rule: rule("thank"),
        decided_at: at("2026-01-02T03:02:05Z"),
        destination: action.split('.').next().unwrap().to_owned(),
        delivery,
    }
}

async fn known() -> Known {
    let decision = Match {
        outcome: MatchOutcome::Matched,
        by: Some(HandleKey::from_stored("phone::+12025550123")),
        linked: Vec::new(),
        set_aside: Vec::new(),
        merges: Vec::new(),
        reviews: Vec::new(),
        config_version: 3,
    };
    Known {
        source: "shop".into(),
        kind: EventKind::Order,
        profile: CustomerId::new("phone::+12025550123"),
        customer: Some(CustomerId::new("email::anna@example.com")),
        stage: Stage::Applied,
        received_at: at("2026-01-02T03:02:00Z"),
        applied_at: Some(at("2026-01-02T03:02:05Z")),
        entry: Some(Entry {
            checks: Checks {
                repairs: vec![domain::Repair {
                    rule: "currency".into(),
                    field: "event.fields.currency".into(),
                }],
                flags: ["stars".to_owned()].into(),
                out_of_turn: ["order-flow".to_owned()].into(),
            },
            topic: "shipped".into(),
            occurred_at: at("2026-01-02T03:01:55Z"),
            decision: Decision::read(&sample::store(), decision, false).await.unwrap(),
            classification: Classification { issue: None, mood: Some("glad".into()) },
            tags: vec![TagChange {
                tag: "buyer".into(),
                added: true,
                rule: rule("buys"),
                until: Some(at("2026-02-02T03:01:55Z")),
            }],
        }),
        rules: None,
        effects: vec![
            issued("crm.note", Some((EffectState::Done, Some("note,17")))),
            issued("sms", Some((EffectState::Leased, None))),
            issued("email", Some((EffectState::Released, None))),
            issued("crm.ticket", None),
        ],
        refusals: vec![Refusal {
            rule: rule("greet"),
            action: Some("sms".into()),
            reason: Reason { code: "no_recipient".into(), detail: "no phone is known".into() },
        }],
    }
}

#[tokio::test]
async fn every_decision_is_shown_with_its_rule() {
    let event = EventId::new("shop", "1");
    let explained = Explained { event, known: Some(known().await), failures: Vec::new() };
    let text = explained.text(&Page::unbounded("2026-01-02T03:04:05Z"));
    insta::assert_snapshot!(strip_str(&text).to_string());
}

#[tokio::test]
async fn what_was_withheld_says_why() {
    let mut known = known().await;
    let mut effect = issued("sms", Some((EffectState::Done, None)));
    let record = effect.delivery.as_mut().unwrap();
    record.withheld = Some(Withheld::OptedOut);
    record.done_at = Some(at("2026-01-02T03:03:05Z"));
    known.effects = vec![effect];
    let event = EventId::new("shop", "1");
    let explained = Explained { event, known: Some(known), failures: Vec::new() };
    let text = explained.text(&Page::unbounded("2026-01-02T03:04:05Z"));
    assert!(text.contains("withheld: opted out 2026-01-02T03:03:05Z (1 min ago)"), "{text}");
}
