//! How the field map reads payloads, good and bad.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use channels::{Context, Delivery, Malformed, Source, Verified};
use domain::{EventId, InboundEvent};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(mapping: &Value, payload: &str, delivery_id: Option<&str>) -> Result<Delivery, Malformed> {
    let settings = json!({ "mappings": [mapping], "ignore": [{ "/type": "ping" }] });
    let source = json!({ "secret": "s", "channel": { "standard-webhooks": settings } });
    let source: Source = serde_json::from_value(source).unwrap();
    let stored =
        Verified::vouched(payload.as_bytes().to_vec(), None, delivery_id.map(str::to_owned));
    let received_at = Timestamp::from_second(1_795_334_400).unwrap();
    source.channel.parse(&stored, &Context { source: "shop", region: "DE", received_at })
}

fn events(mapping: &Value, payload: &Value) -> Result<Vec<InboundEvent>, Malformed> {
    match parse(mapping, &payload.to_string(), Some("msg_1"))? {
        Delivery::Events(events) => Ok(events),
        Delivery::Challenge(_) | Delivery::Ignored { .. } => panic!("no events"),
    }
}

fn one(mapping: &Value, payload: &Value) -> Result<InboundEvent, Malformed> {
    events(mapping, payload).map(|mut events| events.remove(0))
}

/// An order's mapping with further keys.
fn order(further: Value) -> Value {
    let mut mapping = json!({
        "when": { "/type": "order" },
        "kind": "order",
        "topic": "/state",
        "handles": [{ "kind": "phone", "at": "/phone" }, { "kind": "email", "at": "/email" }],
    });
    let Value::Object(further) = further else { panic!("an object") };
    mapping.as_object_mut().unwrap().extend(further);
    mapping
}

fn payload(further: Value) -> Value {
    let mut payload = json!({ "type": "order", "state": "paid", "email": "a@example.com" });
    let Value::Object(further) = further else { panic!("an object") };
    payload.as_object_mut().unwrap().extend(further);
    payload
}

#[test]
fn a_withheld_number_leaves_an_event_of_nobody_and_a_garbled_one_none() {
    let withheld = json!({ "phone": "anonymous", "email": "" });
    let event = one(&order(json!({})), &payload(withheld)).unwrap();
    assert_eq!(event.handles, []);
    assert_eq!(event.fields["unreadable_handles"], json!({ "/phone": "anonymous" }));
    let garbled = json!({ "phone": "call me", "email": "" });
    let refused = one(&order(json!({})), &payload(garbled)).unwrap_err();
    assert_eq!(code_and_path(&refused).1, "/phone");
}

fn code_and_path(refused: &Malformed) -> (&'static str, String) {
    let text = refused.to_string();
    (refused.code(), text.split('`').nth(1).unwrap_or_default().to_owned())
}

#[test]
fn one_number_in_two_states_is_two_events_and_one_state_twice_is_one() {
    let mapping = order(json!({ "id": ["/number"] }));
    let id = |state| one(&mapping, &payload(json!({ "number": 7, "state": state }))).unwrap().id;
    assert_eq!(id("paid"), id("paid"));
    assert_ne!(id("paid"), id("shipped"));
}

#[test]
fn parts_of_an_id_do_not_run_into_each_other() {
    let mapping = order(json!({ "id": ["/a", "/b"] }));
    let id = |a, b| one(&mapping, &payload(json!({ "a": a, "b": b }))).unwrap().id;
    assert_ne!(id("1\",\"2", "3"), id("1", "2\",\"3"));
}

#[test]
fn without_an_id_the_delivery_names_the_event_and_the_arrival_dates_it() {
    let event = one(&order(json!({})), &payload(json!({}))).unwrap();
    assert_eq!(event.id, EventId::new("shop", "msg_1"));
    assert_eq!(event.occurred_at, event.received_at);
    let text = payload(json!({})).to_string();
    let refused = parse(&order(json!({})), &text, None).unwrap_err();
    assert_eq!(code_and_path(&refused), ("missing_field", "id".to_owned()));
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let refused =
        |mapping, with| code_and_path(&one(&order(mapping), &payload(with)).expect_err("refused"));
    let unexpected = |path: &str| ("unexpected_field", path.to_owned());
    let missing = |path: &str| ("missing_field", path.to_owned());
    assert_eq!(refused(json!({}), json!({ "state": "" })), missing("/state"));
    assert_eq!(refused(json!({}), json!({ "state": null })), missing("/state"));
    assert_eq!(refused(json!({}), json!({ "state": {} })), unexpected("/state"));
    assert_eq!(refused(json!({}), json!({ "email": null })), missing("/phone, /email"));
    assert_eq!(refused(json!({}), json!({ "email": "x" })), ("invalid_handle", "/email".into()));
    assert_eq!(refused(json!({ "id": ["/n"] }), json!({})), missing("/n"));
    assert_eq!(refused(json!({ "id": ["/n"] }), json!({ "n": 1e30 })), unexpected("/n"));
    assert_eq!(refused(json!({ "time": "/t" }), json!({ "t": "22.11.2026" })), unexpected("/t"));
    assert_eq!(refused(json!({ "each": "/items" }), json!({})), unexpected("/items"));
    assert_eq!(refused(json!({ "duration": "/d" }), json!({ "d": "1:30" })), unexpected("/d"));
    assert_eq!(refused(json!({ "duration": "/d" }), json!({ "d": -1 })), unexpected("/d"));
    let span = json!({ "duration_between": { "from": "/f", "to": "/t" } });
    assert_eq!(refused(span, json!({ "f": 20, "t": 10 })), unexpected("/t"));
}

#[test]
fn one_bad_element_parks_the_whole_delivery() {
    let mapping = order(json!({ "each": "/items", "topic": "paid" }));
    let good = json!({ "email": "a@example.com" });
    let all = |items| events(&mapping, &json!({ "type": "order", "items": items }));
    assert_eq!(all(json!([good, good])).map(|events| events.len()), Ok(2));
    assert_eq!(all(json!([good, {}])).unwrap_err().code(), "missing_field");
    assert_eq!(all(json!([])), Ok(vec![]));
}

#[test]
fn a_call_that_nobody_answered_has_no_length() {
    let span = order(json!({ "duration_between": { "from": "/f", "to": "/t" } }));
    let length = |with| one(&span, &payload(with)).unwrap().duration_s;
    assert_eq!(length(json!({ "f": "1795334400", "t": 1_795_334_475 })), Some(75));
    for with in [json!({ "f": 0, "t": 9 }), json!({ "f": "", "t": 9 }), json!({ "t": 9 })] {
        assert_eq!(length(with), None);
    }
}

#[test]
fn only_what_the_configuration_names_is_left_out() {
    let parsed = |text| parse(&order(json!({})), text, Some("msg_1"));
    assert!(matches!(parsed(r#"{"type": "ping"}"#), Ok(Delivery::Ignored { .. })));
    for text in ["{}", "[]", "null", r#"{"type": "pong"}"#, r#"{"type": ["ping"]}"#] {
        assert_eq!(parsed(text), Err(Malformed::Unmapped), "{text}");
    }
}

#[test]
fn what_is_no_json_or_nests_too_deeply_is_refused() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    for text in ["", "{", "{} {}", "nul", &deep] {
        let refused = parse(&order(json!({})), text, None).unwrap_err();
        assert_eq!(refused.code(), "not_json");
    }
}

proptest! {
    #[test]
    fn an_account_keeps_its_digits_whether_text_or_number(account: u64) {
        let handles = json!([{ "kind": "account", "scope": "shop", "at": "/account" }]);
        let mapping = order(json!({ "handles": handles }));
        for value in [json!(account), json!(account.to_string())] {
            let event = one(&mapping, &payload(json!({ "account": value }))).unwrap();
            prop_assert_eq!(&event.handles[0].value, &account.to_string());
        }
    }
}
