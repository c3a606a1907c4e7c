//! The receiver with everything around it in memory.

use channels::{Method, Request};
use runtime::memory::{Pager, Queue, Rules, START, Secrets};
use runtime::{FixedClock, HttpStep, Response};
use serde_json::{Value, json};
use state::memory::Store;
use std::rc::Rc;
use webhook_receiver::{Limits, WebhookReceiver};

/// A phone system that proves itself by its secret address and pushes many calls at once, the
/// least telling handle first; and a WeChat account.
pub(crate) const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
sources:
  hotline:
    secret: omnicord/hotline
    channel:
      call-push:
        mappings:
          - each: /calls
            kind: call
            topic: answered
            id: [/id]
            handles: [{ kind: email, at: /email }, { kind: phone, at: /phone }]
            text: /text
  wechat-main:
    secret: omnicord/wechat
    channel: { wechat: { app_id: wx0123456789abcdef, mode: plain } }
"#;

/// The last segment of the hotline's secret address.
pub(crate) const KEY: &str = "the-key";

type Receiver = WebhookReceiver<Store, Secrets, Pager, Queue, Store, Rc<FixedClock>>;

/// The receiver's surroundings.
pub(crate) struct Door {
    receiver: Receiver,
    pub(crate) store: Store,
    pub(crate) secrets: Secrets,
    pub(crate) pager: Pager,
    pub(crate) queue: Queue,
    pub(crate) clock: Rc<FixedClock>,
}

impl Door {
    /// With its configuration in force.
    pub(crate) fn open() -> Self {
        Self::with(|rules| rules.apply(CONFIG))
    }

    /// With the rules that `apply` puts in force.
    pub(crate) fn with(apply: impl FnOnce(&Rules)) -> Self {
        let clock = Rc::new(FixedClock::new(START));
        let rules = Rules::none(&clock);
        apply(&rules);
        let (store, secrets) = (Store::default(), Secrets::default());
        let (pager, queue) = (Pager::default(), Queue::default());
        secrets.put("omnicord/hotline", &json!({ "key": KEY }).to_string());
        secrets.put("omnicord/wechat", r#"{"token": "a-token"}"#);
        let receiver = WebhookReceiver {
            store: store.clone(),
            limits: Limits::default(),
            secrets: secrets.clone(),
            alarms: pager.clone(),
            next: queue.clone(),
            rules: rules.book(),
            clock: Rc::clone(&clock),
        };
        Self { receiver, store, secrets, pager, queue, clock }
    }

    pub(crate) async fn answer(&self, source: &str, request: Request) -> Response {
        self.receiver.answer(source, request).await
    }

    /// The status that the hotline gets for this body.
    pub(crate) async fn push(&self, body: &[u8]) -> u16 {
        self.answer("hotline", request(KEY, body)).await.status
    }

    /// Whether nothing tells that anybody was there.
    pub(crate) fn is_untouched(&self) -> bool {
        self.store.writes() == 0
            && self.queue.parcels().is_empty()
            && self.pager.raised().is_empty()
    }
}

/// A push to the hotline's address with this key.
pub(crate) fn request(key: &str, body: &[u8]) -> Request {
    Request {
        method: Method::Post,
        path_key: Some(key.to_owned()),
        query: Vec::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_vec(),
        source_ip: None,
    }
}

/// A push of these calls.
pub(crate) fn calls(calls: &[Value]) -> Vec<u8> {
    json!({ "calls": calls }).to_string().into_bytes()
}

/// A call of this number, by somebody with an address and a phone.
pub(crate) fn call(number: u32) -> Value {
    json!({ "id": number, "email": "anna@example.com", "phone": "+1 202 555 0123" })
}
