//! Webhooks as their receivers see them.

use crate::hands::{Bench, CONFIG, NoTexts, effect};
use channels::{ChannelSettings, Method, Rejection, Request, Secret};
use domain::{Action, Disposition, Effect};
use jiff::{SignedDuration, Timestamp};
use outbound_delivery::Destinations;
use runtime::Settled;
use runtime::memory::{START, Secrets};
use serde_json::{Value, json};
use state::EffectState;
use state::memory::Store;
use tokio::net::TcpListener;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// 24 bytes, as Standard Webhooks advises.
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

type Posting = Bench<Destinations<Store, Secrets, NoTexts, NoTexts>>;

fn bench(url: &str, secret: &Value) -> Posting {
    let (store, secrets) = (Store::default(), Secrets::default());
    secrets.put("omnicord/erp", &secret.to_string());
    let destinations = Destinations::new(store.clone(), secrets, NoTexts, NoTexts).unwrap();
    let endpoints = format!(
        "endpoints: {{ erp: {{ url: \"{url}/in\", secret: omnicord/erp, \
         allow_private: [127.0.0.0/8] }} }}"
    );
    Bench::over(store, destinations, &format!("{CONFIG}{endpoints}"))
}

fn webhook() -> Effect {
    let payload = json!({ "order": "A1", "text": "käputt 坏了" });
    effect(Action::Webhook { endpoint: "erp".into(), payload })
}

/// An endpoint that answers so, and the step before it.
async fn answering(answer: ResponseTemplate) -> (MockServer, Posting) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/in"))
        .and(header("content-type", "application/json"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let bench = bench(&server.uri(), &json!({ "key": KEY }));
    (server, bench)
}

async fn received(server: &MockServer) -> Request {
    let [posted] = &server.received_requests().await.unwrap()[..] else { panic!("one request") };
    let text = |value: &wiremock::http::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = posted.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    Request {
        method: Method::Post,
        path_key: None,
        query: Vec::new(),
        headers: headers.collect(),
        body: posted.body.clone(),
        source_ip: None,
    }
}

/// What a receiver that keeps the rules makes of it, at this time and with this key.
fn judged(request: &Request, key: &str, now: Timestamp) -> Result<Option<String>, Rejection> {
    let channel = json!({ "standard-webhooks": { "mappings": [] } });
    let channel: ChannelSettings = serde_json::from_value(channel).unwrap();
    let secret = Secret::from_json(&json!({ "secret": key }).to_string()).unwrap();
    channel.verify(request, &secret, now).map(|verified| verified.delivery_id().map(str::to_owned))
}

#[tokio::test]
async fn a_receiver_that_keeps_the_rules_takes_it_for_authentic() {
    let (server, bench) = answering(ResponseTemplate::new(204)).await;
    assert_eq!(bench.handle(&webhook()).await, Ok(Settled::Fresh));
    let request = received(&server).await;
    let id = webhook().key.to_string();
    assert_eq!(
        judged(&request, KEY, START),
        Ok(Some(id.clone())),
        "a repetition bears the same id"
    );
    assert_eq!(bench.record(&webhook()).receipt, Some(id));
    let payload = json!({ "order": "A1", "text": "käputt 坏了" });
    assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), payload);

    let later = START + SignedDuration::from_mins(6);
    assert_eq!(judged(&request, KEY, later), Err(Rejection::Stale), "it bears the time of sending");
    let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx";
    assert_eq!(judged(&request, other, START), Err(Rejection::BadSignature));
}

#[tokio::test]
async fn a_key_without_padding_signs_as_one_with_padding() {
    for key in ["whsec_c2VjcmV0IGtleQ==", "whsec_c2VjcmV0IGtleQ", "c2VjcmV0IGtleQ=="] {
        let (server, _) = answering(ResponseTemplate::new(200)).await;
        let bench = bench(&server.uri(), &json!({ "key": key }));
        assert_eq!(bench.handle(&webhook()).await, Ok(Settled::Fresh), "{key}");
        let request = received(&server).await;
        assert!(judged(&request, "whsec_c2VjcmV0IGtleQ==", START).is_ok(), "{key}");
    }
}

#[tokio::test]
async fn each_status_says_what_to_do() {
    let retry =
        |seconds: Option<i64>| Disposition::Retry { after: seconds.map(SignedDuration::from_secs) };
    let asking =
        |status, value: &str| ResponseTemplate::new(status).insert_header("retry-after", value);
    let busy = "endpoint_unavailable";
    for (answer, code, disposition) in [
        (asking(429, "120"), busy, retry(Some(120))),
        (asking(503, "7"), busy, retry(Some(7))),
        (asking(503, "Wed, 21 Oct 2026 07:28:00 GMT"), busy, retry(None)),
        (ResponseTemplate::new(429), busy, retry(None)),
        (ResponseTemplate::new(408), busy, retry(None)),
        (ResponseTemplate::new(500), busy, retry(None)),
        (ResponseTemplate::new(502), busy, retry(None)),
        (ResponseTemplate::new(400), "endpoint_refused", Disposition::Park),
        (ResponseTemplate::new(401), "endpoint_unauthorised", retry(Some(300))),
        (ResponseTemplate::new(410), "endpoint_refused", Disposition::Park),
        (asking(307, "1").insert_header("location", "/in"), "endpoint_refused", Disposition::Park),
    ] {
        let (server, bench) = answering(answer).await;
        let failure = bench.handle(&webhook()).await.unwrap_err();
        assert_eq!(
            (&*failure.reason.code, failure.disposition),
            (code, disposition),
            "{failure:?}"
        );
        assert_eq!(bench.record(&webhook()).state, EffectState::Released);
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "nothing is followed");
    }
    for status in [200, 201, 202, 204] {
        let (_server, bench) = answering(ResponseTemplate::new(status)).await;
        assert_eq!(bench.handle(&webhook()).await, Ok(Settled::Fresh), "{status}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_away_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a-token-that-must-not-leak", listener.local_addr().unwrap());
    drop(listener);
    let bench = bench(&url, &json!({ "key": KEY }));
    let failure = bench.handle(&webhook()).await.unwrap_err();
    assert_eq!(failure.reason.code, "endpoint_unreachable");
    assert_eq!(failure.disposition, Disposition::Retry { after: None });
    assert!(!failure.reason.detail.contains("token"), "{}", failure.reason.detail);
    assert_eq!(bench.record(&webhook()).state, EffectState::Released);
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    for secret in [
        json!({}),
        json!({ "key": "" }),
        json!({ "key": "whsec_" }),
        json!({ "key": "whsec_====" }),
        json!({ "key": "whsec_not base64" }),
        json!({ "key": 1 }),
    ] {
        let (server, _) = answering(ResponseTemplate::new(200)).await;
        let bench = bench(&server.uri(), &secret);
        let failure = bench.handle(&webhook()).await.unwrap_err();
        assert_eq!(failure.reason.code, "secret_unusable", "{secret}");
        assert!(matches!(failure.disposition, Disposition::Retry { .. }), "a person mends it");
        assert_eq!(bench.record(&webhook()).state, EffectState::Released);
        assert!(server.received_requests().await.unwrap().is_empty());
    }
}
