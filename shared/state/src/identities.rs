//! Which customer a handle leads to.

use crate::StoreError;
use domain::{CrmLink, Customer, CustomerId, HandleKey};
use std::collections::BTreeMap;

/// The known ones among the handles that were asked for.
pub type Owners = BTreeMap<HandleKey, CustomerId>;

/// Whether a write that takes handles came first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a lost race means that the owners have to be read again"]
pub enum Linked {
    /// Every handle now leads to the customer.
    Taken,
    /// Another writer took one of them, nothing was written: read the owners again.
    Lost,
}

/// The handles of `identity-match`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Identities {
    /// Reads the owners of up to 100 handles, in one request.
    async fn owners(&self, keys: &[HandleKey]) -> Result<Owners, StoreError>;

    /// Writes a new customer and makes all of its handles lead there, or nothing.
    async fn create(&self, customer: &Customer) -> Result<Linked, StoreError>;

    /// Makes more handles lead to a customer, or none. Its CRM record is set where one is given.
    async fn link(
        &self,
        customer: &CustomerId,
        handles: &[HandleKey],
        crm: Option<&CrmLink>,
    ) -> Result<Linked, StoreError>;
}
