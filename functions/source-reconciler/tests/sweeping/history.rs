//! A sender's own list over HTTP.

use channels::ListPage;
use jiff::Timestamp;
use rules::RuleSet;
use rules::config::Origin;
use runtime::StepFailure;
use runtime::memory::Secrets;
use serde_json::{Value, json};
use source_reconciler::{Origins, Senders, Unread};
use state::Sweep;
use wiremock::matchers::{header, method, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

const CONFIG: &str = r#"
company: { name: Lab, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
"#;

fn origin(url: &str, change: &Value) -> Origin {
    let mut history = json!({
        "url": url, "secret": "api", "since": "from", "until": "to", "items": "/data",
        "next": { "at": "/cursor", "parameter": "cursor" }, "allow_private": ["127.0.0.0/8"],
    });
    for (name, value) in change.as_object().unwrap() {
        history[name] = value.clone();
    }
    serde_json::from_value(json!({ "history": history })).unwrap()
}

fn sweep(page: Option<&str>) -> Sweep {
    let after = "2026-11-23T08:00:00Z".parse::<Timestamp>().unwrap();
    let until = "2026-11-23T09:00:00.25Z".parse().unwrap();
    Sweep { page: page.map(str::to_owned), ..Sweep::new(after, until, 1, None) }
}

async fn page(from: &Origin, at: Option<&str>) -> Result<ListPage, Unread> {
    let secrets = Secrets::default();
    secrets.put("api", r#"{"token": "t0ken"}"#);
    let rules = RuleSet::load(CONFIG, 1).unwrap();
    Senders::new(secrets).unwrap().page(&rules, from, &sweep(at)).await
}

fn failed(page: Result<ListPage, Unread>) -> StepFailure {
    match page {
        Err(Unread::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

async fn server() -> MockServer {
    drop(crm::http());
    MockServer::start().await
}

fn answer(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

#[tokio::test]
async fn the_list_is_asked_for_page_by_page_with_our_own_credential() {
    let server = server().await;
    let asked = |mark: Option<&str>| {
        let mock = Mock::given(method("GET"))
            .and(header("authorization", "Bearer t0ken"))
            .and(query_param("kind", "paid"))
            .and(query_param("from", "2026-11-23T08:00:00.000Z"))
            .and(query_param("to", "2026-11-23T09:00:00.250Z"));
        match mark {
            Some(mark) => mock.and(query_param("cursor", mark)),
            None => mock.and(query_param_is_missing("cursor")),
        }
    };
    asked(None).respond_with(answer(&json!({ "data": [1, 2], "cursor": 7 }))).mount(&server).await;
    asked(Some("7"))
        .respond_with(answer(&json!({ "data": [], "cursor": "" })))
        .mount(&server)
        .await;
    let from = origin(&format!("{}/orders?kind=paid", server.uri()), &json!({}));
    let first = page(&from, None).await.unwrap();
    assert_eq!((first.items, first.next.as_deref()), (vec![json!(1), json!(2)], Some("7")));
    let second = page(&from, Some("7")).await.unwrap();
    assert_eq!(second, ListPage::default());
}

#[tokio::test]
async fn times_are_written_as_the_sender_reads_them() {
    for (times, from, to) in [
        ("epoch_seconds", "1795420800", "1795424400"),
        ("epoch_milliseconds", "1795420800000", "1795424400250"),
    ] {
        let server = server().await;
        let mock = Mock::given(query_param("from", from)).and(query_param("to", to));
        mock.respond_with(answer(&json!({ "data": [] }))).mount(&server).await;
        let from = origin(&server.uri(), &json!({ "times": times }));
        assert!(page(&from, None).await.is_ok(), "{times}");
    }
}

#[tokio::test]
async fn what_is_no_list_is_not_taken_for_an_empty_one() {
    for (given, code) in [
        (ResponseTemplate::new(401), "history_unauthorised"),
        (ResponseTemplate::new(500), "history_unavailable"),
        (ResponseTemplate::new(302).insert_header("location", "/"), "history_unavailable"),
        (ResponseTemplate::new(200).set_body_string("<html>"), "history_unreadable"),
        (answer(&json!({ "error": "no" })), "history_unreadable"),
        (answer(&json!({ "data": [], "cursor": {} })), "history_unreadable"),
        (answer(&json!({ "data": [], "cursor": "7" })), "history_unreadable"),
        (ResponseTemplate::new(200).set_body_bytes(vec![b' '; 5 << 20]), "history_unreadable"),
    ] {
        let server = server().await;
        Mock::given(method("GET")).respond_with(given).mount(&server).await;
        let failure = failed(page(&origin(&server.uri(), &json!({})), Some("7")).await);
        assert_eq!(failure.reason.code, code, "{}", failure.reason.detail);
        assert!(!format!("{failure:?}").contains("t0ken"));
    }
}

#[tokio::test]
async fn no_address_inside_is_asked_that_was_not_opened() {
    let server = server().await;
    let from = origin(&server.uri(), &json!({ "allow_private": [] }));
    assert_eq!(failed(page(&from, None).await).reason.code, "history_forbidden");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_page_mark_that_the_sender_takes_no_more_is_told_apart_from_a_pause() {
    for (status, lapses) in [
        (400, true),
        (404, true),
        (410, true),
        (422, true),
        (401, false),
        (403, false),
        (408, false),
        (429, false),
        (503, false),
    ] {
        let server = server().await;
        Mock::given(method("GET")).respond_with(ResponseTemplate::new(status)).mount(&server).await;
        let from = origin(&server.uri(), &json!({}));
        let later = page(&from, Some("7")).await;
        assert_eq!(matches!(later, Err(Unread::Lapsed(_))), lapses, "{status}: {later:?}");
        let first = page(&from, None).await;
        assert!(matches!(first, Err(Unread::Failed(_))), "{status}: {first:?}");
    }
}
