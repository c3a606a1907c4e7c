//! The requests under `tests/fixtures`, which `generate.py` there wrote.

use channels::{
    ChannelSettings, Context, Delivery, Malformed, Method, Rejection, Request, Secret, Verified,
};
use domain::EventId;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

const SOURCE: &str = "source";

#[derive(Clone, Deserialize)]
pub(crate) struct Fixture {
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) channel: ChannelSettings,
    region: String,
    pub(crate) secret: BTreeMap<String, String>,
    now: i64,
    /// What the proof covers: `query:…`, `header:…`, `path_key`, `body`.
    pub(crate) proof: Vec<String>,
    pub(crate) request: Sent,
    pub(crate) expected: Expected,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Sent {
    method: String,
    path_key: Option<String>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    #[serde(deserialize_with = "bytes")]
    pub(crate) body: Vec<u8>,
    source_ip: String,
}

fn bytes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    String::deserialize(deserializer).map(String::into_bytes)
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expected {
    Events(Vec<Value>),
    Challenge(String),
    Ignored(bool),
    Malformed(String),
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

/// The folders' names.
pub(crate) fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir(root()).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// Every fixture; its settings' channel is the folder's.
pub(crate) fn fixtures() -> &'static [Fixture] {
    static ALL: LazyLock<Vec<Fixture>> =
        LazyLock::new(|| folders().iter().flat_map(|folder| in_folder(folder)).collect());
    &ALL
}

/// One fixture of every channel, for tests that try thousands of inputs.
pub(crate) fn one_for_each_channel() -> impl Iterator<Item = &'static Fixture> {
    let last = |id: &str| fixtures().iter().rfind(|fixture| fixture.channel.id() == id);
    ChannelSettings::IDS.iter().filter_map(move |id| last(id))
}

fn in_folder(folder: &str) -> Vec<Fixture> {
    let mut paths: Vec<_> =
        fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let mut fixture: Fixture = serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        fixture.name = format!("{folder}/{}", path.file_stem().unwrap().display());
        assert_eq!(fixture.channel.id(), folder, "{}", fixture.name);
        fixture
    };
    paths.into_iter().map(read).collect()
}

/// Genuine deliveries, judged with the settings of another account.
pub(crate) fn for_another_account() -> Vec<(Fixture, Rejection)> {
    let sealed = fixtures().iter().filter(|f| f.proves("query:msg_signature"));
    let mut others: Vec<_> = sealed.map(|f| (f.clone(), Rejection::WrongReceiver)).collect();
    let pushed = fixtures().iter().filter(|f| f.channel.id() == "call-push");
    others.extend(pushed.map(|f| (f.clone(), Rejection::UnknownAddress)));
    for (fixture, _) in &mut others {
        match &mut fixture.channel {
            ChannelSettings::Wechat(settings) => settings.app_id = "wxanother".into(),
            ChannelSettings::Wecom(settings) => settings.corp_id = "wwanother".into(),
            ChannelSettings::CallPush(settings) => {
                settings.allow_ips = vec!["198.51.100.0/24".parse().unwrap()];
            }
            ChannelSettings::StandardWebhooks(_) => unreachable!(),
        }
    }
    assert!(others.len() > 10);
    others
}

/// A secret of the same form and length.
pub(crate) fn another(secret: &str) -> String {
    let (prefix, rest) = secret.strip_prefix("whsec_").map_or(("", secret), |r| ("whsec_", r));
    let swapped = |c: char| if c == 'A' { 'B' } else { 'A' };
    let mut letters: Vec<_> = rest.chars().collect();
    letters[3] = swapped(letters[3]);
    format!("{prefix}{}", letters.into_iter().collect::<String>())
}

impl Fixture {
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now).unwrap()
    }

    pub(crate) fn proves(&self, part: &str) -> bool {
        self.proof.iter().any(|proved| proved == part)
    }

    pub(crate) fn secret(&self) -> Secret {
        Secret::from_json(&json!(self.secret).to_string()).unwrap()
    }

    pub(crate) fn secret_with(&self, field: &str, value: Option<&str>) -> Secret {
        let mut fields = self.secret.clone();
        match value {
            Some(value) => drop(fields.insert(field.to_owned(), value.to_owned())),
            None => drop(fields.remove(field)),
        }
        Secret::from_json(&json!(fields).to_string()).unwrap()
    }

    /// The secret's fields without which this request cannot be proved.
    pub(crate) fn secret_fields_that_prove(&self) -> Vec<String> {
        let needed = |field: &&String| match field.as_str() {
            "encoding_aes_key" => self.proves("query:msg_signature"),
            "secret" => !self.secret.contains_key("previous"),
            _ => true,
        };
        self.secret.keys().filter(needed).cloned().collect()
    }

    pub(crate) fn request(&self) -> Request {
        Request {
            method: match self.request.method.as_str() {
                "GET" => Method::Get,
                "POST" => Method::Post,
                other => panic!("{}: method {other}", self.name),
            },
            path_key: self.request.path_key.clone(),
            query: self.request.query.clone(),
            headers: self.request.headers.clone(),
            body: self.request.body.clone(),
            source_ip: Some(self.request.source_ip.parse().unwrap()),
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { source: SOURCE, region: &self.region, received_at: self.now() }
    }

    /// Verifies the request as it was sent. It is leaked, so that the result may outlive it.
    pub(crate) fn verify(&self) -> Result<Verified<'static>, Rejection> {
        let request: &'static Request = Box::leak(Box::new(self.request()));
        self.channel.verify(request, &self.secret(), self.now())
    }

    /// The HTTP status with which the request is refused, or none where it is taken.
    pub(crate) fn refusal(&self, request: &Request, secret: &Secret) -> Option<u16> {
        self.channel.verify(request, secret, self.now()).err().map(|rejection| rejection.status())
    }

    pub(crate) fn parse(&self, verified: &Verified<'_>) -> Result<Delivery, Malformed> {
        self.channel.parse(verified, &self.context())
    }

    pub(crate) fn assert_expected(&self, verified: &Verified<'_>) {
        let became = match self.parse(verified) {
            Ok(Delivery::Events(events)) => json!({ "events": events }),
            Ok(Delivery::Challenge(reply)) => {
                assert_eq!((reply.status, reply.content_type), (200, "text/plain; charset=utf-8"));
                json!({ "challenge": reply.body })
            }
            Ok(Delivery::Ignored { .. }) => json!({ "ignored": true }),
            Err(malformed) => json!({ "malformed": malformed.code() }),
        };
        let expected = match &self.expected {
            Expected::Events(events) => {
                json!({ "events": events.iter().map(|e| self.completed(e)).collect::<Vec<_>>() })
            }
            Expected::Challenge(text) => json!({ "challenge": text }),
            Expected::Ignored(ignored) => json!({ "ignored": ignored }),
            Expected::Malformed(code) => json!({ "malformed": code }),
        };
        assert_eq!(became, expected, "{}", self.name);
    }

    /// The event with what every event of the fixture has; its id is derived from `key`.
    fn completed(&self, event: &Value) -> Value {
        let mut event = event.as_object().unwrap().clone();
        let key = event.remove("key").unwrap();
        event.insert("id".into(), json!(EventId::new(SOURCE, key.as_str().unwrap())));
        event.insert("source".into(), SOURCE.into());
        event.insert("channel".into(), self.channel.id().into());
        event.insert("received_at".into(), json!(self.now()));
        event.into()
    }
}
