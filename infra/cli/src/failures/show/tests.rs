//! How a failure reads.

use super::*;
use crate::failures::rows;
use crate::failures::sample::failure;
use anstream::adapter::strip_str;
use domain::About;

fn text(view: &impl View) -> String {
    strip_str(&view.text(&Page::unbounded("2026-01-02T03:04:05Z"))).to_string()
}

fn shown(failure: Failure, with_payload: bool) -> Shown {
    Shown::new(failure, "It goes back.".into(), with_payload)
}

#[test]
fn a_failure_is_shown_without_its_message() {
    let shown = shown(failure(), false);
    assert!(!serde_json::to_string(&shown).unwrap().contains("555"));
    insta::assert_snapshot!(text(&shown));
}

#[test]
fn a_message_is_shown_where_it_was_asked_for() {
    assert!(text(&shown(failure(), true)).contains("\"to\": \"+12025550123\""));
    let payload = Payload::Webhook {
        source: "shop".into(),
        content_type: None,
        delivery_id: None,
        received_at: "2026-01-02T02:04:06Z".parse().unwrap(),
        body: STANDARD.encode("<xml>\u{1b}[2J"),
    };
    let webhook = Failure { payload, ..failure() };
    assert!(text(&shown(webhook, true)).contains("<xml>\u{fffd}[2J"));
}

#[test]
fn a_list_shows_the_latest_reason() {
    let parked = failure().record;
    let waiting = FailureRecord {
        state: FailureState::Waiting { retry_at: "2026-01-02T03:14:06Z".parse().unwrap() },
        about: About {
            source: Some("shop".into()),
            destination: None,
            event: None,
            ..parked.about.clone()
        },
        ..parked.clone()
    };
    insta::assert_snapshot!(rows(&Page::unbounded("2026-01-02T03:04:05Z"), &[parked, waiting]));
}
