//! Which limited rules have fired for a profile.

use domain::{CustomerId, Fired, Firing};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The record of one profile. What a customer's rules have done is told by those of all merged
/// profiles: taking a merge away leaves each what it did itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Firings {
    /// The profile.
    pub profile: CustomerId,
    /// What is remembered.
    pub fired: Fired,
    /// Counts the writes; a write names the version that it read.
    pub version: u64,
    /// From when on no limit looks back at any of it.
    pub forget_at: Timestamp,
}

impl Firings {
    /// Those of a profile for which nothing has fired yet.
    #[must_use]
    pub fn none(profile: CustomerId) -> Self {
        Self { profile, fired: Fired::default(), version: 0, forget_at: Timestamp::MIN }
    }

    /// The next record, with these in it.
    #[must_use]
    pub fn with(mut self, firings: &[Firing]) -> Self {
        for firing in firings {
            self.fired.record(firing);
            self.forget_at = self.forget_at.max(firing.forget_at);
        }
        self.version += 1;
        self
    }
}

/// The profiles whose firings count for a customer: the root, its members and, where the customer
/// has changed since, the profile that the event belongs to.
#[must_use]
pub fn firing_profiles(tagged: &domain::Tagged) -> BTreeSet<CustomerId> {
    let customer = &tagged.customer;
    let members = customer.membership.merges.values().flat_map(|(one, other)| [one, other]);
    members.chain([&customer.id, &tagged.home]).cloned().collect()
}
