//! What a rule does, before its templates are filled in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
        /// Who is to answer, by the name that the CRM knows; the CRM's default if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
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
}

impl ActionRule {
    /// The action's name, as written in the configuration.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CrmTag { .. } => "crm.tag",
            Self::CrmNote { .. } => "crm.note",
            Self::CrmTicket { .. } => "crm.ticket",
            Self::Sms { .. } => "sms",
            Self::Email { .. } => "email",
            Self::Webhook { .. } => "webhook",
        }
    }
}
