//! Customers and their history in DynamoDB.

use super::Store;
use super::item::{attribute, decode, decode_customer, encode, number, text};
use super::ledger::event_item;
use super::request::{built, lost_the_race, store_error};
use crate::{Application, Customers, EventRecord, Seen, StoreError, Timeline, TimelineEntry};
use aws_sdk_dynamodb::types::{KeysAndAttributes, Put, TransactWriteItem, Update};
use domain::{Customer, CustomerId, EventId};
use std::collections::HashMap;

impl Customers for Store {
    async fn customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.customers()?)
            .key("customer", text(id.as_str()))
            .consistent_read(true)
            .send()
            .await
            .map_err(store_error)?;
        answer.item.map(decode_customer).transpose()
    }
}

impl Timeline for Store {
    async fn load(&self, customer: &CustomerId, event: &EventId) -> Result<Seen, StoreError> {
        let (customers, ledger) = (self.customers()?, self.ledger()?);
        let mut seen = Seen { customer: None, event: None };
        let mut wanted = Some(HashMap::from([
            (customers.to_owned(), one_key("customer", customer.as_str())?),
            (ledger.to_owned(), one_key("id", event.as_str())?),
        ]));
        while let Some(request) = wanted.take() {
            let answer = self
                .client
                .batch_get_item()
                .set_request_items(Some(request))
                .send()
                .await
                .map_err(store_error)?;
            let mut found = answer.responses.unwrap_or_default();
            if let Some(item) = found.remove(customers).and_then(|mut items| items.pop()) {
                seen.customer = Some(decode_customer(item)?);
            }
            if let Some(item) = found.remove(ledger).and_then(|mut items| items.pop()) {
                seen.event = Some(decode("ledger", item)?);
            }
            wanted = answer.unprocessed_keys.filter(|rest| !rest.is_empty());
        }
        Ok(seen)
    }

    async fn apply(
        &self,
        entry: &TimelineEntry,
        read_version: u64,
    ) -> Result<Application, StoreError> {
        let event = &entry.tagged.event;
        let customer = &entry.tagged.customer;
        let record = EventRecord::tagged(event, &customer.id);
        let key = record.entry.clone();
        let record = Put::builder()
            .table_name(self.ledger()?)
            .set_item(Some(event_item(&record)?))
            .condition_expression("attribute_not_exists(id)");
        let mut history = encode("timeline", entry)?;
        history.insert("customer".into(), text(customer.id.as_str()));
        history.insert("entry".into(), text(key));
        let history = Put::builder().table_name(self.timeline()?).set_item(Some(history));
        let profile = Update::builder()
            .table_name(self.customers()?)
            .key("customer", text(customer.id.as_str()))
            .update_expression("SET profile = :profile, version = :next")
            .condition_expression("version = :read")
            .expression_attribute_values(":profile", attribute("customers", &customer.profile)?)
            .expression_attribute_values(":next", number(customer.version))
            .expression_attribute_values(":read", number(read_version));
        let sent = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(built(record.build())?).build())
            .transact_items(TransactWriteItem::builder().put(built(history.build())?).build())
            .transact_items(TransactWriteItem::builder().update(built(profile.build())?).build())
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Application::Applied),
            Err(error) if lost_the_race(&error) => Ok(Application::Stale),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn entry(&self, event: &EventRecord) -> Result<Option<TimelineEntry>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.timeline()?)
            .key("customer", text(event.customer.as_str()))
            .key("entry", text(&event.entry))
            .consistent_read(true)
            .send()
            .await
            .map_err(store_error)?;
        answer.item.map(|item| decode("timeline", item)).transpose()
    }
}

fn one_key(name: &str, value: &str) -> Result<KeysAndAttributes, StoreError> {
    let key = HashMap::from([(name.to_owned(), text(value))]);
    built(KeysAndAttributes::builder().keys(key).consistent_read(true).build())
}
