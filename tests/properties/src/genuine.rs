//! The sources and the genuine requests of `tests/fixtures`.

use channels::{ChannelSettings, Method, Request, Secret, Verified};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The time at which every fixture was made.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_334_400, 0);

/// The sources, each with the fixture whose settings and secret it has.
const SOURCES: [(&str, &str); 6] = [
    ("call-push", "call-push/json"),
    ("call-push-tinet", "call-push/tinet-inbound-missed"),
    ("standard-webhooks", "standard-webhooks/order-shipped-signed-with-the-previous-secret"),
    ("wechat-plain", "wechat/text-plain-mode"),
    ("wechat-safe", "wechat/text"),
    ("wecom", "wecom/text"),
];

/// One configured source with what proves its requests.
pub(crate) struct Source {
    pub(crate) name: &'static str,
    pub(crate) channel: ChannelSettings,
    pub(crate) secret: Secret,
    /// Every text in its settings and in the shipped mappings, with those between its commas.
    pub(crate) places: Vec<String>,
    /// Every request that is genuine.
    pub(crate) requests: Vec<Request>,
}

impl Source {
    /// What the source's channel makes of the request at [`NOW`].
    pub(crate) fn verify<'r>(&self, request: &'r Request) -> Option<Verified<'r>> {
        let verified = self.channel.verify(request, &self.secret, NOW);
        // The secret is sound: whatever the sender does, the fault is not ours.
        verified.inspect_err(|rejection| assert_eq!(rejection.status(), 401, "{rejection}")).ok()
    }
}

/// The source of this name.
pub(crate) fn source(name: &str) -> Option<&'static Source> {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| SOURCES.map(read).into());
    ALL.iter().find(|source| source.name == name)
}

#[derive(Deserialize)]
struct Fixture {
    channel: Value,
    secret: BTreeMap<String, String>,
    request: Sent,
}

#[derive(Deserialize)]
struct Sent {
    method: String,
    path_key: Option<String>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: String,
    source_ip: String,
}

impl From<Sent> for Request {
    fn from(sent: Sent) -> Self {
        Self {
            method: if sent.method == "GET" { Method::Get } else { Method::Post },
            path_key: sent.path_key,
            query: sent.query,
            headers: sent.headers,
            body: sent.body.into_bytes(),
            source_ip: sent.source_ip.parse().ok(),
        }
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn fixture(path: &Path) -> Fixture {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

fn read((name, example): (&'static str, &str)) -> Source {
    let path = fixtures().join(example).with_added_extension("json");
    let Fixture { channel, secret, .. } = fixture(&path);
    let mut places = Vec::new();
    texts(&channel, &mut places);
    let shipped = include_str!("../../../shared/channels/src/call_push/tinet.json");
    texts(&serde_json::from_str(shipped).unwrap(), &mut places);
    let mut source = Source {
        name,
        channel: serde_json::from_value(channel).unwrap(),
        secret: Secret::from_json(&json!(secret).to_string()).unwrap(),
        places,
        requests: Vec::new(),
    };
    let folder = fs::read_dir(path.parent().unwrap()).unwrap();
    let sent = folder.map(|entry| Request::from(fixture(&entry.unwrap().path()).request));
    // The rest of the folder is for another mode or secret.
    source.requests = sent.filter(|request| source.verify(request).is_some()).collect();
    assert!(!source.requests.is_empty(), "{name}");
    source
}

/// Every text within the value.
pub(crate) fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.extend(text.split(", ").map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
