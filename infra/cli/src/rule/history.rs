//! Everything that happened to a customer.

use crate::trouble::Trouble;
use domain::{Customer, CustomerId, Profile};
use identity::Group;
use indicatif::ProgressBar;
use state::{Customers, Histories, TimelineEntry, Visit};
use std::collections::BTreeSet;

/// A customer's events, with the profiles as they were before all of them.
#[derive(Debug)]
pub(super) struct History {
    pub(super) group: Group,
    /// In the order in which they happened.
    pub(super) entries: Vec<TimelineEntry>,
}

/// The ids of all customers.
pub(super) async fn customers(
    store: &impl Visit,
    progress: &ProgressBar,
) -> Result<Vec<CustomerId>, Trouble> {
    let mut customers = BTreeSet::new();
    store
        .visit_customers(|profile| {
            progress.inc(1);
            if profile.membership.merged_into.is_none() {
                customers.insert(profile.id);
            }
        })
        .await?;
    Ok(customers.into_iter().collect())
}

impl History {
    /// Reads one customer; none where it was merged away or erased meanwhile.
    pub(super) async fn read(
        store: &(impl Customers + Histories),
        customer: &CustomerId,
    ) -> Result<Option<Self>, Trouble> {
        let Some(Group { root, members }) = store.group(customer).await? else { return Ok(None) };
        if root.id != *customer {
            return Ok(None);
        }
        let group = Group { root: blank(root), members: members.into_iter().map(blank).collect() };
        let mut entries = Vec::new();
        for profile in group.profiles() {
            entries.extend(store.entries(&profile.id).await?);
        }
        entries.sort_by(|one, other| {
            let key = |entry: &TimelineEntry| {
                let event = &entry.tagged.event;
                (event.occurred_at, event.id.clone())
            };
            key(one).cmp(&key(other))
        });
        Ok(Some(Self { group, entries }))
    }
}

/// The profile without what events made of it.
fn blank(profile: Customer) -> Customer {
    Customer { profile: Profile::default(), joint_tags: None, ..profile }
}
