//! Reads for people: the command line and the audit.

use super::Store;
use super::item::{Item, decode, decode_customer, text};
use super::request::store_error;
use super::visit::each;
use crate::{EffectRecord, EventRecord, StoreError, TimelineEntry};
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::{Customer, CustomerId, EffectKey, EventId};

/// A record of the ledger.
#[derive(Clone, PartialEq, Debug)]
pub enum LedgerRecord {
    /// An event.
    Event(Box<EventRecord>),
    /// An effect.
    Effect(EffectRecord),
}

impl Store {
    /// One event's record.
    pub async fn event(&self, id: &EventId) -> Result<Option<EventRecord>, StoreError> {
        let item = self.ledger_item(id.as_str()).await?;
        item.map(|item| decode("ledger", item)).transpose()
    }

    /// One effect's record.
    pub async fn effect(&self, key: &EffectKey) -> Result<Option<EffectRecord>, StoreError> {
        let item = self.ledger_item(key.as_str()).await?;
        item.map(|item| decode("ledger", item)).transpose()
    }

    async fn ledger_item(&self, id: &str) -> Result<Option<Item>, StoreError> {
        self.one_item(self.ledger()?, "id", id).await
    }

    /// Shows every event and effect of the ledger to `visit`, page by page, in the table's own order.
    pub async fn visit_ledger(
        &self,
        mut visit: impl FnMut(LedgerRecord),
    ) -> Result<(), StoreError> {
        each(self.client.scan().table_name(self.ledger()?), |item| {
            visit(match item.get("of") {
                Some(AttributeValue::S(of)) if of == "effect" => {
                    LedgerRecord::Effect(decode("ledger", item)?)
                }
                Some(AttributeValue::S(of)) if of == "firings" => return Ok(()),
                Some(_) | None => LedgerRecord::Event(Box::new(decode("ledger", item)?)),
            });
            Ok(())
        })
        .await
    }

    /// Up to `most` customers, in no particular order.
    pub async fn some_customers(&self, most: i32) -> Result<Vec<Customer>, StoreError> {
        let page = self.client.scan().table_name(self.customers()?).limit(most).send().await;
        let items = page.map_err(store_error)?.items.unwrap_or_default();
        items.into_iter().map(decode_customer).collect()
    }

    /// A customer's newest entries, newest first.
    pub async fn history(
        &self,
        customer: &CustomerId,
        most: i32,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let page = self
            .client
            .query()
            .table_name(self.timeline()?)
            .key_condition_expression("customer = :customer")
            .expression_attribute_values(":customer", text(customer.as_str()))
            .scan_index_forward(false)
            .limit(most)
            .send()
            .await
            .map_err(store_error)?;
        page.items.unwrap_or_default().into_iter().map(|item| decode("timeline", item)).collect()
    }

    /// How many entries a profile's history has.
    pub async fn entry_count(&self, profile: &CustomerId) -> Result<usize, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.timeline()?)
            .key_condition_expression("customer = :customer")
            .expression_attribute_values(":customer", text(profile.as_str()))
            .select(Select::Count);
        let mut pages = query.into_paginator().send();
        let mut total = 0;
        while let Some(page) = pages.next().await {
            total += usize::try_from(page.map_err(store_error)?.count).unwrap_or_default();
        }
        Ok(total)
    }
}
