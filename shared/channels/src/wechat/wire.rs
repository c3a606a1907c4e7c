//! The XML message of WeChat, whose shape WeCom shares.

use crate::{Malformed, xml::Element};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// What every message and event carries, and the rest under the vendor's own names.
#[derive(Debug)]
pub(crate) struct Message {
    /// `FromUserName`: who sent it.
    pub(crate) from: String,
    /// `CreateTime`.
    pub(crate) created: Timestamp,
    /// `MsgType`: `text`, `image`, `voice`, …, or `event`.
    pub(crate) msg_type: String,
    /// `Event`, in the vendor's mixed case: `subscribe`, `SCAN`.
    pub(crate) event: Option<String>,
    /// `MsgId`; events have none.
    pub(crate) msg_id: Option<String>,
    /// `UnionId`, where the vendor adds it.
    pub(crate) unionid: Option<String>,
    /// What was said, or what stands for it.
    pub(crate) text: Option<String>,
    /// Everything else: `MediaId`, `EventKey`, `ScanCodeInfo`.
    pub(crate) fields: BTreeMap<String, Value>,
}

/// What [`Message`] has a place for, and what only the vendor needs.
const CONSUMED: [&str; 9] = [
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "MsgType",
    "Event",
    "MsgId",
    "UnionId",
    "Content",
    "Encrypt",
];

impl Message {
    /// Reads a message.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Malformed> {
        let root = Element::parse(body)?;
        let optional = |name| root.text(name).map(str::to_owned);
        let required = |name: &'static str| optional(name).ok_or(Malformed::missing(name));
        let msg_type = required("MsgType")?;
        let event = match msg_type.as_str() {
            "event" => Some(required("Event")?),
            _ => None,
        };
        Ok(Self {
            from: required("FromUserName")?,
            created: created(&required("CreateTime")?)?,
            text: text_element(&msg_type).and_then(optional),
            msg_type,
            event,
            msg_id: optional("MsgId"),
            unionid: optional("UnionId"),
            fields: fields(root),
        })
    }

    /// A further element's text.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// What happened, in lower case: the vendor spells `subscribe` but `SCAN`.
    pub(crate) fn topic(&self) -> String {
        self.event.as_deref().unwrap_or(&self.msg_type).to_lowercase()
    }

    /// The vendor's rule: `MsgId`, and for events, which have none, sender and time. The event's
    /// name is added, for two may happen within a second; `further` parts likewise.
    pub(crate) fn dedupe_key(&self, further: &[&str]) -> String {
        self.msg_id.clone().unwrap_or_else(|| {
            let created = self.created.as_second().to_string();
            let event = self.event.as_deref().unwrap_or_default();
            [&[self.from.as_str(), &created, event], further].concat().join("/")
        })
    }
}

fn created(text: &str) -> Result<Timestamp, Malformed> {
    let instant = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.ok_or(Malformed::unexpected("CreateTime", "a time in epoch seconds"))
}

/// Which element says in words what the message holds. `Recognition` is the vendor's own speech
/// recognition, which an account may turn on.
fn text_element(msg_type: &str) -> Option<&'static str> {
    match msg_type {
        "text" => Some("Content"),
        "voice" => Some("Recognition"),
        "location" => Some("Label"),
        "link" => Some("Title"),
        _ => None,
    }
}

fn fields(root: Element) -> BTreeMap<String, Value> {
    let rest = |(name, value): &(String, Value)| {
        !CONSUMED.contains(&name.as_str()) && value.as_str() != Some("")
    };
    root.into_fields().into_iter().filter(rest).collect()
}
