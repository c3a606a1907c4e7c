//! Who may be written to.

use super::trigger::kinds;
use domain::{EventKind, Medium};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How customers give and withdraw consent to being written to. Every setting has a default.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsentRules {
    /// A message that consists of one of these withdraws it. Neither case nor the width of
    /// letters tells words apart.
    pub stop: Vec<String>,
    /// A message that consists of one of these gives it.
    pub start: Vec<String>,
    /// What holds for a customer of whom nothing is known: `opt_out`, if left out.
    #[schemars(schema_with = "by_medium")]
    pub channels: BTreeMap<Medium, Basis>,
    /// Which other events give or withdraw it.
    pub on: Vec<ConsentRule>,
}

/// What holds for a customer of whom nothing is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Messages are sent only once the customer has agreed.
    OptIn,
    /// Messages are sent until the customer objects.
    #[default]
    OptOut,
}

/// An event that gives or withdraws consent: a form of the web shop, a field of the CRM.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRule {
    /// The kinds of event that it looks at.
    #[schemars(schema_with = "kinds")]
    pub on: Vec<EventKind>,
    /// The condition, over `event` alone; always, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// For which messages.
    #[schemars(schema_with = "medium")]
    pub channel: Medium,
    /// Whether consent is given; else it is withdrawn. It holds for the handles that the event
    /// bears; where it bears none that such messages reach, for those that the customer has by then.
    pub given: bool,
}

/// What the carriers' rules call opt-out keywords, with those of Chinese carriers:
/// <https://www.ctia.org/the-wireless-industry/industry-commitments/messaging-interoperability-sms-mms>.
const STOP: [&str; 9] =
    ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "退订", "TD", "T"];
const START: [&str; 3] = ["START", "UNSTOP", "订阅"];

impl Default for ConsentRules {
    fn default() -> Self {
        Self {
            stop: STOP.map(str::to_owned).to_vec(),
            start: START.map(str::to_owned).to_vec(),
            channels: BTreeMap::new(),
            on: Vec::new(),
        }
    }
}

impl ConsentRules {
    /// What holds for a customer of whom nothing is known.
    #[must_use]
    pub fn basis(&self, medium: Medium) -> Basis {
        self.channels.get(&medium).copied().unwrap_or_default()
    }
}

/// The schema of a medium: [`domain`] knows no JSON Schema.
fn medium(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": Medium::ALL.map(Medium::as_str) })
}

fn by_medium(generator: &mut SchemaGenerator) -> Schema {
    let basis = generator.subschema_for::<Basis>();
    json_schema!({
        "type": "object",
        "propertyNames": { "enum": Medium::ALL.map(Medium::as_str) },
        "additionalProperties": basis,
    })
}
