//! A customer with all of its profiles.

use domain::{CrmLink, Customer, CustomerId, HandleKey, Held};

/// The profiles that merges make one customer.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// The oldest profile, whose id is the customer's.
    pub root: Customer,
    /// The others, by id.
    pub members: Vec<Customer>,
}

impl Group {
    /// The customer's id.
    #[must_use]
    pub fn id(&self) -> &CustomerId {
        &self.root.id
    }

    /// Every profile, the root first.
    pub fn profiles(&self) -> impl Iterator<Item = &Customer> {
        std::iter::once(&self.root).chain(&self.members)
    }

    /// Every handle of every profile.
    pub fn handles(&self) -> impl Iterator<Item = (&HandleKey, &Held)> {
        self.profiles().flat_map(|profile| &profile.handles)
    }

    /// The profile of this id.
    #[must_use]
    pub fn profile(&self, id: &CustomerId) -> Option<&Customer> {
        self.profiles().find(|profile| profile.id == *id)
    }

    /// The profile that bears the CRM record, else the root.
    #[must_use]
    pub fn recorded(&self) -> &Customer {
        self.profiles().find(|profile| profile.crm.is_some()).unwrap_or(&self.root)
    }

    /// The customer's record in the CRM.
    #[must_use]
    pub fn crm(&self) -> Option<&CrmLink> {
        self.recorded().crm.as_ref()
    }

    /// The ids of the profiles that a root's merges name, the root apart.
    #[must_use]
    pub fn member_ids(root: &Customer) -> Vec<CustomerId> {
        let mut ids: Vec<_> = root
            .membership
            .merges
            .values()
            .flat_map(|(one, other)| [one.clone(), other.clone()])
            .filter(|id| *id != root.id)
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }
}
