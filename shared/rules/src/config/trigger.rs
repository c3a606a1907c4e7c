//! What sets off which action.

use super::ActionRule;
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
