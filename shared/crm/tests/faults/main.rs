//! What the connector for Tryton makes of faults that a real Tryton cannot be made to show.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod batches;
mod changes;
mod leads;
mod updates;
mod whereabouts;

use channels::Secret;
use crm::{Connector, ContactId, Contacts, CrmError, Found, NewContact, Notes, Stage};
use domain::{Assurance, Disposition, EffectKey, EventId, Fault, Handle};
use jiff::SignedDuration;
use rules::config::Crm;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use tokio::net::TcpListener;
use wiremock::matchers::{any, body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEY: &str = "a-key-that-must-not-leak";

fn connector(url: &str, http: reqwest::Client) -> Connector {
    let settings = json!({ "tryton": { "secret": "tryton", "url": url, "database": "tryton" } });
    let settings: Crm = serde_json::from_value(settings).unwrap();
    let secret = Secret::from_json(&json!({ "key": KEY }).to_string()).unwrap();
    Connector::new(&settings, &secret, http).unwrap()
}

fn anna() -> [Handle; 1] {
    [Handle::email("anna@acme.test", Assurance::Claimed).unwrap()]
}

async fn find(url: &str) -> CrmError {
    connector(url, crm::http().unwrap()).find(&anna()).await.unwrap_err()
}

/// What a search makes of this answer.
async fn answered(answer: ResponseTemplate) -> CrmError {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    find(&server.uri()).await
}

fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<!doctype html><p>anna@acme.test", "text/html")
}

fn party(id: u64, email: &str) -> Value {
    let mechanisms = json!([{ "type": "email", "value_compact": email }]);
    json!({
        "id": id,
        "name": "Anna",
        "code": "4",
        "contact_mechanisms": mechanisms,
        "active": 1,
        "replaced_by": null,
    })
}

const RETRY: Disposition = Disposition::Retry { after: None };

fn retry_after(seconds: i64) -> Disposition {
    Disposition::Retry { after: Some(SignedDuration::from_secs(seconds)) }
}

#[tokio::test]
async fn each_status_says_what_to_do() {
    let busy = |status| ResponseTemplate::new(status).insert_header("retry-after", "30");
    let refusal = |words: &str| {
        ResponseTemplate::new(400).set_body_json(json!({ "status": 400, "message": words }))
    };
    for (answer, code, disposition) in [
        (refusal("database is locked"), "crm_busy", RETRY),
        (refusal("database locked"), "crm_busy", RETRY),
        (refusal("The code on party must be unique."), "crm_outpaced", RETRY),
        (refusal("You are not allowed to access \"Party\"."), "crm_forbidden", retry_after(300)),
        (refusal("The phone number is not valid."), "crm_refused", Disposition::Park),
        (html(401), "crm_unauthorised", retry_after(300)),
        (html(403), "crm_unauthorised", retry_after(300)),
        (html(404), "crm_misconfigured", retry_after(300)),
        (html(409), "crm_outpaced", RETRY),
        (html(422), "crm_refused", Disposition::Park),
        (busy(429), "crm_busy", retry_after(30)),
        (html(500), "crm_broken", RETRY),
        (html(502), "crm_busy", RETRY),
        (busy(503), "crm_busy", retry_after(30)),
        (html(504), "crm_busy", RETRY),
    ] {
        let error = answered(answer).await;
        assert_eq!(error.reason().code, code, "{error:?}");
        assert_eq!(error.disposition(), disposition, "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_tryton_s_is_tried_again() {
    let error = answered(html(200)).await;
    assert!(matches!(error, CrmError::Intercepted { status: 200 }), "{error:?}");
    assert_eq!(error.disposition(), RETRY);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, elsewhere) = (MockServer::start().await, MockServer::start().await);
    let answer = ResponseTemplate::new(307).insert_header("location", elsewhere.uri());
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let error = find(&server.uri()).await;
    assert!(matches!(error, CrmError::Intercepted { status: 307 }), "{error:?}");
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_parked() {
    let broken_off = ResponseTemplate::new(200).set_body_raw("[{\"id\": 4,", "application/json");
    let null = ResponseTemplate::new(200).set_body_json(json!(null));
    let error = ResponseTemplate::new(200).set_body_json(json!({ "error": "anna@acme.test" }));
    let field = ResponseTemplate::new(200).set_body_json(json!([{ "id": "anna@acme.test" }]));
    for answer in [broken_off, null, error, field] {
        let error = answered(answer).await;
        assert!(matches!(error, CrmError::Garbled { record: "party.party", .. }), "{error:?}");
        assert_eq!(error.disposition(), Disposition::Park);
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_read_to_its_end() {
    let long = format!("\"{}\"", "x".repeat(5 << 20));
    let error = answered(ResponseTemplate::new(200).set_body_raw(long, "application/json")).await;
    assert!(matches!(error, CrmError::Oversized), "{error:?}");
}

#[tokio::test]
async fn a_search_that_returns_everyone_is_not_believed() {
    let everyone = json!([party(4, "anna@acme.test"), party(5, "bob@retail.test")]);
    let error = answered(ResponseTemplate::new(200).set_body_json(everyone)).await;
    assert!(matches!(error, CrmError::Unfiltered { .. }), "{error:?}");
    assert_eq!(error.disposition(), Disposition::Park);
}

#[tokio::test]
async fn nobody_listening_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = find(&url).await;
    assert!(matches!(error, CrmError::Unreachable(_)), "{error:?}");
    assert_eq!(error.disposition(), RETRY);
}

#[tokio::test]
async fn a_connection_that_breaks_off_leaves_the_outcome_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let hang_up = async {
        loop {
            drop(listener.accept().await);
        }
    };
    let error = tokio::select! {
        error = find(&url) => error,
        () = hang_up => unreachable!(),
    };
    assert!(matches!(error, CrmError::Unanswered(_)), "{error:?}");
    assert_eq!(error.disposition(), RETRY);
}

#[tokio::test]
async fn a_silent_crm_is_given_up() {
    let error = answered(html(200).set_delay(Duration::from_secs(20))).await;
    assert!(matches!(error, CrmError::Unanswered(_)), "{error:?}");
    assert_eq!(error.disposition(), RETRY);
}

#[tokio::test]
async fn a_create_of_open_outcome_is_not_done_twice() {
    let server = MockServer::start().await;
    let (key, contact) = (EffectKey::new(&EventId::new("s", "1"), "r", "t"), ContactId::new("4"));
    let note = json!({ "id": 9, "message": format!("text\n\n[{key}]") });
    let notes = "/tryton/rest/model/ir.note";
    let json = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    Mock::given(path("/tryton/rest/model/party.party"))
        .respond_with(json(json!([party(4, "anna@acme.test")])))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path(notes))
        .respond_with(json(json!([])))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path(notes))
        .respond_with(json(json!([note])))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path(notes))
        .respond_with(json(note).set_delay(Duration::from_secs(20)))
        .expect(1)
        .mount(&server)
        .await;

    drop(crm::http());
    let hasty = reqwest::Client::builder().timeout(Duration::from_millis(500)).build().unwrap();
    let crm = connector(&server.uri(), hasty);
    let error = crm.note(&contact, &key, "text").await.unwrap_err();
    assert!(matches!(error, CrmError::Unanswered(_)), "{error:?}");
    assert_eq!(crm.note(&contact, &key, "text").await.unwrap(), "9");
}

#[tokio::test]
async fn of_two_contacts_made_at_once_the_later_gives_way() {
    let server = MockServer::start().await;
    let parties = "/tryton/rest/model/party.party";
    let (first, second) = (party(7, "anna@acme.test"), party(8, "anna@acme.test"));
    let json = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    Mock::given(method("GET"))
        .and(path(parties))
        .respond_with(json(json!([])))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(path("/tryton/rest/model/party.contact_mechanism"))
        .respond_with(json(json!([])))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path(parties))
        .respond_with(json(json!([first, second])))
        .mount(&server)
        .await;
    Mock::given(method("POST")).and(path(parties)).respond_with(json(second)).mount(&server).await;
    Mock::given(method("PUT"))
        .and(path(format!("{parties}/8")))
        .and(body_json(json!({ "active": false })))
        .respond_with(json(json!({ "id": 8 })))
        .expect(1)
        .mount(&server)
        .await;
    let crm = connector(&server.uri(), crm::http().unwrap());
    let new = NewContact { name: None, handles: anna().to_vec(), stage: Stage::Contact };
    assert_eq!(crm.create(&new).await.unwrap(), ContactId::new("7"));
}

#[tokio::test]
async fn no_error_holds_handle_body_or_key() {
    let garbled = ResponseTemplate::new(200).set_body_json(json!([{ "id": "anna@acme.test" }]));
    let unreachable = find("http://127.0.0.1:1").await;
    let errors = [unreachable, answered(garbled).await, answered(html(500)).await];
    for error in errors {
        let mut printed = format!("{error:?} {error} {:?}", error.reason());
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            let _ = write!(printed, " {cause:?} {cause}");
            source = cause.source();
        }
        for secret in ["anna", KEY, "rest/model", "?f="] {
            assert!(!printed.contains(secret), "{secret} in {printed}");
        }
    }
}

#[tokio::test]
async fn the_request_bears_key_and_language() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])))
        .mount(&server)
        .await;
    let crm = connector(&format!("{}/base/", server.uri()), crm::http().unwrap());
    assert_eq!(crm.find(&anna()).await.unwrap(), Found::Nobody);
    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(request.url.path(), "/base/tryton/rest/model/party.party");
    assert_eq!(request.headers["authorization"], format!("bearer {KEY}"));
    assert_eq!(request.headers["accept-language"], "en");
}
