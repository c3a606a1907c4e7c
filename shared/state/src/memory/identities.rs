//! The identity graph in memory.

use super::{Contents, Store};
use crate::{Committed, Customers, Identities, StoreError};
use domain::{CustomerId, HandleKey};
use identity::{Change, CustomerWrite, Group, Links};

impl Contents {
    /// Whether everything is as the change's author read it.
    fn allows(&self, change: &Change) -> bool {
        let customers = change.customers.iter().all(|write| match write {
            CustomerWrite::Create(customer) => !self.customers.contains_key(&customer.id),
            CustomerWrite::Update { read, after, joint_tags } => {
                self.customers.get(&after.id).is_some_and(|stored| {
                    stored.membership.version == *read
                        && (joint_tags.is_none() || stored.version == after.version)
                })
            }
        });
        let version = |key| self.links.get(key).map(|link| link.version);
        customers && change.links.iter().all(|write| version(&write.key) == write.read)
    }

    fn take_over(&mut self, change: &Change) {
        for write in &change.customers {
            match write {
                CustomerWrite::Create(customer) => {
                    self.customers.insert(customer.id.clone(), (**customer).clone());
                }
                CustomerWrite::Update { after, joint_tags, .. } => {
                    let Some(stored) = self.customers.get_mut(&after.id) else { continue };
                    stored.handles.clone_from(&after.handles);
                    stored.crm.clone_from(&after.crm);
                    stored.membership.clone_from(&after.membership);
                    if let Some(tags) = joint_tags {
                        stored.joint_tags.clone_from(tags);
                    }
                }
            }
        }
        for write in &change.links {
            match &write.after {
                Some(link) => self.links.insert(write.key.clone(), link.clone()),
                None => self.links.remove(&write.key),
            };
        }
        for merge in &change.merges {
            self.merges.insert(merge.id.clone(), merge.clone());
        }
        for review in &change.reviews {
            self.reviews.entry(review.id.clone()).or_insert_with(|| review.clone());
        }
    }
}

impl Identities for Store {
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError> {
        let contents = self.read();
        let link = |key: &HandleKey| contents.links.get_key_value(key);
        Ok(keys.iter().filter_map(link).map(|(key, link)| (key.clone(), link.clone())).collect())
    }

    async fn commit(&self, change: &Change) -> Result<Committed, StoreError> {
        if change.is_empty() {
            return Ok(Committed::Written);
        }
        self.write(|contents| {
            if !contents.allows(change) {
                return Committed::Lost;
            }
            contents.take_over(change);
            Committed::Written
        })
    }
}

impl Customers for Store {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        let contents = self.read();
        let find = |id: &CustomerId| contents.customers.get(id).cloned();
        let Some(mut root) = find(profile) else { return Ok(None) };
        while let Some(next) = root.membership.merged_into.as_ref().and_then(find) {
            root = next;
        }
        let members = Group::member_ids(&root).iter().filter_map(find).collect();
        Ok(Some(Group { root, members }))
    }
}
