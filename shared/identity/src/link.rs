//! Where a handle leads.

use domain::{Assurance, CustomerId, HandleKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the store keeps under a handle.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Link {
    /// The customer: the root of all profiles that are merged with `home`. Kept here so that a
    /// known handle costs one read.
    pub customer: CustomerId,
    /// The profile that holds the handle.
    pub home: CustomerId,
    /// Whether a channel ever proved it.
    pub assurance: Assurance,
    /// When the event happened by which it came to be held.
    pub since: Timestamp,
    /// Counts the writes; a write names the version that it read.
    pub version: u64,
    /// Whether too many customers use it to tell them apart. Then `home` is a profile of its own,
    /// for what comes in by this handle alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Whose customers have come with it and could not have it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub contested: BTreeSet<CustomerId>,
}

/// The known ones among the handles that were asked for.
pub type Links = BTreeMap<HandleKey, Link>;
