//! What people decided about customers.

use domain::CustomerId;
use identity::{Cause, Merge, MergeState};
use jiff::Timestamp;
use state::Extraction;

/// One decision.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Decision {
    /// Two profiles are one customer.
    Join(Pair),
    /// Two profiles are not.
    Part(Pair),
    /// Some handles are a customer of their own.
    Extract(Extraction),
}

/// Two profiles, with who decided about them.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pair {
    pub(super) profiles: (CustomerId, CustomerId),
    pub(super) by: String,
    pub(super) at: Timestamp,
}

impl Decision {
    /// What people decided about a merge: that it be, that it be no more, or both.
    pub(super) fn of_merge(merge: &Merge) -> Vec<Self> {
        let pair = |by: &String, at| {
            let (profiles, by) = (merge.joins.clone(), by.clone());
            Pair { profiles, by, at }
        };
        let joined = match &merge.cause {
            Cause::Person(by) => Some(Self::Join(pair(by, merge.at))),
            Cause::Event(_) => None,
        };
        let parted = match &merge.state {
            MergeState::Undone { at, by } => Some(Self::Part(pair(by, *at))),
            MergeState::Standing => None,
        };
        joined.into_iter().chain(parted).collect()
    }

    /// When.
    pub(super) fn at(&self) -> Timestamp {
        match self {
            Self::Join(pair) | Self::Part(pair) => pair.at,
            Self::Extract(extraction) => extraction.at,
        }
    }
}
