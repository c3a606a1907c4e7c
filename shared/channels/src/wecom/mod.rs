//! WeCom (企业微信) callbacks.
//!
//! Sources: <https://developer.work.weixin.qq.com/document/path/90930>,
//! <https://developer.work.weixin.qq.com/document/path/92130>.

mod wire;

use crate::wechat::wire::Message;
use crate::{
    Channel, Context, Delivery, Malformed, Method, Problem, Rejection, Reply, Request, Secret,
    Verified, authenticity,
};
use domain::{Assurance, EventId, Handle, HandleKind, InboundEvent};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use wire::{Party, Subject};

/// One company's callbacks. Its secret holds `token` and `encoding_aes_key`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The company's id (企业ID), such as `ww0123456789abcdef`: members and external contacts are
    /// unique within it.
    pub corp_id: String,
}

impl Channel for Settings {
    const ID: &'static str = "wecom";

    fn verify<'r>(
        &self,
        request: &'r Request,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<Verified<'r>, Rejection> {
        authenticity::by_envelope(request, secret, &self.corp_id, now)
    }

    fn parse(&self, verified: &Verified<'_>, context: &Context<'_>) -> Result<Delivery, Malformed> {
        match verified.method() {
            Method::Get => Reply::echo(verified.body()).map(Delivery::Challenge),
            Method::Post => self.read(Message::read(verified.body())?, context),
        }
    }

    /// Three tries, five seconds apart, whatever the answer:
    /// <https://developer.work.weixin.qq.com/document/path/90238>.
    fn resends(&self) -> bool {
        false
    }

    fn validate(&self) -> Vec<Problem> {
        let empty = self.corp_id.trim().is_empty();
        empty
            .then(|| Problem::at("corp_id", "is empty: give the company's id"))
            .into_iter()
            .collect()
    }
}

impl Settings {
    fn read(&self, message: Message, context: &Context<'_>) -> Result<Delivery, Malformed> {
        let Some(subject) = Subject::of(&message)? else {
            return Ok(Delivery::Ignored { reason: "concerns the company, not a customer" });
        };
        let (kind, path, value) = match &subject.party {
            Party::Member(id) => (HandleKind::WecomUser, "FromUserName", id),
            Party::External(id) => (HandleKind::WecomExternal, "ExternalUserID", id),
        };
        let handle = Handle::account(kind, &self.corp_id, value, Assurance::Attested)
            .map_err(|source| Malformed::Handle { path: path.into(), source })?;
        let further: Vec<&str> =
            wire::TELLING.iter().filter_map(|name| message.field(name)).collect();
        Ok(Delivery::Events(vec![InboundEvent {
            id: EventId::new(context.source, &message.dedupe_key(&further)),
            source: context.source.to_owned(),
            channel: Self::ID.to_owned(),
            kind: subject.kind,
            topic: subject.topic,
            direction: subject.direction,
            occurred_at: message.created,
            received_at: context.received_at,
            handles: vec![handle],
            text: message.text,
            duration_s: None,
            fields: message.fields,
            checks: domain::Checks::default(),
        }]))
    }
}
