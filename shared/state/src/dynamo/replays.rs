//! What a replay writes, in DynamoDB.

use super::Store;
use super::firings;
use super::item::{attribute, number, text};
use super::request::{built, lost_the_race, store_error};
use crate::{
    Application, Committed, EventRecord, Firings, InGroup, Remaking, Replays, StoreError,
    TimelineEntry,
};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::{CustomerId, Effect, EventId, InboundEvent};

/// Adds effects to a decided event's record. Their number tells whether others added some.
const AMEND: &str = "SET effects = list_append(effects, :effects)";
const UNCHANGED: &str = "stage = :applied AND customer = :customer AND size(effects) = :known";

impl Replays for Store {
    async fn record(&self, event: &EventId) -> Result<Option<EventRecord>, StoreError> {
        self.event(event).await
    }

    async fn history(&self, profile: &CustomerId) -> Result<Vec<InboundEvent>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.timeline()?)
            .key_condition_expression("customer = :customer")
            .projection_expression("tagged.event")
            .expression_attribute_values(":customer", text(profile.as_str()))
            .consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut events = Vec::new();
        while let Some(item) = items.next().await {
            let mut item = item.map_err(store_error)?;
            if let Some(AttributeValue::M(mut tagged)) = item.remove("tagged")
                && let Some(event) = tagged.remove("event")
            {
                let event = serde_dynamo::from_attribute_value(event).map_err(|source| {
                    StoreError::Unreadable { table: "timeline", source: Box::new(source) }
                });
                events.push(event?);
            }
        }
        Ok(events)
    }

    async fn remake(&self, remaking: &Remaking<'_>) -> Result<Application, StoreError> {
        let mut writes = vec![self.replayed_write(remaking)?];
        for (index, profile) in remaking.remade.iter().enumerate() {
            let group = InGroup { root: profile, joint_tags: remaking.joint_tags };
            writes.push(self.profile_write(profile, true, (index == 0).then_some(&group))?);
        }
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(Application::Applied),
            Err(error) if lost_the_race(&error) => Ok(Application::Stale),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn amend(
        &self,
        read: &EventRecord,
        effects: &[Effect],
        firings: Option<&Firings>,
    ) -> Result<Committed, StoreError> {
        let known = u64::try_from(read.effects.len()).unwrap_or(u64::MAX);
        let update = Update::builder()
            .table_name(self.ledger()?)
            .key("id", text(read.id.as_str()))
            .update_expression(AMEND)
            .condition_expression(UNCHANGED)
            .expression_attribute_values(":effects", attribute("ledger", effects)?)
            .expression_attribute_values(":applied", text("applied"))
            .expression_attribute_values(":customer", text(read.customer.as_str()))
            .expression_attribute_values(":known", number(known));
        let update = TransactWriteItem::builder().update(built(update.build())?).build();
        let mut transaction = self.client.transact_write_items().transact_items(update);
        if let Some(firings) = firings {
            let put = firings::put(self.ledger()?, firings)?;
            transaction = transaction.transact_items(put);
        }
        match transaction.send().await {
            Ok(_) => Ok(Committed::Written),
            Err(error) if lost_the_race(&error) => Ok(Committed::Lost),
            Err(error) => Err(store_error(error)),
        }
    }
}

impl Store {
    /// Only what tells of the replay: an erasure may have changed the rest since it was read.
    fn replayed_write(&self, remaking: &Remaking<'_>) -> Result<TransactWriteItem, StoreError> {
        let tagged = &remaking.entry.tagged;
        let update = Update::builder()
            .table_name(self.timeline()?)
            .key("customer", text(tagged.home.as_str()))
            .key("entry", text(TimelineEntry::key(&tagged.event)))
            .update_expression("SET replayed = :replayed")
            .condition_expression("attribute_exists(customer)")
            .expression_attribute_values(":replayed", attribute("timeline", remaking.replayed)?);
        Ok(TransactWriteItem::builder().update(built(update.build())?).build())
    }
}
