//! A delivery that could not be read is read again with the configuration of the day.

use crate::desk::{CONFIG, Desk};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{
    About, Attempt, Disposition, EventId, Failure, FailureId, FailureRecord, FailureState,
    InboundEvent, Payload, Reason, Step,
};
use jiff::SignedDuration;
use runtime::Clock as _;
use runtime::memory::{Closed, START};

/// A shipped order, which the source's mappings of the time did not claim, retried by a person.
fn parked() -> Failure {
    let body = br#"{"type": "order.shipped", "number": "A1", "email": "anna@example.com"}"#;
    let reason = Reason { code: "unmapped".into(), detail: "no mapping claims it".into() };
    let record = FailureRecord {
        id: FailureId::new("webhook-receiver", "A1"),
        step: Step::WebhookReceiver,
        about: About { source: Some("shop".into()), ..About::default() },
        disposition: Disposition::Park,
        attempts: vec![Attempt {
            at: START,
            class: domain::Class::Theirs,
            reason,
            receives: 1,
            held: false,
        }],
        state: FailureState::Waiting { retry_at: START },
        asked_at: None,
        because: None,
        release: domain::Release::default(),
    };
    let payload = Payload::Webhook {
        source: "shop".into(),
        content_type: Some("application/json".into()),
        delivery_id: Some("msg_1".into()),
        received_at: START,
        body: STANDARD.encode(body),
    };
    Failure { record, payload }
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Adds the mapping that was missing.
fn mapped() -> String {
    CONFIG.replace("/type: order.paid", "/type: order.shipped").replace("paid", "shipped")
}

#[tokio::test]
async fn once_mapped_its_events_go_to_the_first_step() {
    let desk = Desk::new();
    desk.put(&parked()).await;
    desk.rules.apply(&mapped());
    desk.tick_after(HOUR).await;
    let [event] = &desk.queues[0].messages::<InboundEvent>()[..] else { panic!("one event") };
    assert_eq!(event.id, EventId::new("shop", r#"["order","shipped","A1"]"#));
    assert_eq!(event.received_at, START, "it is as old as it is");
    let [parcel] = &desk.queues[0].parcels()[..] else { panic!("one parcel") };
    assert_eq!((&parcel.group, &*parcel.deduplication), (&event.queue_group(), event.id.as_str()));
    assert_eq!(desk.failure().record.state, FailureState::Redriven { at: desk.clock.now() });
    assert_eq!(desk.failure().payload, parked().payload);
    assert!(desk.pager.raised().is_empty());
}

#[tokio::test]
async fn still_unreadable_it_is_parked_with_a_second_attempt() {
    let desk = Desk::new();
    desk.put(&parked()).await;
    desk.tick_after(HOUR).await;
    let failure = desk.failure().record;
    assert_eq!(failure.state, FailureState::Held { at: desk.clock.now() });
    let codes: Vec<_> = failure.attempts.iter().map(|attempt| &*attempt.reason.code).collect();
    assert_eq!(codes, ["unmapped", "unmapped"]);
    assert_eq!(desk.pager.raised().len(), 1);
    assert!(desk.queues[0].parcels().is_empty());
}

#[tokio::test]
async fn parked_again_it_waits_until_somebody_was_told() {
    let desk = Desk::new();
    desk.put(&parked()).await;
    desk.pager.close(true);
    desk.tick_after(HOUR).await;
    assert_eq!(desk.failure(), parked(), "still due");
    desk.pager.close(false);
    desk.tick_after(SignedDuration::ZERO).await;
    assert!(matches!(desk.failure().record.state, FailureState::Held { .. }));
    assert_eq!(desk.pager.raised().len(), 1);
}

#[tokio::test]
async fn without_its_source_it_is_parked_again() {
    let desk = Desk::new();
    desk.put(&parked()).await;
    desk.rules.apply(&CONFIG.replace("  shop:", "  store:"));
    desk.tick_after(HOUR).await;
    assert_eq!(desk.failure().record.attempts[1].reason.code, "source_unconfigured");
}

#[tokio::test]
async fn without_the_queue_it_stays_due() {
    let desk = Desk::new();
    desk.put(&parked()).await;
    desk.rules.apply(&mapped());
    desk.queues[0].close(Some(Closed::Unavailable));
    desk.tick_after(HOUR).await;
    assert_eq!(desk.failure(), parked());
}
