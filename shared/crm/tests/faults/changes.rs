//! Answers to a question for changes that would lead astray.

use super::connector;
use crm::{Changes, CrmError, Span};
use jiff::Timestamp;
use rules::RecordKind;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A time on the day at which the party was made.
fn date(minute: i8) -> Value {
    json!({
        "__class__": "datetime", "year": 2026, "month": 11, "day": 23, "hour": 2, "minute": minute,
        "second": 20, "microsecond": 594_882,
    })
}

fn party(id: u64) -> Value {
    json!({
        "id": id, "name": "Anna", "code": "4", "contact_mechanisms": [], "active": 1,
        "replaced_by": null, "create_date": date(48), "write_date": null,
    })
}

fn mechanism(kind: &str, value: &str, created: &Value, written: &Value) -> Value {
    json!({
        "type": kind, "value_compact": value, "create_date": created, "write_date": written,
    })
}

async fn told(parties: &[Value], beyond: &str) -> Result<crm::ChangePage, CrmError> {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(parties))
        .mount(&server)
        .await;
    let span = Span { after: Timestamp::UNIX_EPOCH, until: Timestamp::MAX };
    let crm = connector(&server.uri(), crm::http().unwrap());
    crm.changes(RecordKind::Contacts, span, Some(beyond), 2).await
}

#[tokio::test]
async fn a_record_that_was_never_written_to_changed_when_it_was_made() {
    let page = told(&[party(7)], "6").await.unwrap();
    assert_eq!(page.records[0].changed_at.to_string(), "2026-11-23T02:48:20.594882Z");
    assert_eq!(page.next, None);
    let full = told(&[party(7), party(9)], "6").await.unwrap();
    assert_eq!(full.next.as_deref(), Some("9"));
}

#[tokio::test]
async fn a_contact_changed_when_it_or_any_of_its_handles_was_written_to_last() {
    let changed = |minute: i8| format!("2026-11-23T02:{minute}:20.594882Z");
    for (mechanisms, minute) in [
        (json!([mechanism("email", "a@acme.test", &date(47), &Value::Null)]), 48),
        (json!([mechanism("email", "a@acme.test", &date(50), &Value::Null)]), 50),
        (
            json!([
                mechanism("email", "a@acme.test", &date(48), &date(52)),
                mechanism("phone", "+12025550123", &date(51), &Value::Null),
            ]),
            52,
        ),
    ] {
        let mut anna = party(7);
        anna["contact_mechanisms"] = mechanisms;
        let page = told(&[anna], "6").await.unwrap();
        assert_eq!(page.records[0].changed_at.to_string(), changed(minute));
    }
}

#[tokio::test]
async fn a_server_that_ignores_the_search_is_not_followed_in_circles() {
    for parties in [vec![party(6)], vec![party(8), party(7)], vec![party(7), party(7)]] {
        let error = told(&parties, "6").await.unwrap_err();
        assert!(matches!(error, CrmError::Unfiltered { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn debug_output_holds_neither_numbers_nor_addresses() {
    let mut anna = party(7);
    anna["contact_mechanisms"] = json!([
        mechanism("email", "anna@acme.test", &date(48), &Value::Null),
        mechanism("phone", "+12025550123", &date(48), &Value::Null),
    ]);
    let page = told(&[anna], "6").await.unwrap();
    assert_eq!(page.records[0].contact.phones, ["+12025550123"]);
    let shown = format!("{page:?}");
    assert!(!shown.contains("anna") && !shown.contains("555"), "{shown}");
}
