//! One thing that Omnicord does to the outside world.

use crate::{CustomerId, EffectKey, EventId, RuleRef};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
}

impl Action {
    /// The action's name in the configuration.
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

    /// Whether it reaches the customer, who has quiet hours, rather than the company.
    #[must_use]
    pub fn disturbs(&self) -> bool {
        match self {
            Self::Sms { .. } | Self::Email { .. } => true,
            Self::CrmTag { .. }
            | Self::CrmNote { .. }
            | Self::CrmTicket { .. }
            | Self::Webhook { .. } => false,
        }
    }

    /// What the action is delivered through: a slow destination holds up only its own queue group.
    #[must_use]
    pub fn destination(&self) -> String {
        match self {
            Self::CrmTag { .. } | Self::CrmNote { .. } | Self::CrmTicket { .. } => "crm".into(),
            Self::Sms { .. } => "sms".into(),
            Self::Email { .. } => "email".into(),
            Self::Webhook { endpoint, .. } => format!("webhook:{endpoint}"),
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
