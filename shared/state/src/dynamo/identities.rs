//! Handles in DynamoDB.

use super::Store;
use super::item::{Item, attribute, encode_customer, handle_set, text};
use super::request::{built, lost_the_race, store_error};
use crate::{Identities, Linked, Owners, StoreError};
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, Put, TransactWriteItem, Update,
    builders::KeysAndAttributesBuilder,
};
use domain::{CrmLink, Customer, CustomerId, HandleKey};
use std::collections::HashMap;

impl Identities for Store {
    async fn owners(&self, keys: &[HandleKey]) -> Result<Owners, StoreError> {
        let table = self.identities()?;
        let mut wanted = key_list(keys)?;
        let mut owners = Owners::new();
        while let Some(request) = wanted.take() {
            let answer = self
                .client
                .batch_get_item()
                .request_items(table, request)
                .send()
                .await
                .map_err(store_error)?;
            let found = answer.responses.unwrap_or_default().remove(table).unwrap_or_default();
            owners.extend(found.into_iter().filter_map(owner));
            wanted = answer.unprocessed_keys.and_then(|mut rest| rest.remove(table));
        }
        Ok(owners)
    }

    async fn create(&self, customer: &Customer) -> Result<Linked, StoreError> {
        let put = Put::builder()
            .table_name(self.customers()?)
            .set_item(Some(encode_customer(customer)?))
            .condition_expression("attribute_not_exists(customer)");
        let write = TransactWriteItem::builder().put(built(put.build())?).build();
        self.take_handles(write, &customer.id, customer.handles.iter()).await
    }

    async fn link(
        &self,
        customer: &CustomerId,
        handles: &[HandleKey],
        crm: Option<&CrmLink>,
    ) -> Result<Linked, StoreError> {
        let mut update = Update::builder()
            .table_name(self.customers()?)
            .key("customer", text(customer.as_str()))
            .expression_attribute_values(":handles", handle_set(handles))
            .condition_expression("attribute_exists(customer)");
        update = match crm {
            Some(link) => update
                .update_expression("ADD handles :handles SET crm = if_not_exists(crm, :crm)")
                .expression_attribute_values(":crm", attribute("customers", link)?),
            None => update.update_expression("ADD handles :handles"),
        };
        let write = TransactWriteItem::builder().update(built(update.build())?).build();
        self.take_handles(write, customer, handles.iter()).await
    }
}

impl Store {
    /// One transaction: the write to the customer, and every handle that nobody else has.
    async fn take_handles<'h>(
        &self,
        customer_write: TransactWriteItem,
        customer: &CustomerId,
        handles: impl Iterator<Item = &'h HandleKey>,
    ) -> Result<Linked, StoreError> {
        let mut transaction = self.client.transact_write_items().transact_items(customer_write);
        for handle in handles {
            let put = Put::builder()
                .table_name(self.identities()?)
                .item("handle", text(handle.as_str()))
                .item("customer", text(customer.as_str()))
                .condition_expression("attribute_not_exists(handle) OR customer = :customer")
                .expression_attribute_values(":customer", text(customer.as_str()));
            let write = TransactWriteItem::builder().put(built(put.build())?).build();
            transaction = transaction.transact_items(write);
        }
        match transaction.send().await {
            Ok(_) => Ok(Linked::Taken),
            Err(error) if lost_the_race(&error) => Ok(Linked::Lost),
            Err(error) => Err(store_error(error)),
        }
    }
}

fn key_list(keys: &[HandleKey]) -> Result<Option<KeysAndAttributes>, StoreError> {
    if keys.is_empty() {
        return Ok(None);
    }
    let one = |key: &HandleKey| HashMap::from([("handle".to_owned(), text(key.as_str()))]);
    let list: KeysAndAttributesBuilder =
        KeysAndAttributes::builder().set_keys(Some(keys.iter().map(one).collect()));
    built(list.consistent_read(true).build()).map(Some)
}

fn owner(mut item: Item) -> Option<(HandleKey, CustomerId)> {
    let mut take = |name: &str| match item.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        Some(_) | None => None,
    };
    Some((HandleKey::from_stored(take("handle")?), CustomerId::from_stored(take("customer")?)))
}
