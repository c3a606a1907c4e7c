//! What events make of a customer: counters, fields, tags.

use super::Duration;
use domain::EventKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A count of what happened lately: `customer.counts.<name>`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CounterRule {
    /// The name under which conditions read it.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub name: String,
    /// Which events count: a condition over `event` alone, so that the count does not depend on
    /// the order of arrival.
    pub when: String,
    /// How far back it counts.
    pub window: Duration,
}

/// A fact about the customer that events tell: `customer.fields.<name>`, the newest by its
/// source's time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    /// The name under which conditions and templates read it.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub name: String,
    /// The kinds of event that tell it.
    #[schemars(schema_with = "super::trigger::kinds")]
    pub on: Vec<EventKind>,
    /// An expression over `event` alone, such as `event.fields.number`. Null tells nothing.
    pub value: String,
    /// Which value counts where merged profiles tell different ones.
    #[serde(default, skip_serializing_if = "FieldMerge::is_newest")]
    pub merge: FieldMerge,
}

/// Which of several profiles' values counts for the customer that they make.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldMerge {
    /// The newest.
    #[default]
    Newest,
    /// The newest that is not empty: no blank text, no empty list.
    NonEmpty,
    /// That of the source named first; among equals, the newest.
    Sources(Vec<String>),
    /// All of them, each once, as a list in the order in which they were told.
    Union,
    /// Yes, if any profile says yes: for an opt-out.
    AnyTrue,
    /// Yes, if every profile that says anything says yes: for a consent.
    AllTrue,
}

impl FieldMerge {
    fn is_newest(&self) -> bool {
        *self == Self::Newest
    }
}

/// A tag that the customer bears while a condition holds.
///
/// A condition over `event` sets the tag at each event for which it is true. A condition over
/// `customer.counts` and `customer.fields` is looked at as of each counted event, so that a tag
/// is a function of what happened and not of the order in which it arrived. Mixing the two is
/// refused: count the event's part first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TagRule {
    /// The tag, in Omnicord and, if synced, in the CRM.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The condition.
    pub when: String,
    /// How long the tag stays after the last time its condition held; for ever if left out.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasting: Option<Duration>,
    /// What takes the tag away at once: a condition over `event` alone. It comes back when its
    /// own condition holds at a later time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove_when: Option<String>,
    /// Whether the CRM's record bears the tag too.
    #[serde(default)]
    pub sync: bool,
}

/// How an event is recognised by which the CRM only reports what Omnicord itself wrote there. It
/// changes nothing of the customer and sets nothing off: two systems that tell each other of the
/// same tag would go on for ever.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EchoRule {
    /// The name by which it is explained.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_-]*$"))]
    pub name: String,
    /// A condition over `event` alone, such as `event.topic == "tags_changed" &&
    /// event.fields.changed_by == "omnicord"`.
    pub when: String,
}
