//! How a failure reads.

use super::*;
use crate::failures::rows;
use anstream::adapter::strip_str;
use domain::Reason;
use state::dynamo::FailureRecord;

fn failure(payload: Payload) -> Failure {
    let attempt = |at: &str, code: &str| Attempt {
        at: at.parse().unwrap(),
        class: domain::Class::Transient,
        reason: Reason { code: code.into(), detail: "the CRM did not answer".into() },
        receives: 5,
        held: false,
    };
    Failure {
        id: FailureId::new("outbound-delivery", "1"),
        step: Step::OutboundDelivery,
        event: Some(EventId::new("shop", "1")),
        customer: Some(CustomerId::new("phone::+12025550123")),
        effect: None,
        disposition: Disposition::Park,
        attempts: vec![
            attempt("2026-01-02T01:04:05Z", "crm_unreachable"),
            attempt("2026-01-02T02:04:05Z", "crm_refused"),
        ],
        state: FailureState::Parked { at: "2026-01-02T02:04:06Z".parse().unwrap() },
        release: domain::Release::default(),
        payload,
    }
}

fn text(view: &impl View) -> String {
    strip_str(&view.text(&Page::unbounded("2026-01-02T03:04:05Z"))).to_string()
}

fn message() -> Payload {
    Payload::Message { body: r#"{"to":"+12025550123"}"#.into(), group: "g".into() }
}

#[test]
fn a_failure_is_shown_without_its_message() {
    let shown = Shown::new(failure(message()), false);
    assert!(!serde_json::to_string(&shown).unwrap().contains("555"));
    insta::assert_snapshot!(text(&shown));
}

#[test]
fn a_message_is_shown_where_it_was_asked_for() {
    assert!(text(&Shown::new(failure(message()), true)).contains("\"to\": \"+12025550123\""));
    let webhook = Payload::Webhook {
        source: "shop".into(),
        content_type: None,
        delivery_id: None,
        received_at: "2026-01-02T02:04:06Z".parse().unwrap(),
        body: STANDARD.encode("<xml>\u{1b}[2J"),
    };
    assert!(text(&Shown::new(failure(webhook), true)).contains("<xml>\u{fffd}[2J"));
}

#[test]
fn a_list_shows_the_latest_reason() {
    let Failure {
        id, step, event, customer, effect, disposition, attempts, state, release, ..
    } = failure(message());
    let parked =
        FailureRecord { id, step, event, customer, effect, disposition, attempts, state, release };
    let waiting = FailureRecord {
        state: FailureState::Waiting { retry_at: "2026-01-02T03:14:06Z".parse().unwrap() },
        release: domain::Release::default(),
        event: None,
        ..parked.clone()
    };
    insta::assert_snapshot!(rows(&Page::unbounded("2026-01-02T03:04:05Z"), &[parked, waiting]));
}
