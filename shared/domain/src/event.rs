//! The normalised form that every channel's deliveries take.

use crate::{Checks, EventId, Handle, queue_group};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What sort of thing happened. The first four are interactions, the last is a timer's ring, the rest
/// are business changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A text, image, voice or similar message.
    Message,
    /// A telephone call, with or without a conversation.
    Call,
    /// An e-mail.
    Email,
    /// The customer follows, unfollows, or enters a channel.
    Follow,
    /// An order was placed, paid, shipped, delivered or cancelled.
    Order,
    /// An invoice was asked for, issued or paid.
    Invoice,
    /// A ticket was opened, answered or closed.
    Ticket,
    /// The CRM's contact itself changed.
    Contact,
    /// A device was registered, or its warranty changed.
    Device,
    /// A subscription began, was renewed or ended.
    Subscription,
    /// One of the customer's timers was due. No source tells it.
    Timer,
}

impl EventKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 11] = [
        Self::Message,
        Self::Call,
        Self::Email,
        Self::Follow,
        Self::Order,
        Self::Invoice,
        Self::Ticket,
        Self::Contact,
        Self::Device,
        Self::Subscription,
        Self::Timer,
    ];

    /// The kind's name in configuration, storage and conditions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Call => "call",
            Self::Email => "email",
            Self::Follow => "follow",
            Self::Order => "order",
            Self::Invoice => "invoice",
            Self::Ticket => "ticket",
            Self::Contact => "contact",
            Self::Device => "device",
            Self::Subscription => "subscription",
            Self::Timer => "timer",
        }
    }

    /// Whether the customer spoke with the company, as opposed to a record that changed.
    #[must_use]
    pub fn is_interaction(self) -> bool {
        matches!(self, Self::Message | Self::Call | Self::Email | Self::Follow)
    }
}

/// Who started an interaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The customer reached the company.
    #[default]
    Inbound,
    /// The company reached the customer.
    Outbound,
}

impl Direction {
    /// The direction's name in configuration, storage and conditions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

/// The field of an event that did not arrive and was put in by a comparison with its source: `crm` or
/// `history`, where it was found.
pub const REPAIRED_FROM: &str = "repaired_from";

/// One thing that happened, as every step after the receiver sees it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct InboundEvent {
    /// Derived from `source` and the source's own dedupe key.
    pub id: EventId,
    /// The configured source that delivered it, such as `wechat-main`.
    pub source: String,
    /// The channel adapter that read it, such as `wechat`.
    pub channel: String,
    /// What sort of thing happened.
    pub kind: EventKind,
    /// What happened within the kind, in the source's words: `shipped`, `text`, `missed`.
    pub topic: String,
    /// Who started it.
    #[serde(default)]
    pub direction: Direction,
    /// When it happened, by the source's clock.
    pub occurred_at: Timestamp,
    /// When the receiver accepted it.
    pub received_at: Timestamp,
    /// Whom it concerns, the most telling handle first. Empty where the customer withheld it.
    pub handles: Vec<Handle>,
    /// What was said, where there are words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How long it lasted, in seconds, where it has a length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<u32>,
    /// Everything else that the source's mapping names: order number, tracking code, media id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
    /// What the company's validation rules made of it; nothing, before identity-match has looked.
    #[serde(default, skip_serializing_if = "Checks::is_empty")]
    pub checks: Checks,
}

impl InboundEvent {
    /// The FIFO group: events that share their most telling handle keep their order.
    #[must_use]
    pub fn queue_group(&self) -> String {
        let telling = self.handles.iter().map(|handle| (handle.kind, handle.key())).min();
        queue_group(&[telling.as_ref().map_or(self.id.as_str(), |(_, key)| key.as_str())])
    }
}
