//! Messaging services as others' clients meet them, and with every kind of answer.

use crate::hands::{Bench, CONFIG, NoTexts, effect};
use domain::{
    Action, Assurance, Disposition, Effect, Handle, HandleKey, HandleKind, Miniprogram,
    WechatTemplate,
};
use jiff::SignedDuration;
use outbound_delivery::Destinations;
use runtime::Settled;
use runtime::memory::Secrets;
use serde_json::{Value, json};
use state::EffectState;
use state::memory::Store;
use tokio::net::TcpListener;
use wiremock::matchers::{any, method, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

type Sending = Bench<Destinations<Store, Secrets, NoTexts, NoTexts>>;

const CUSTOM: &str = "/cgi-bin/message/custom/send";
const PHONE: &str = "phone::+12025550123";

fn bench(url: &str) -> Sending {
    let (store, secrets) = (Store::default(), Secrets::default());
    secrets.put("omnicord/wechat", r#"{"app_secret": "app-secret"}"#);
    secrets.put("omnicord/wecom", r#"{"corp_secret": "corp-secret"}"#);
    secrets.put("omnicord/whatsapp", r#"{"access_token": "T"}"#);
    let destinations = Destinations::new(store.clone(), secrets, NoTexts, NoTexts).unwrap();
    let at = format!("server: {{ url: \"{url}\", allow_private: [127.0.0.0/8] }}");
    let accounts = format!(
        "wechat: {{ main: {{ app_id: wx0123456789abcdef, secret: omnicord/wechat, {at} }} }}\n\
         wecom: {{ main: {{ corp_id: ww0123456789abcdef, agent_id: 1000002, \
         secret: omnicord/wecom, {at} }} }}\n\
         whatsapp: {{ main: {{ phone_number_id: \"106540352242922\", version: v23.0, \
         secret: omnicord/whatsapp, {at} }} }}\n"
    );
    Bench::over(store, destinations, &format!("{CONFIG}{accounts}"))
}

fn follower() -> HandleKey {
    let (kind, app) = (HandleKind::WechatOpenid, "wx0123456789abcdef");
    Handle::account(kind, app, "oANNA", Assurance::Attested).unwrap().key()
}

fn message() -> Effect {
    let (account, text) = ("main".into(), "你好 \"A1\"".into());
    effect(Action::WechatMessage { account, to: follower(), text })
}

fn template(subscription: bool) -> Effect {
    let place = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let message = WechatTemplate {
        template: "T1".into(),
        subscription,
        data: [place("thing1", "A1"), place("time2", "10:00")].into(),
        url: Some("https://shop.example.com/A1".into()),
        miniprogram: Some(Miniprogram { app_id: "wxmini".into(), page: Some("order?n=A1".into()) }),
    };
    effect(Action::WechatTemplate { account: "main".into(), to: follower(), message })
}

fn to_member() -> Effect {
    let to = HandleKey::from_stored("wecom_user:ww0123456789abcdef:AgentOne");
    effect(Action::WecomMessage { account: "main".into(), to, text: "Anna waits".into() })
}

fn whatsapp(to: &str, template: &str, language: &str, parameters: &[&str]) -> Effect {
    effect(Action::WhatsappTemplate {
        account: "main".into(),
        to: HandleKey::from_stored(to),
        template: template.into(),
        language: language.into(),
        parameters: parameters.iter().map(|&text| text.to_owned()).collect(),
    })
}

fn shipped() -> Effect {
    whatsapp(PHONE, "shipped", "en_US", &["A1", "10:00"])
}

/// Services that give out the token `T` and answer everything else so.
async fn answering(answer: ResponseTemplate) -> (MockServer, Sending) {
    let server = MockServer::start().await;
    let token = json!({ "access_token": "T", "expires_in": 7200, "errcode": 0 });
    for token_path in ["/cgi-bin/stable_token", "/cgi-bin/gettoken"] {
        let granted = ResponseTemplate::new(200).set_body_json(&token);
        Mock::given(path(token_path)).respond_with(granted).mount(&server).await;
    }
    Mock::given(any()).respond_with(answer).with_priority(9).mount(&server).await;
    let bench = bench(&server.uri());
    (server, bench)
}

fn well() -> ResponseTemplate {
    let body = json!({ "errcode": 0, "errmsg": "ok", "msgid": 7,
                       "messages": [{ "id": "wamid.1" }] });
    ResponseTemplate::new(200).set_body_json(body)
}

fn with_code(code: i64) -> ResponseTemplate {
    let body = json!({ "errcode": code, "errmsg": "oANNA said no" });
    ResponseTemplate::new(200).set_body_json(body)
}

async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

/// A request in the form in which others' clients were recorded.
fn form(request: &Request) -> Value {
    let header = |name: &str| request.headers.get(name).map(|it| it.to_str().unwrap().to_owned());
    json!({
        "method": request.method.as_str(),
        "path": request.url.path(),
        "query": request.url.query_pairs().into_owned().collect::<std::collections::BTreeMap<_, _>>(),
        "authorization": header("authorization"),
        "body": serde_json::from_slice::<Value>(&request.body).ok(),
    })
}

/// Without what one client sends, and the vendor's document calls optional or does not tell apart.
fn plain(mut form: Value) -> Value {
    if let Some(body) = form["body"].as_object_mut() {
        for optional in ["client_msg_id", "safe", "toparty", "totag"] {
            body.remove(optional);
        }
    }
    let components = form.pointer_mut("/body/template/components");
    for component in components.and_then(Value::as_array_mut).into_iter().flatten() {
        component["type"] = component["type"].as_str().unwrap().to_lowercase().into();
    }
    form
}

macro_rules! recorded {
    ($name:literal) => {
        plain(serde_json::from_str(include_str!(concat!("recorded/", $name, ".json"))).unwrap())
    };
}

#[tokio::test]
async fn requests_are_those_of_others_clients() {
    let to_id = whatsapp("whatsapp_user:1:US.13491208655302741918", "hello", "de", &[]);
    for (effect, recorded) in [
        (message(), recorded!("wechat-message")),
        (template(false), recorded!("wechat-template")),
        (to_member(), recorded!("wecom-message")),
        (shipped(), recorded!("whatsapp-template")),
        (to_id, recorded!("whatsapp-template-to-id")),
    ] {
        let (server, bench) = answering(well()).await;
        assert_eq!(bench.handle(&effect).await, Ok(Settled::Fresh), "{}", effect.action.name());
        let sent = requests(&server).await;
        assert_eq!(plain(form(sent.last().unwrap())), recorded);
        if recorded["path"] == "/cgi-bin/message/send" {
            assert_eq!(form(&sent[0]), recorded!("wecom-token"));
        }
    }
}

#[tokio::test]
async fn a_subscription_notification_has_an_address_and_a_page_of_its_own() {
    let (server, bench) = answering(well()).await;
    assert_eq!(bench.handle(&template(true)).await, Ok(Settled::Fresh));
    let sent = form(requests(&server).await.last().unwrap());
    assert_eq!(sent["path"], "/cgi-bin/message/subscribe/bizsend");
    assert_eq!(sent["body"]["page"], "https://shop.example.com/A1");
    assert_eq!(
        (&sent["body"]["url"], &sent["body"]["client_msg_id"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_repeated_template_message_bears_the_same_id() {
    let (server, bench) = answering(well()).await;
    assert_eq!(bench.handle(&template(false)).await, Ok(Settled::Fresh));
    let sent = form(requests(&server).await.last().unwrap());
    let id = sent["body"]["client_msg_id"].as_str().unwrap().to_owned();
    assert_eq!(format!("eff_{id}"), template(false).key.as_str());
    assert_eq!(bench.record(&template(false)).receipt.as_deref(), Some("7"));
}

#[tokio::test]
async fn a_token_serves_until_shortly_before_it_expires() {
    let (server, bench) = answering(well()).await;
    let tokens = async || {
        let all = requests(&server).await;
        all.iter().filter(|request| request.url.path() == "/cgi-bin/stable_token").count()
    };
    assert_eq!(bench.handle(&message()).await, Ok(Settled::Fresh));
    assert_eq!(bench.handle(&template(false)).await, Ok(Settled::Fresh));
    assert_eq!(tokens().await, 1);
    let asked: Value = serde_json::from_slice(&requests(&server).await[0].body).unwrap();
    let expected = json!({ "grant_type": "client_credential", "appid": "wx0123456789abcdef",
                           "secret": "app-secret", "force_refresh": false });
    assert_eq!(asked, expected);
    bench.pass(SignedDuration::from_mins(116));
    assert_eq!(bench.handle(&to_member()).await, Ok(Settled::Fresh));
    assert_eq!(bench.handle(&template(true)).await, Ok(Settled::Repeated), "one key, one effect");
    let again = Effect { key: shipped().key, ..message() };
    assert_eq!(bench.handle(&again).await, Ok(Settled::Fresh));
    assert_eq!(tokens().await, 2);
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_renewed_once() {
    for code in [40001, 40014, 42001] {
        let server = MockServer::start().await;
        for token in ["OLD", "NEW"] {
            let body = json!({ "access_token": token, "expires_in": 7200 });
            Mock::given(path("/cgi-bin/stable_token"))
                .respond_with(ResponseTemplate::new(200).set_body_json(body))
                .up_to_n_times(1)
                .mount(&server)
                .await;
        }
        Mock::given(query_param("access_token", "OLD"))
            .respond_with(with_code(code))
            .mount(&server)
            .await;
        Mock::given(query_param("access_token", "NEW")).respond_with(well()).mount(&server).await;
        let bench = bench(&server.uri());
        assert_eq!(bench.handle(&message()).await, Ok(Settled::Fresh), "{code}");

        let (server, bench) = answering(with_code(code)).await;
        let failure = bench.handle(&message()).await.unwrap_err();
        assert_eq!(failure.reason.code, "vendor_unauthorised");
        let posted = requests(&server).await;
        let posted = posted.iter().filter(|request| request.url.path() == CUSTOM);
        assert_eq!(posted.count(), 2, "no third try");
    }
}

#[tokio::test]
async fn each_code_says_what_to_do_and_nothing_of_the_customer() {
    let retry = Disposition::Retry { after: None };
    let meta = |status: u16, code: i64| {
        let body = json!({ "error": { "code": code, "message": "+12025550123 said no" } });
        ResponseTemplate::new(status).set_body_json(body)
    };
    for (effect, answer, code, disposition) in [
        (message(), with_code(-1), "vendor_busy", retry),
        (message(), with_code(45009), "vendor_busy", retry),
        (message(), with_code(40164), "vendor_unauthorised", retry),
        (message(), with_code(40003), "recipient_unreachable", Disposition::Park),
        (message(), with_code(43004), "recipient_unreachable", Disposition::Park),
        (message(), with_code(45015), "window_closed", Disposition::Park),
        (message(), with_code(45047), "window_closed", Disposition::Park),
        (template(false), with_code(40037), "message_refused", Disposition::Park),
        (to_member(), with_code(60020), "vendor_unauthorised", retry),
        (to_member(), with_code(81013), "recipient_unreachable", Disposition::Park),
        (to_member(), with_code(44004), "message_refused", Disposition::Park),
        (shipped(), meta(401, 190), "vendor_unauthorised", retry),
        (shipped(), meta(400, 131_026), "recipient_unreachable", Disposition::Park),
        (shipped(), meta(400, 131_047), "window_closed", Disposition::Park),
        (shipped(), meta(404, 132_001), "message_refused", Disposition::Park),
        (shipped(), meta(429, 130_429), "vendor_busy", retry),
        (
            shipped(),
            meta(400, 131_056),
            "vendor_busy",
            Disposition::Retry { after: Some(SignedDuration::from_secs(60)) },
        ),
        (shipped(), ResponseTemplate::new(429), "vendor_busy", retry),
    ] {
        let (_server, bench) = answering(answer).await;
        let failure = bench.handle(&effect).await.unwrap_err();
        assert_eq!(
            (&*failure.reason.code, failure.disposition),
            (code, disposition),
            "{failure:?}"
        );
        let detail = &failure.reason.detail;
        assert!(!detail.contains("said no") && !detail.contains("555"), "{detail}");
        assert_eq!(bench.record(&effect).state, EffectState::Released);
    }
}

#[tokio::test]
async fn a_member_whom_the_app_does_not_see_is_not_written_to() {
    let body = json!({ "errcode": 0, "errmsg": "ok", "invaliduser": "AgentOne", "msgid": "m" });
    let (_server, bench) = answering(ResponseTemplate::new(200).set_body_json(body)).await;
    let failure = bench.handle(&to_member()).await.unwrap_err();
    assert_eq!(failure.reason.code, "recipient_unreachable");
}

#[tokio::test]
async fn an_answer_that_says_nothing_leaves_the_outcome_open() {
    let html = ResponseTemplate::new(502).set_body_string("<html>Bad Gateway</html>");
    let long = ResponseTemplate::new(200).set_body_string("1".repeat(20_000));
    let other = ResponseTemplate::new(200).set_body_json(json!(["ok"]));
    for answer in [html, long, other] {
        for effect in [message(), to_member(), shipped()] {
            let (_server, bench) = answering(answer.clone()).await;
            let failure = bench.handle(&effect).await.unwrap_err();
            assert_eq!(failure.reason.code, "outcome_unknown");
            assert_eq!(bench.record(&effect).state, EffectState::Leased, "nobody knows");
        }
    }
}

#[tokio::test]
async fn without_a_token_nothing_was_sent() {
    for (answer, code) in [
        (with_code(40125), "vendor_unauthorised"),
        (with_code(-1), "vendor_busy"),
        (ResponseTemplate::new(502), "vendor_unreachable"),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("POST")).respond_with(answer).mount(&server).await;
        let bench = bench(&server.uri());
        let failure = bench.handle(&message()).await.unwrap_err();
        assert_eq!(failure.reason.code, code);
        assert_eq!(bench.record(&message()).state, EffectState::Released);
        assert_eq!(requests(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bench = bench(&format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    for effect in [message(), to_member(), shipped()] {
        let failure = bench.handle(&effect).await.unwrap_err();
        assert_eq!(failure.reason.code, "vendor_unreachable");
        assert_eq!(bench.record(&effect).state, EffectState::Released);
    }
}
