//! A message that the queue itself gave up: its function died before it could say why.

use crate::desk::{Desk, RETRY, delivered, letter};
use domain::{
    Action, Assurance, Class, Classification, Effect, EffectKey, FailureRecord, Handle, Matched,
    Outbound, Payload, RuleRef, Step, Tagged,
};
use runtime::Outcome;
use runtime::memory::{START, customer, matched_by, message};
use serde::Serialize;
use serde_json::json;

fn phone() -> Handle {
    Handle::phone("+12025550123", "US", Assurance::Attested).unwrap()
}

/// What is recorded of this message in the dead-letter queue of this name.
async fn recorded(queue: &str, message: &impl Serialize) -> FailureRecord {
    let desk = Desk::new();
    let body = serde_json::to_string(message).unwrap();
    assert_eq!(desk.settle(&delivered(queue, body, 0)).await, Outcome::Delete);
    let failure = desk.failure().record;
    assert_eq!(failure.attempts[0].reason.code, "function_died");
    assert!(failure.state.retry_at().is_some(), "a crash may pass");
    failure
}

#[tokio::test]
async fn each_queue_tells_the_step_and_its_message_whom_it_concerns() {
    let (event, customer) = (message(1, &[phone()]), customer(&[phone()]));
    let failure = recorded("acme-inbound-dead-letter.fifo", &event).await;
    assert_eq!(failure.step, Step::IdentityMatch);
    assert_eq!((failure.about.event, failure.about.customer), (Some(event.id.clone()), None));
    assert_eq!((failure.about.source.as_deref(), failure.about.destination), (Some("test"), None));

    let decision = matched_by(&phone());
    let customer_id = customer.id.clone();
    let matched =
        Matched { event: event.clone(), customer: customer_id, decision, matched_at: Some(START) };
    let failure = recorded("acme-matched-dead-letter.fifo", &matched).await;
    assert_eq!((failure.step, failure.about.source.as_deref()), (Step::TagUpdate, Some("test")));
    assert_eq!(failure.about.event, Some(event.id.clone()));
    assert_eq!(failure.about.customer, Some(customer.id.clone()));

    let classification = Classification::default();
    let (tags, whole, home) = (Vec::new(), customer.clone(), customer.id.clone());
    let tagged = Tagged { event: event.clone(), customer: whole, home, classification, tags };
    let failure = recorded("acme-tagged-dead-letter.fifo", &tagged).await;
    assert_eq!(
        (failure.step, failure.about.source.as_deref()),
        (Step::TriggerDispatcher, Some("test"))
    );
    assert_eq!(failure.about.event, Some(event.id.clone()));
    assert_eq!(failure.about.customer, Some(customer.id.clone()));

    let effect = Effect {
        key: EffectKey::new(&event.id, "rule", "sms"),
        event: event.id.clone(),
        customer: customer.id.clone(),
        rule: RuleRef { name: "rule".into(), config_version: 1 },
        decided_at: START,
        not_before: None,
        action: Action::Sms { to: "+12025550123".into(), text: "hello".into() },
    };
    let key = effect.key.clone();
    let failure = recorded("acme-outbound-dead-letter.fifo", &Outbound(effect)).await;
    assert_eq!((failure.step, failure.lane()), (Step::OutboundDelivery, "sms"));
    assert_eq!(failure.about.event, Some(event.id));
    assert_eq!(failure.about.customer, Some(customer.id));
    assert_eq!(failure.about.effect, Some(key));
}

#[tokio::test]
async fn the_stacks_own_name_does_not_mislead() {
    let event = message(1, &[phone()]);
    let failure = recorded("inbound-desk-tagged-dead-letter.fifo", &event).await;
    assert_eq!(failure.step, Step::TriggerDispatcher);
}

#[tokio::test]
async fn what_is_no_json_is_recorded_all_the_same() {
    let failure = recorded("acme-matched-dead-letter.fifo", &"no message at all").await;
    assert_eq!((failure.step, failure.about.event), (Step::TagUpdate, None));
}

#[tokio::test]
async fn a_message_from_nowhere_stays_where_it_is() {
    let desk = Desk::new();
    let record = delivered("acme-outbound.fifo", "{}".into(), 0);
    assert_eq!(desk.settle(&record).await, Outcome::Keep);
    assert_eq!(desk.store.writes(), 0);
}

#[tokio::test]
async fn a_letter_of_another_version_gives_back_the_message_that_is_in_it() {
    let desk = Desk::new();
    let known = serde_json::to_value(letter(RETRY)).unwrap();
    for (field, unknown) in [
        ("class", json!("a class of tomorrow")),
        ("disposition", json!({ "do": "what is not known today" })),
    ] {
        let mut told = known.clone();
        told[field] = unknown;
        let record = delivered("acme-matched-dead-letter.fifo", told.to_string(), 0);
        assert_eq!(desk.settle(&record).await, Outcome::Delete);
        let failure = desk.failure();
        let (body, group) = (letter(RETRY).body, "the-group".into());
        assert_eq!(failure.payload, Payload::Message { body, group }, "{field}");
        assert_eq!(failure.record.attempts[0].class, Class::Ours);
        assert_eq!(failure.record.attempts[0].reason.code, "store_unavailable");
    }
}
