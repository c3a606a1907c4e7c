//! The translation between records and DynamoDB items.

use crate::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Customer, HandleKey};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn decode<T: DeserializeOwned>(
    table: &'static str,
    item: Item,
) -> Result<T, StoreError> {
    serde_dynamo::from_item(item)
        .map_err(|source| StoreError::Unreadable { table, source: Box::new(source) })
}

pub(super) fn encode<T: Serialize>(table: &'static str, record: T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(record)
        .map_err(|source| StoreError::Unreadable { table, source: Box::new(source) })
}

pub(super) fn attribute<T: Serialize>(
    table: &'static str,
    value: T,
) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value)
        .map_err(|source| StoreError::Unreadable { table, source: Box::new(source) })
}

/// Handles are a string set, so that two writers can each add theirs.
pub(super) fn handle_set<'h>(handles: impl IntoIterator<Item = &'h HandleKey>) -> AttributeValue {
    AttributeValue::Ss(handles.into_iter().map(|key| key.as_str().to_owned()).collect())
}

/// The customer's key attribute is `customer`; the record calls it `id`.
pub(super) fn encode_customer(customer: &Customer) -> Result<Item, StoreError> {
    let mut item = encode("customers", customer)?;
    item.remove("id");
    item.insert("customer".into(), text(customer.id.as_str()));
    item.insert("handles".into(), handle_set(&customer.handles));
    Ok(item)
}

pub(super) fn decode_customer(mut item: Item) -> Result<Customer, StoreError> {
    if let Some(id) = item.remove("customer") {
        item.insert("id".into(), id);
    }
    decode("customers", item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Assurance, CrmLink, CustomerId, Handle};

    #[test]
    fn a_customer_survives_storage() {
        let handle = Handle::email("anna@acme.test", Assurance::Attested).unwrap();
        let customer = Customer {
            id: CustomerId::new(handle.key().as_str()),
            created_at: "2026-01-02T03:04:05Z".parse().unwrap(),
            handles: [handle.key()].into(),
            crm: Some(CrmLink { crm: "tryton".into(), id: "4".into() }),
            profile: domain::Profile::default(),
            version: 7,
        };
        let item = encode_customer(&customer).unwrap();
        assert!(item["handles"].is_ss() && item["customer"].is_s() && !item.contains_key("id"));
        assert_eq!(decode_customer(item).unwrap(), customer);
    }
}
