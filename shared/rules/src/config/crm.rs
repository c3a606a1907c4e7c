//! Where the customers' records are kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The CRM that effects are written to, as one key with its settings: `tryton: {…}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Crm {
    /// Tryton 8, through its REST API.
    Tryton(Tryton),
}

impl Crm {
    /// The connector's name, as a customer's CRM link bears it.
    #[must_use]
    pub fn connector(&self) -> &'static str {
        match self {
            Self::Tryton(_) => "tryton",
        }
    }

    /// The name of the secret that opens the CRM.
    #[must_use]
    pub fn secret(&self) -> &str {
        match self {
            Self::Tryton(tryton) => &tryton.secret,
        }
    }

    /// What an effect for a customer without a record there does.
    #[must_use]
    pub fn unknown_customer(&self) -> UnknownCustomer {
        match self {
            Self::Tryton(tryton) => tryton.unknown_customer,
        }
    }
}

/// What becomes of a `crm.*` action for a customer whom the CRM does not know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCustomer {
    /// A record is created from the customer's handles, then the action is done.
    #[default]
    Create,
    /// A record is created, and with it a lead for the people who sell.
    Lead,
    /// A person is asked first (`omnicord review`); the action waits for the answer.
    Ask,
    /// The customer stays anonymous, and the action waits until the CRM knows one of the handles.
    Anonymous,
}

/// The settings of the Tryton connector.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tryton {
    /// The secret's name in Secrets Manager: `{"key": "…"}`, the key of a `res.user.application`
    /// whose application is `rest`.
    #[schemars(length(min = 1))]
    pub secret: String,
    /// The server, such as `https://tryton.example.com`, without the database.
    #[schemars(url)]
    pub url: String,
    /// The database, which is the first part of every REST path.
    #[schemars(length(min = 1))]
    pub database: String,
    /// The id of the `company.company` that records are made in.
    #[serde(default = "first")]
    pub company: u64,
    /// Who sees to a ticket or task that names no owner: the name of an employee's party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_owner: Option<String>,
    /// What sort of complaint a ticket becomes: the name of a `sale.complaint.type`. May be left
    /// out where Tryton has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_type: Option<String>,
    /// What an effect for a customer whom Tryton does not know does.
    #[serde(default)]
    pub unknown_customer: UnknownCustomer,
}

fn first() -> u64 {
    1
}
