//! Which events are taken for valid.

use super::bound::Bound;
use domain::EventKind;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What must hold for events of some kinds, with what becomes of one for which it does not.
///
/// Rules are looked at in the order in which they stand, each at the event as those before left it.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRule {
    /// The name by which flags, repairs and failures speak of it.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_-]*$"))]
    pub name: String,
    /// The kinds of event that it looks at.
    #[schemars(schema_with = "super::trigger::kinds")]
    pub on: Vec<EventKind>,
    /// The source whose events it looks at; any, if left out.
    #[serde(default)]
    pub source: Option<String>,
    /// Which of these events it looks at: a condition over `event` alone; all, if left out.
    #[serde(default)]
    pub when: Option<String>,
    /// What must hold.
    pub check: Check,
    /// How a value that fails is put right; then it has to hold, or `else` follows.
    #[serde(default)]
    pub repair: Option<Remedy>,
    /// What becomes of an event that fails and is not put right.
    #[serde(default, rename = "else")]
    pub otherwise: Otherwise,
}

/// What must hold. Fields are named as conditions name them, such as `event.fields.number`.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// These fields have a value: neither null nor a blank text, an empty list or map.
    Required(Vec<String>),
    /// These fields, where they have a value, match these regular expressions as a whole.
    Format(BTreeMap<String, String>),
    /// These fields, where they have a value, lie within these bounds.
    Range(BTreeMap<String, Range>),
    /// An object's states follow one another only in these ways.
    Transition(Transition),
}

/// The least and the greatest value, both allowed; at least one of them.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least.
    #[serde(default)]
    pub min: Option<Bound>,
    /// The greatest.
    #[serde(default)]
    pub max: Option<Bound>,
}

/// Which states of an object may follow which.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The field that tells which object it is, such as `event.fields.number`.
    pub of: String,
    /// The field that tells its state, such as `event.topic`.
    pub state: String,
    /// The states in which an object may first be heard of; any, if left out.
    #[serde(default)]
    pub first: Vec<String>,
    /// By state, those that may follow. None follows a state that is not named here.
    pub allowed: BTreeMap<String, Vec<String>>,
}

/// How a value that fails is put right.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Blanks before and after a text are taken away.
    Trim,
    /// The nearest bound takes its place.
    Clamp,
    /// This value takes its place.
    Default(Value),
    /// The value of an expression over `event` alone takes its place, such as
    /// `event.fields.order_no`.
    From(String),
}

/// What becomes of an event that fails a check.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// It goes no further. A value that fails waits for a person; a transition is looked at again,
    /// since what is missing may only be late.
    #[default]
    Park,
    /// It goes on and bears the rule's name in `event.flags`.
    Flag,
}
