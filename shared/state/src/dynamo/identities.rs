//! The identity graph in DynamoDB.

use super::Store;
use super::item::{
    Item, attribute, decode, decode_customer, encode, encode_customer, number, text,
};
use super::request::{built, lost_the_race, store_error};
use crate::{Committed, Customers, Identities, StoreError};
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, KeysAndAttributes, Put, TransactWriteItem, Update,
    builders::KeysAndAttributesBuilder,
};
use domain::{Customer, CustomerId, HandleKey, Tag};
use identity::{Change, CustomerWrite, Group, LinkWrite, Links, Merge};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The most keys that [BatchGetItem] takes.
///
/// [BatchGetItem]: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const BATCH: usize = 100;

/// How often a customer may have been merged on between two reads.
const HOPS: usize = 3;

impl Identities for Store {
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError> {
        let table = self.identities()?;
        let mut links = Links::new();
        // DynamoDB refuses a request that names a key twice.
        let names: BTreeSet<_> = keys.iter().map(HandleKey::as_str).collect();
        let names: Vec<_> = names.into_iter().collect();
        for batch in names.chunks(BATCH) {
            let names = batch.iter().copied();
            for mut item in self.batch(table, "handle", names).await? {
                if let Some(AttributeValue::S(key)) = item.remove("handle") {
                    links.insert(HandleKey::from_stored(key), decode("identities", item)?);
                }
            }
        }
        Ok(links)
    }

    async fn commit(&self, change: &Change) -> Result<Committed, StoreError> {
        if change.is_empty() {
            return Ok(Committed::Written);
        }
        let mut writes = Vec::new();
        for write in &change.customers {
            writes.push(self.customer_write(write)?);
        }
        for write in &change.links {
            writes.push(self.link_write(write)?);
        }
        for merge in &change.merges {
            writes.push(self.merge_write(merge)?);
        }
        for review in &change.reviews {
            let update = self.review_write(review)?;
            writes.push(TransactWriteItem::builder().update(update).build());
        }
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(Committed::Written),
            Err(error) if lost_the_race(&error) => Ok(Committed::Lost),
            Err(error) => Err(store_error(error)),
        }
    }
}

impl Customers for Store {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        let mut wanted = profile.clone();
        for _ in 0..HOPS {
            let Some(found) = self.one_profile(&wanted).await? else { return Ok(None) };
            match &found.membership.merged_into {
                Some(root) => wanted = root.clone(),
                None => return self.with_members(found).await.map(Some),
            }
        }
        Err(StoreError::Unavailable {
            code: "GraphInMotion".into(),
            source: "the customer was merged on at each read".into(),
        })
    }
}

impl Store {
    /// One profile alone.
    pub async fn one_profile(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        let item = self.one_item(self.customers()?, "customer", id.as_str()).await?;
        item.map(decode_customer).transpose()
    }

    /// The item of a table without a sort key.
    pub(super) async fn one_item(
        &self,
        table: &str,
        key: &str,
        value: &str,
    ) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(table).key(key, text(value));
        let answer = get.consistent_read(true).send().await.map_err(store_error)?;
        Ok(answer.item)
    }

    async fn with_members(&self, root: Customer) -> Result<Group, StoreError> {
        let ids = Group::member_ids(&root);
        let mut members = Vec::new();
        for batch in ids.chunks(BATCH) {
            let names = batch.iter().map(CustomerId::as_str);
            for item in self.batch(self.customers()?, "customer", names).await? {
                members.push(decode_customer(item)?);
            }
        }
        members.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Group { root, members })
    }

    /// Reads up to 100 items by the names of their keys.
    pub(super) async fn batch<'n>(
        &self,
        table: &str,
        key: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<Vec<Item>, StoreError> {
        let keys: Vec<_> =
            names.map(|name| HashMap::from([(key.to_owned(), text(name))])).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let list: KeysAndAttributesBuilder = KeysAndAttributes::builder().set_keys(Some(keys));
        self.batch_items(table, built(list.consistent_read(true).build())?).await
    }

    /// Reads up to 100 items, however many requests that takes.
    pub(super) async fn batch_items(
        &self,
        table: &str,
        request: KeysAndAttributes,
    ) -> Result<Vec<Item>, StoreError> {
        let mut wanted = Some(request);
        let mut items = Vec::new();
        while let Some(request) = wanted.take() {
            let answer = self
                .client
                .batch_get_item()
                .request_items(table, request)
                .send()
                .await
                .map_err(store_error)?;
            items.extend(answer.responses.unwrap_or_default().remove(table).unwrap_or_default());
            wanted = answer.unprocessed_keys.and_then(|mut rest| rest.remove(table));
        }
        Ok(items)
    }

    fn customer_write(&self, write: &CustomerWrite) -> Result<TransactWriteItem, StoreError> {
        match write {
            CustomerWrite::Create(customer) => {
                let put = Put::builder()
                    .table_name(self.customers()?)
                    .set_item(Some(encode_customer(customer)?))
                    .condition_expression("attribute_not_exists(customer)");
                Ok(TransactWriteItem::builder().put(built(put.build())?).build())
            }
            CustomerWrite::Update { read, after, joint_tags } => {
                let update = self.graph_update(*read, after, joint_tags.as_ref())?;
                Ok(TransactWriteItem::builder().update(update).build())
            }
        }
    }

    fn graph_update(
        &self,
        read: u64,
        after: &Customer,
        joint_tags: Option<&Option<BTreeMap<String, Tag>>>,
    ) -> Result<Update, StoreError> {
        let (mut sets, mut removes) =
            (vec!["handles = :handles", "membership = :membership"], Vec::new());
        let mut condition = "membership.version = :read".to_owned();
        let mut update = Update::builder()
            .table_name(self.customers()?)
            .key("customer", text(after.id.as_str()))
            .expression_attribute_values(":handles", attribute("customers", &after.handles)?)
            .expression_attribute_values(":membership", attribute("customers", &after.membership)?)
            .expression_attribute_values(":read", number(read));
        match &after.crm {
            Some(link) => {
                sets.push("crm = :crm");
                let link = attribute("customers", link)?;
                update = update.expression_attribute_values(":crm", link);
            }
            None => removes.push("crm"),
        }
        if let Some(tags) = joint_tags {
            condition.push_str(" AND version = :version");
            update = update.expression_attribute_values(":version", number(after.version));
            match tags {
                Some(tags) => {
                    sets.push("joint_tags = :tags");
                    let tags = attribute("customers", tags)?;
                    update = update.expression_attribute_values(":tags", tags);
                }
                None => removes.push("joint_tags"),
            }
        }
        let removes = if removes.is_empty() {
            String::new()
        } else {
            format!(" REMOVE {}", removes.join(", "))
        };
        let expression = format!("SET {}{removes}", sets.join(", "));
        built(update.update_expression(expression).condition_expression(condition).build())
    }

    fn link_write(&self, write: &LinkWrite) -> Result<TransactWriteItem, StoreError> {
        let (table, key) = (self.identities()?, text(write.key.as_str()));
        let condition = match write.read {
            Some(_) => "version = :read",
            None => "attribute_not_exists(handle)",
        };
        let Some(link) = &write.after else {
            let delete = Delete::builder()
                .table_name(table)
                .key("handle", key)
                .condition_expression(condition)
                .set_expression_attribute_values(write.read.map(read_value));
            return Ok(TransactWriteItem::builder().delete(built(delete.build())?).build());
        };
        let mut item = encode("identities", link)?;
        item.insert("handle".into(), key);
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(write.read.map(read_value));
        Ok(TransactWriteItem::builder().put(built(put.build())?).build())
    }

    fn merge_write(&self, merge: &Merge) -> Result<TransactWriteItem, StoreError> {
        let put =
            Put::builder().table_name(self.journal()?).set_item(Some(encode("journal", merge)?));
        Ok(TransactWriteItem::builder().put(built(put.build())?).build())
    }
}

fn read_value(version: u64) -> HashMap<String, AttributeValue> {
    HashMap::from([(":read".to_owned(), number(version))])
}
