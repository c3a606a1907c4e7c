//! What a step decided about an event, with what made it decide so.

use crate::{HandleKey, Reason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How the event's handles led to its customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchOutcome {
    /// Every handle was known.
    Known,
    /// A known customer gained a handle.
    Linked,
    /// Nobody had any of the handles.
    Created,
    /// The handles belong to different customers; the most telling one decided.
    Conflict,
}

/// The decision of `identity-match`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Match {
    /// What came of it.
    pub outcome: MatchOutcome,
    /// The handle that decided.
    pub by: HandleKey,
    /// Handles that lead to another customer and were left there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<HandleKey>,
    /// The version of the configuration that was in force.
    pub config_version: u64,
}

/// What an event is about, as far as its words tell.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Classification {
    /// The configured issue type, such as `quality`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The configured mood, such as `angry`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mood: Option<String>,
}

/// A rule, as it stood when it decided.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RuleRef {
    /// The rule's name in the configuration.
    pub name: String,
    /// The configuration's version.
    pub config_version: u64,
}

/// A tag that an event set or took away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TagChange {
    /// The tag's name.
    pub tag: String,
    /// Set, or taken away.
    pub added: bool,
    /// The rule that decided.
    pub rule: RuleRef,
    /// When the tag falls off by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// An action, or a whole rule, that could not be carried out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The rule that asked.
    pub rule: RuleRef,
    /// The action's name; none where the rule's condition itself has no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Why not: `condition_failed`, `no_recipient`, `bad_recipient`, `text_failed`.
    pub reason: Reason,
}
