//! The translation between records and DynamoDB items.

use crate::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Customer;
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

/// The customer's key attribute is `customer`; the record calls it `id`.
pub(super) fn encode_customer(customer: &Customer) -> Result<Item, StoreError> {
    let mut item = encode("customers", customer)?;
    item.remove("id");
    item.insert("customer".into(), text(customer.id.as_str()));
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
    use domain::{Assurance, CrmLink, CustomerId, Handle, Held, MergeId};

    #[test]
    fn a_customer_survives_storage() {
        let handle = Handle::email("anna@acme.test", Assurance::Attested).unwrap();
        let since = "2026-01-02T03:04:05Z".parse().unwrap();
        let id = CustomerId::new(handle.key().as_str());
        let mut customer = Customer::new(id, since);
        customer.handles = [(handle.key(), Held::new(since, handle.assurance))].into();
        customer.crm = Some(CrmLink { crm: "tryton".into(), id: "4".into() });
        customer.version = 7;
        let other = CustomerId::new("another");
        let merge = MergeId::new(&customer.id, &other, "test", 0);
        customer.membership.merges = [(merge, (customer.id.clone(), other))].into();
        customer.joint_tags = Some([].into());
        let item = encode_customer(&customer).unwrap();
        assert!(item["customer"].is_s() && !item.contains_key("id"));
        assert_eq!(decode_customer(item).unwrap(), customer);
    }
}
