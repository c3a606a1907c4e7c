//! WeChat Official Accounts (微信公众号).
//!
//! Sources: <https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html>,
//! <https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_event_pushes.html>.

pub(crate) mod wire;

use crate::{
    Channel, Context, Delivery, Malformed, Method, Problem, Rejection, Reply, Request, Secret,
    Verified, authenticity,
};
use domain::{Assurance, Direction, EventId, EventKind, Handle, HandleKind, InboundEvent};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use wire::Message;

/// Which of the account's message encryption modes (消息加解密方式) is set with the vendor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 明文模式: the signature covers token, timestamp and nonce, but not the message.
    Plain,
    /// 安全模式, or 兼容模式: the message is encrypted and signed. Prefer it.
    Safe,
}

/// One Official Account. Its secret holds `token` and, in safe mode, `encoding_aes_key`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The account's `AppID`, such as `wx0123456789abcdef`: openids are unique within it.
    pub app_id: String,
    /// The mode that is set with the vendor.
    pub mode: Mode,
}

impl Channel for Settings {
    const ID: &'static str = "wechat";

    fn verify<'r>(
        &self,
        request: &'r Request,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<Verified<'r>, Rejection> {
        match (self.mode, request.method) {
            // The handshake is in plain text in every mode.
            (Mode::Plain, _) | (Mode::Safe, Method::Get) => {
                authenticity::by_token(request, secret, now)
            }
            (Mode::Safe, Method::Post) => {
                authenticity::by_envelope(request, secret, &self.app_id, now)
            }
        }
    }

    fn parse(&self, verified: &Verified<'_>, context: &Context<'_>) -> Result<Delivery, Malformed> {
        match verified.method() {
            Method::Get => Reply::echo(verified.body()).map(Delivery::Challenge),
            Method::Post => self.read(Message::read(verified.body())?, context),
        }
    }

    /// Three tries, five seconds apart, whatever the answer:
    /// <https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html>.
    fn resends(&self) -> bool {
        false
    }

    fn validate(&self) -> Vec<Problem> {
        let empty = self.app_id.trim().is_empty();
        empty
            .then(|| Problem::at("app_id", "is empty: give the account's AppID"))
            .into_iter()
            .collect()
    }
}

impl Settings {
    fn read(&self, message: Message, context: &Context<'_>) -> Result<Delivery, Malformed> {
        if message.event.as_deref().is_some_and(concerns_the_account) {
            return Ok(Delivery::Ignored { reason: "concerns the account, not a customer" });
        }
        let handle = |kind, scope, text: &str, path: &'static str| {
            Handle::account(kind, scope, text, Assurance::Attested)
                .map_err(|source| Malformed::Handle { path: path.into(), source })
        };
        let mut handles = Vec::new();
        if let Some(unionid) = &message.unionid {
            handles.push(handle(HandleKind::WechatUnionid, "", unionid, "UnionId")?);
        }
        let openid = handle(HandleKind::WechatOpenid, &self.app_id, &message.from, "FromUserName")?;
        handles.push(openid);
        Ok(Delivery::Events(vec![InboundEvent {
            id: EventId::new(context.source, &message.dedupe_key(&[])),
            source: context.source.to_owned(),
            channel: Self::ID.to_owned(),
            kind: kind(message.event.as_deref()),
            direction: direction(message.event.as_deref()),
            topic: message.topic(),
            occurred_at: message.created,
            received_at: context.received_at,
            handles,
            text: message.text,
            duration_s: None,
            fields: message.fields,
            checks: domain::Checks::default(),
        }]))
    }
}

/// Events that the vendor sends in the name of a system account, about the account itself.
fn concerns_the_account(event: &str) -> bool {
    [
        "MASSSENDJOBFINISH",
        "PUBLISHJOBFINISH",
        "qualification_verify_success",
        "qualification_verify_fail",
        "naming_verify_success",
        "naming_verify_fail",
        "annual_renew",
        "verify_expired",
    ]
    .contains(&event)
}

fn kind(event: Option<&str>) -> EventKind {
    match event {
        // A follower who scans a code or opens the conversation enters the channel.
        Some("subscribe" | "unsubscribe" | "SCAN" | "LOCATION") => EventKind::Follow,
        Some(_) | None => EventKind::Message,
    }
}

fn direction(event: Option<&str>) -> Direction {
    match event {
        // The outcome of a message that the company sent.
        Some("TEMPLATESENDJOBFINISH" | "subscribe_msg_sent_event") => Direction::Outbound,
        Some(_) | None => Direction::Inbound,
    }
}
