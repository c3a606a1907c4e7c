//! What sets off which action.

use super::{ActionRule, Cap, Duration, Quiet};
use domain::EventKind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A rule: when this happens, do that.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The name by which effects and refusals are explained.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_-]*$"))]
    pub name: String,
    /// The kinds of event that it looks at; other events cost nothing.
    #[schemars(schema_with = "kinds")]
    pub on: Vec<EventKind>,
    /// The condition, over `event`, `customer` and `now`; always, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Which rules are looked at first: those with the lowest number; among equals, those that
    /// stand first.
    #[serde(default)]
    pub priority: i32,
    /// The exception, over the same names as `when`: where it holds, nothing is done, which is
    /// recorded as refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<String>,
    /// Whether the rules after this one are passed over for an event that this one matches: whose
    /// `when` holds and `unless` does not. A limit that holds back the actions changes nothing.
    #[serde(default)]
    pub stop: bool,
    /// How long after the event its actions still make sense. Decided later, or waiting for the
    /// end of quiet hours for longer, they are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Duration>,
    /// How long the rule rests for a customer after it has fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<Duration>,
    /// How often the rule may fire for a customer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<Cap>,
    /// The hours in which its messages wait, in place of the company's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// What to do, in this order.
    #[schemars(length(min = 1))]
    pub actions: Vec<ActionRule>,
}

/// The schema of a list of event kinds: [`domain`] knows no JSON Schema.
pub(super) fn kinds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "minItems": 1,
        "items": { "enum": EventKind::ALL.map(EventKind::as_str) },
    })
}
