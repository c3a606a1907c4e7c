//! Merges, as they are kept so that they can be explained and undone.

use domain::{CustomerId, EventId, HandleKey, MergeId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What brought something about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An event whose handles led to both.
    Event(EventId),
    /// A person, by the name under which they called the command line.
    Person(String),
}

impl Cause {
    /// The event's id or the person's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Event(event) => event.as_str(),
            Self::Person(name) => name,
        }
    }
}

/// Whether a merge holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum MergeState {
    /// It does.
    Standing,
    /// A person undid it.
    Undone {
        /// When.
        at: Timestamp,
        /// Who.
        by: String,
    },
}

/// One merge.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Merge {
    /// Its id.
    pub id: MergeId,
    /// When the event happened, or the person decided.
    pub at: Timestamp,
    /// What brought it about.
    pub cause: Cause,
    /// The two profiles that it joins.
    pub joins: (CustomerId, CustomerId),
    /// The customer that stayed.
    pub survivor: CustomerId,
    /// The customer that became part of it.
    pub absorbed: CustomerId,
    /// The handles that spoke for it.
    #[serde(default)]
    pub handles: Vec<HandleKey>,
    /// The version of the configuration that was in force.
    pub config_version: u64,
    /// Whether it holds.
    pub state: MergeState,
}
