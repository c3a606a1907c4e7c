//! What is known of the fields that events tell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The members of `order`, `invoice`, `device` and `agent`, where they are known: a name that is
/// not among them is then a mistake. Of a subject that is left out, every name is accepted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Subjects {
    /// The fields of `order` events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<BTreeMap<String, Form>>,
    /// The fields of `invoice` events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice: Option<BTreeMap<String, Form>>,
    /// The fields of `device` events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<BTreeMap<String, Form>>,
    /// What events of every kind tell of the agent: the field `agent` (its members, or by itself
    /// `agent.id`) and fields such as `agent_name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<BTreeMap<String, Form>>,
}

/// The type of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Words.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Bool,
    /// Several values.
    List,
    /// Members whose names are not checked.
    Map,
    /// Anything.
    Any,
}
