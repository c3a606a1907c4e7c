//! What a step decided about an event, with what made it decide so.

use crate::{CustomerId, HandleKey, HandleKind, MergeId, Reason, ReviewId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How the event's handles led to its customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchOutcome {
    /// Every handle that counts was known, and led to one customer.
    Matched,
    /// A known customer gained a handle.
    Linked,
    /// Nobody had any of the handles.
    Created,
    /// The handles joined several customers into one.
    Merged,
    /// No handle was left to go by: the event stands alone.
    Anonymous,
}

/// Why a handle had no say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The configuration blocks its value: a placeholder, or the company's own.
    Blocked,
    /// Too many customers use it to tell them apart.
    Shared,
    /// The customer said so, no channel proved it.
    Claimed,
    /// Its kind may not match customers by itself.
    NotMatching,
    /// Its kind may not join customers.
    NotMerging,
    /// A person has to say whether the two are one.
    AwaitsReview,
    /// A person told the two customers apart.
    KeptApart,
    /// With it, the customer would have too many handles of one kind.
    OverLimit,
    /// The CRM has it on another record.
    OtherRecord,
    /// The CRM has it on several records.
    SeveralRecords,
    /// The CRM does not have the record.
    UnknownRecord,
    /// Joined, the two would be too large for one write.
    TooLarge,
}

/// A handle of the event that had no say, with the reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SetAside {
    /// The handle.
    pub handle: HandleKey,
    /// Why it had no say.
    pub why: Obstacle,
    /// The kind whose limit was in the way, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<HandleKind>,
    /// The customer it leads to, where it leads to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<CustomerId>,
}

/// The decision of `identity-match`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Match {
    /// What came of it.
    pub outcome: MatchOutcome,
    /// The handle that decided; none where the event stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<HandleKey>,
    /// Handles that the customer gained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub linked: Vec<HandleKey>,
    /// Handles that had no say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside>,
    /// The merges that the event caused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merges: Vec<MergeId>,
    /// The questions that the event left for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<ReviewId>,
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
    /// The action's name; none where the rule as a whole was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Why not: `condition_failed`, `no_recipient`, `bad_recipient`, `text_failed`; `unless`,
    /// `expired`, `cooling_down`, `capped`, `quiet`.
    pub reason: Reason,
}
