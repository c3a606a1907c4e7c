//! What is authentic and cannot go on is kept whole, and people are told.

use crate::door::{Door, call, calls};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Disposition, Failure, FailureState, Payload, Step};
use runtime::memory::{Closed, START};

/// The one record, which must be parked with this code and this body, and nothing in the queue.
fn parked(door: &Door, code: &str, body: &[u8]) -> Failure {
    assert!(door.queue.parcels().is_empty());
    let failures: Vec<_> = door.store.contents().failures.into_values().collect();
    let [failure] = &failures[..] else { panic!("{} records", failures.len()) };
    assert_eq!(failure.record.step, Step::WebhookReceiver);
    let release = ["event_too_large", "queue_rejected"].contains(&code);
    let (held, parked) = (FailureState::Held { at: START }, FailureState::Parked { at: START });
    assert_eq!(failure.record.state, if release { held } else { parked }, "a release may mend it");
    assert_eq!(failure.record.disposition, Disposition::Park);
    assert_eq!(failure.record.attempts[0].reason.code, code);
    let payload = Payload::Webhook {
        source: "hotline".into(),
        content_type: Some("application/json".into()),
        delivery_id: None,
        received_at: START,
        body: STANDARD.encode(body),
    };
    assert_eq!(failure.payload, payload);
    let alarms: Vec<_> = door.pager.raised();
    assert!(alarms.iter().all(|alarm| alarm.failure == failure.record.id && alarm.code == code));
    failure.clone()
}

#[tokio::test]
async fn a_malformed_delivery_is_parked_with_its_raw_body() {
    let door = Door::open();
    let body = b"{\"calls\": [\xff\x00]}";
    assert_eq!(door.push(body).await, 200);
    parked(&door, "not_utf8", body);
    assert_eq!(door.pager.raised().len(), 1);
}

#[tokio::test]
async fn the_same_malformed_delivery_again_leaves_one_record() {
    let door = Door::open();
    assert_eq!(door.push(b"{").await, 200);
    let first = parked(&door, "not_json", b"{");
    assert_eq!(door.push(b"{").await, 200);
    assert_eq!(parked(&door, "not_json", b"{"), first);
    assert_eq!(door.push(b"{ ").await, 200);
    assert_eq!(door.store.contents().failures.len(), 2, "another body is another delivery");
}

#[tokio::test]
async fn one_event_over_the_limit_parks_its_delivery() {
    let door = Door::open();
    let mut large = call(2);
    large["text"] = "x".repeat(239_000).into();
    assert_eq!(door.push(&calls(&[large.clone()])).await, 200);
    assert_eq!(door.queue.parcels().len(), 1, "near the limit, and within it");

    let door = Door::open();
    large["text"] = "x".repeat(240_000).into();
    let body = calls(&[call(1), large]);
    assert_eq!(door.push(&body).await, 200);
    let failure = parked(&door, "event_too_large", &body);
    assert!(failure.record.attempts[0].reason.detail.ends_with("map fewer fields"));
}

#[tokio::test]
async fn what_the_queue_refuses_for_good_is_not_left_to_the_senders_patience() {
    let door = Door::open();
    door.queue.close(Some(Closed::Rejecting));
    let body = calls(&[call(1)]);
    assert_eq!(door.push(&body).await, 200);
    parked(&door, "queue_rejected", &body);
    assert_eq!(door.pager.raised().len(), 1);
}
