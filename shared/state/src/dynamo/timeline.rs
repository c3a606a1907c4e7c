//! Customers and their history in DynamoDB.

use super::Store;
use super::item::{Item, attribute, decode, decode_customer, encode, number, text};
use super::ledger::event_item;
use super::request::{built, lost_the_race, store_error};
use crate::{
    Application, Applied, EventRecord, InGroup, Seen, StoreError, Timeline, TimelineEntry,
};
use aws_sdk_dynamodb::types::{KeysAndAttributes, Put, TransactWriteItem, Update};
use domain::{Customer, CustomerId, EventId};
use std::collections::HashMap;

impl Timeline for Store {
    async fn load(&self, profile: &CustomerId, event: &EventId) -> Result<Seen, StoreError> {
        let (customers, ledger) = (self.customers()?, self.ledger()?);
        let mut seen = Seen { profile: None, event: None };
        let mut wanted = Some(HashMap::from([
            (customers.to_owned(), one_key("customer", profile.as_str())?),
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
                seen.profile = Some(decode_customer(item)?);
            }
            if let Some(item) = found.remove(ledger).and_then(|mut items| items.pop()) {
                seen.event = Some(decode("ledger", item)?);
            }
            wanted = answer.unprocessed_keys.filter(|rest| !rest.is_empty());
        }
        Ok(seen)
    }

    async fn apply(&self, applied: &Applied<'_>) -> Result<Application, StoreError> {
        let (entry, home) = (applied.entry, applied.profile);
        let record = EventRecord::tagged(&entry.tagged.event, &home.id, Some(applied.at));
        let record = Put::builder()
            .table_name(self.ledger()?)
            .set_item(Some(event_item(&record)?))
            .condition_expression("attribute_not_exists(id)");
        let history =
            Put::builder().table_name(self.timeline()?).set_item(Some(entry_item(entry)?));
        let mut transaction = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(built(record.build())?).build())
            .transact_items(TransactWriteItem::builder().put(built(history.build())?).build());
        for write in self.profile_writes(home, applied.group.as_ref())? {
            transaction = transaction.transact_items(write);
        }
        match transaction.send().await {
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

impl Store {
    /// Writes what events made of a profile, and the tags of its customer, if neither the profile
    /// nor the customer's root nor any merge of theirs changed since they were read.
    pub(super) fn profile_writes(
        &self,
        home: &Customer,
        group: Option<&InGroup<'_>>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let own = group.filter(|group| group.root.id == home.id);
        let mut writes = vec![self.profile_write(home, true, own)?];
        if let (Some(group), None) = (group, own) {
            writes.push(self.profile_write(group.root, false, Some(group))?);
        }
        Ok(writes)
    }

    /// Writes what an event made of a profile, its customer's tags, or both, if neither the
    /// profile nor its merges changed since they were read.
    pub(super) fn profile_write(
        &self,
        read: &Customer,
        own: bool,
        group: Option<&InGroup<'_>>,
    ) -> Result<TransactWriteItem, StoreError> {
        let (mut sets, mut removes) = (vec!["version = :next"], "");
        let mut update = Update::builder()
            .table_name(self.customers()?)
            .key("customer", text(read.id.as_str()))
            .condition_expression("version = :read AND membership.version = :graph")
            .expression_attribute_values(":next", number(read.version + 1))
            .expression_attribute_values(":read", number(read.version))
            .expression_attribute_values(":graph", number(read.membership.version));
        if own {
            sets.push("profile = :profile, wakes = :wakes");
            let profile = attribute("customers", &read.profile)?;
            let wakes = attribute("customers", &read.wakes)?;
            update = update
                .expression_attribute_values(":profile", profile)
                .expression_attribute_values(":wakes", wakes);
            if let Some(remade) = &read.remade {
                sets.push("remade = :remade");
                let remade = attribute("customers", remade)?;
                update = update.expression_attribute_values(":remade", remade);
            }
        }
        match group.map(|group| group.joint_tags) {
            Some(Some(tags)) => {
                sets.push("joint_tags = :tags");
                let tags = attribute("customers", tags)?;
                update = update.expression_attribute_values(":tags", tags);
            }
            Some(None) => removes = " REMOVE joint_tags",
            None => {}
        }
        let update = update.update_expression(format!("SET {}{removes}", sets.join(", ")));
        Ok(TransactWriteItem::builder().update(built(update.build())?).build())
    }
}

/// The item of an entry, in the history of its home.
pub(super) fn entry_item(entry: &TimelineEntry) -> Result<Item, StoreError> {
    let mut item = encode("timeline", entry)?;
    item.insert("customer".into(), text(entry.tagged.home.as_str()));
    item.insert("entry".into(), text(TimelineEntry::key(&entry.tagged.event)));
    Ok(item)
}

fn one_key(name: &str, value: &str) -> Result<KeysAndAttributes, StoreError> {
    let key = HashMap::from([(name.to_owned(), text(value))]);
    built(KeysAndAttributes::builder().keys(key).consistent_read(true).build())
}
