//! What a rule does, before its templates are filled in.

use super::{Duration, FieldValue, Owner};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One action. Texts are templates: `{{ event.fields.tracking }}`. One that names something
/// absent is not sent but recorded as refused.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum ActionRule {
    /// Put tags on the CRM's record, or take them off.
    #[serde(rename = "crm.tag")]
    CrmTag {
        /// Tags to put on.
        #[serde(default)]
        add: Vec<String>,
        /// Tags to take off.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Write a note into the CRM record's history.
    #[serde(rename = "crm.note")]
    CrmNote {
        /// The note.
        text: String,
    },
    /// Open a ticket in the CRM.
    #[serde(rename = "crm.ticket")]
    CrmTicket {
        /// One line.
        title: String,
        /// The whole matter.
        text: String,
        /// Who is to answer; the CRM's default if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<Owner>,
    },
    /// Open a task in the CRM.
    #[serde(rename = "crm.task")]
    CrmTask {
        /// One line.
        title: String,
        /// What is to be done.
        text: String,
        /// By when: a length of time after the event, such as `2d`, or a text that comes out as a
        /// day, such as `{{ device.warranty_end }}` as 2027-01-31. At any time, if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<String>,
        /// Who is to do it; the CRM's default if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<Owner>,
    },
    /// Set fields of the CRM's record.
    #[serde(rename = "crm.field")]
    CrmField {
        /// What each is to hold, by the CRM's own name of the field.
        #[schemars(extend("minProperties" = 1))]
        set: BTreeMap<String, FieldValue>,
    },
    /// Send a short message.
    #[serde(rename = "sms")]
    Sms {
        /// A telephone number; the event's, else the customer's, if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The message.
        text: String,
    },
    /// Send an e-mail.
    #[serde(rename = "email")]
    Email {
        /// An address; the event's, else the customer's, if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The subject line.
        subject: String,
        /// The plain text.
        text: String,
    },
    /// Post a signed webhook (Standard Webhooks).
    #[serde(rename = "webhook")]
    Webhook {
        /// The name of one of `endpoints`.
        endpoint: String,
        /// Any JSON; every text in it is a template.
        payload: Value,
    },
    /// Notify an app on the customer's device, through Amazon SNS.
    #[serde(rename = "push")]
    Push {
        /// The ARN of an SNS platform endpoint; the one that the event, else the customer, has as
        /// an `account` handle of scope `push`, if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The message, for every platform that `platforms` leaves out.
        text: String,
        /// What single platforms get, by SNS's name for them, such as `APNS` or `GCM`: any JSON;
        /// every text in it is a template.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        platforms: BTreeMap<String, Value>,
    },
    /// Send a template message (模板消息), or a subscription notification (订阅通知), to a follower
    /// of a `WeChat` Official Account.
    #[serde(rename = "wechat.template")]
    WechatTemplate {
        /// The name of one under `wechat`.
        account: String,
        /// An openid; the event's, else the customer's, if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The template's id.
        template: String,
        /// Whether it is a subscription notification.
        #[serde(default)]
        subscription: bool,
        /// What the template's places are filled with, by their names, such as `thing1`.
        data: BTreeMap<String, String>,
        /// The page that a tap opens.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// The mini program that a tap opens rather.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        miniprogram: Option<MiniprogramRule>,
    },
    /// Write to a follower of a `WeChat` Official Account as its customer service (客服消息), within
    /// 48 hours of what the follower wrote last.
    #[serde(rename = "wechat.message")]
    WechatMessage {
        /// The name of one under `wechat`.
        account: String,
        /// An openid; the event's, else the customer's, if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The message.
        text: String,
    },
    /// Write to a member of the company through its `WeCom` app. No interface of `WeCom` lets an
    /// app write to an external contact by itself: a member has to confirm each such message.
    #[serde(rename = "wecom.message")]
    WecomMessage {
        /// The name of one under `wecom`.
        account: String,
        /// A member's `UserID`; the event's, else the customer's, if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The message.
        text: String,
    },
    /// Send a `WhatsApp` template message.
    #[serde(rename = "whatsapp.template")]
    WhatsappTemplate {
        /// The name of one under `whatsapp`.
        account: String,
        /// A telephone number; the user of the event, else the customer, if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The name of a template that Meta has approved.
        template: String,
        /// Its language, such as `en_US`.
        language: String,
        /// What the places of its body are filled with, in their order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parameters: Vec<String>,
    },
    /// Leave a hint for the agent who next speaks with the customer.
    #[serde(rename = "agent.hint")]
    AgentHint {
        /// The hint.
        text: String,
        /// How long it says something.
        #[serde(rename = "for")]
        lasting: Duration,
    },
}

/// A page of a `WeChat` mini program that the account is joined with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MiniprogramRule {
    /// Its `AppID`.
    pub app_id: String,
    /// The page, with its parameters; a template. The first page, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

impl ActionRule {
    /// The action's name, as written in the configuration.
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
}
