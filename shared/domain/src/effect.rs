//! One thing that Omnicord does to the outside world.

use crate::{CustomerId, EffectKey, EventId, HandleKey, Medium, RuleRef};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is to be done, with its text already rendered.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Put tags on the customer's CRM record, or take them off. A set operation.
    CrmTag {
        /// Tags to put on.
        add: Vec<String>,
        /// Tags to take off.
        remove: Vec<String>,
    },
    /// Write a note into the CRM record's history.
    CrmNote {
        /// The note.
        text: String,
    },
    /// Open a ticket in the CRM.
    CrmTicket {
        /// One line.
        title: String,
        /// The whole matter.
        text: String,
        /// The person who is to answer, by the name that the CRM knows.
        owner: Option<String>,
    },
    /// Open a task in the CRM.
    CrmTask {
        /// One line.
        title: String,
        /// What is to be done.
        text: String,
        /// The day by which it is to be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Date>,
        /// The person who is to do it, by the name that the CRM knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
    },
    /// Set fields of the customer's CRM record. A set operation.
    CrmField {
        /// The values by the names of the CRM's fields.
        values: BTreeMap<String, Value>,
        /// When they were so, by the source's time: an older value never overwrites a newer one.
        at: Timestamp,
        /// Whether it was the CRM that said so: then nothing is written, and what it holds is
        /// remembered.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        told_by_crm: bool,
    },
    /// Send a short message.
    Sms {
        /// E.164.
        to: String,
        /// The message.
        text: String,
    },
    /// Send an e-mail.
    Email {
        /// The address.
        to: String,
        /// The subject line.
        subject: String,
        /// The plain text.
        text: String,
    },
    /// Post a signed webhook (Standard Webhooks) to a configured endpoint.
    Webhook {
        /// The endpoint's name in the configuration.
        endpoint: String,
        /// The payload.
        payload: Value,
    },
    /// Notify an app on the customer's device.
    Push {
        /// The ARN of an SNS platform endpoint.
        endpoint: String,
        /// What platforms show that `platforms` leaves out.
        text: String,
        /// What each platform gets, by SNS's name for it, such as `APNS`.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        platforms: BTreeMap<String, Value>,
    },
    /// Send a template message, or a subscription notification, of a `WeChat` Official Account.
    WechatTemplate {
        /// The account's name in the configuration.
        account: String,
        /// The follower's openid.
        to: HandleKey,
        /// What is sent.
        message: WechatTemplate,
    },
    /// Send a follower of a `WeChat` Official Account a text, as its customer service.
    WechatMessage {
        /// The account's name in the configuration.
        account: String,
        /// The follower's openid.
        to: HandleKey,
        /// The message.
        text: String,
    },
    /// Send a member of the company a text through its `WeCom` app.
    WecomMessage {
        /// The account's name in the configuration.
        account: String,
        /// The member.
        to: HandleKey,
        /// The message.
        text: String,
    },
    /// Send a `WhatsApp` template message.
    WhatsappTemplate {
        /// The account's name in the configuration.
        account: String,
        /// A telephone number, or Meta's id of the user.
        to: HandleKey,
        /// The template's name.
        template: String,
        /// Its language, such as `en_US`.
        language: String,
        /// What its body's places are filled with, in their order.
        parameters: Vec<String>,
    },
    /// Leave a hint for the agent who next speaks with the customer.
    AgentHint {
        /// The hint.
        text: String,
        /// From when on it says nothing any more.
        until: Timestamp,
    },
}

/// A template of a `WeChat` Official Account, filled in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WechatTemplate {
    /// The template's id.
    pub template: String,
    /// Whether it is a subscription notification (订阅通知) in place of a template message (模板消息).
    #[serde(default)]
    pub subscription: bool,
    /// What its places are filled with, by their names.
    pub data: BTreeMap<String, String>,
    /// The page that a tap opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The mini program that a tap opens rather.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub miniprogram: Option<Miniprogram>,
}

/// A page of a `WeChat` mini program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Miniprogram {
    /// Its `AppID`.
    pub app_id: String,
    /// The page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

impl Action {
    /// The action's name in the configuration.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CrmTag { .. } => "crm.tag",
            Self::CrmNote { .. } => "crm.note",
            Self::CrmTicket { .. } => "crm.ticket",
            Self::CrmTask { .. } => "crm.task",
            Self::CrmField { .. } => "crm.field",
            Self::Sms { .. } => "sms",
            Self::Email { .. } => "email",
            Self::Webhook { .. } => "webhook",
            Self::Push { .. } => "push",
            Self::WechatTemplate { .. } => "wechat.template",
            Self::WechatMessage { .. } => "wechat.message",
            Self::WecomMessage { .. } => "wecom.message",
            Self::WhatsappTemplate { .. } => "whatsapp.template",
            Self::AgentHint { .. } => "agent.hint",
        }
    }

    /// Whether it reaches the customer, who has quiet hours, rather than the company.
    #[must_use]
    pub fn disturbs(&self) -> bool {
        self.medium().is_some()
    }

    /// Whether doing it again after an unknown outcome cannot double it: CRM writes find before they
    /// create, a webhook's receiver knows its id, a hint has the effect's key. A text that was sent
    /// twice was sent twice.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        match self {
            Self::CrmTag { .. }
            | Self::CrmNote { .. }
            | Self::CrmTicket { .. }
            | Self::CrmTask { .. }
            | Self::CrmField { .. }
            | Self::Webhook { .. }
            | Self::AgentHint { .. } => true,
            Self::Sms { .. }
            | Self::Email { .. }
            | Self::Push { .. }
            | Self::WechatTemplate { .. }
            | Self::WechatMessage { .. }
            | Self::WecomMessage { .. }
            | Self::WhatsappTemplate { .. } => false,
        }
    }

    /// The way by which it reaches the customer; none, where it is for the company.
    #[must_use]
    pub fn medium(&self) -> Option<Medium> {
        match self {
            Self::Sms { .. } => Some(Medium::Sms),
            Self::Email { .. } => Some(Medium::Email),
            Self::Push { .. } => Some(Medium::Push),
            Self::WechatTemplate { .. } | Self::WechatMessage { .. } => Some(Medium::Wechat),
            Self::WhatsappTemplate { .. } => Some(Medium::Whatsapp),
            Self::CrmTag { .. }
            | Self::CrmNote { .. }
            | Self::CrmTicket { .. }
            | Self::CrmTask { .. }
            | Self::CrmField { .. }
            | Self::Webhook { .. }
            | Self::WecomMessage { .. }
            | Self::AgentHint { .. } => None,
        }
    }

    /// The CRM, as a destination.
    pub const CRM: &str = "crm";

    /// What the action is delivered through: a slow destination holds up only its own queue group.
    #[must_use]
    pub fn destination(&self) -> String {
        match self {
            Self::CrmTag { .. }
            | Self::CrmNote { .. }
            | Self::CrmTicket { .. }
            | Self::CrmTask { .. }
            | Self::CrmField { .. } => Self::CRM.into(),
            Self::Sms { .. } => "sms".into(),
            Self::Email { .. } => "email".into(),
            Self::Webhook { endpoint, .. } => format!("webhook:{endpoint}"),
            Self::Push { .. } => "push".into(),
            Self::WechatTemplate { account, .. } | Self::WechatMessage { account, .. } => {
                format!("wechat:{account}")
            }
            Self::WecomMessage { account, .. } => format!("wecom:{account}"),
            Self::WhatsappTemplate { account, .. } => format!("whatsapp:{account}"),
            Self::AgentHint { .. } => "agent".into(),
        }
    }
}

/// An action that is due to one customer because of one event.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Effect {
    /// The idempotency key.
    pub key: EffectKey,
    /// The event that caused it.
    pub event: EventId,
    /// Whom it concerns.
    pub customer: CustomerId,
    /// The rule that asked for it.
    pub rule: RuleRef,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The earliest time at which it may be done, where it waits for the end of quiet hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// What is to be done.
    pub action: Action,
}
