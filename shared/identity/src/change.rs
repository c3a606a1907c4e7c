//! What is written to the graph, at once or not at all.

use crate::{Link, Merge, Review};
use domain::{Customer, CustomerId, HandleKey, Tag};
use std::collections::BTreeMap;

/// How many items one DynamoDB transaction takes.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub const MOST_WRITES: usize = 100;

/// A write to one profile's part of the graph.
#[derive(Clone, PartialEq, Debug)]
pub enum CustomerWrite {
    /// A profile that must not exist yet.
    Create(Box<Customer>),
    /// New handles, CRM record and membership for a profile, none of its events' effects.
    Update {
        /// The profile's membership version as it was read.
        read: u64,
        /// The profile as it is to be; its membership version is the next one.
        after: Box<Customer>,
        /// The customer's tags as CRM and rules were last told, where they change hands: written
        /// only if the profile's own version is still that of `after`.
        joint_tags: Option<Option<BTreeMap<String, Tag>>>,
    },
}

impl CustomerWrite {
    /// The profile.
    #[must_use]
    pub fn id(&self) -> &CustomerId {
        match self {
            Self::Create(customer) => &customer.id,
            Self::Update { after, .. } => &after.id,
        }
    }
}

/// A write to one handle.
#[derive(Clone, PartialEq, Debug)]
pub struct LinkWrite {
    /// The handle.
    pub key: HandleKey,
    /// The link's version as it was read; none where the handle led nowhere.
    pub read: Option<u64>,
    /// The link as it is to be; none where the handle is to lead nowhere.
    pub after: Option<Link>,
}

/// One transaction.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Change {
    /// Profiles.
    pub customers: Vec<CustomerWrite>,
    /// Handles.
    pub links: Vec<LinkWrite>,
    /// Merges that came about or were undone.
    pub merges: Vec<Merge>,
    /// Questions for a person. One that is known already stays as it is.
    pub reviews: Vec<Review>,
}

impl Change {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items are written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers.len() + self.links.len() + self.merges.len() + self.reviews.len()
    }
}
