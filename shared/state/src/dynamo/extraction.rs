//! Extractions in DynamoDB.

use super::Store;
use super::item::{decode, encode, text};
use super::request::{built, lost_the_race, store_error};
use super::timeline::entry_item;
use crate::{
    Application, Committed, EventRecord, Extraction, Extractions, InGroup, StoreError,
    TimelineEntry,
};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use domain::{Customer, CustomerId, ExtractionId};

impl Extractions for Store {
    async fn extraction(&self, id: &ExtractionId) -> Result<Option<Extraction>, StoreError> {
        let item = self.journal_item(id.as_str()).await?;
        item.map(|item| decode("journal", item)).transpose()
    }

    async fn put_extraction(&self, extraction: &Extraction) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(self.journal()?)
            .set_item(Some(encode("journal", extraction)?))
            .send()
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn move_entry(
        &self,
        entry: &TimelineEntry,
        record: Option<&EventRecord>,
        to: &CustomerId,
    ) -> Result<Committed, StoreError> {
        let from = entry.tagged.home.as_str();
        let key = TimelineEntry::key(&entry.tagged.event);
        let delete = Delete::builder()
            .table_name(self.timeline()?)
            .key("customer", text(from))
            .key("entry", text(&key))
            .condition_expression("attribute_exists(customer)");
        let mut moved = entry.clone();
        moved.tagged.home = to.clone();
        let put = Put::builder().table_name(self.timeline()?).set_item(Some(entry_item(&moved)?));
        let mut transaction = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().delete(built(delete.build())?).build())
            .transact_items(TransactWriteItem::builder().put(built(put.build())?).build());
        if let Some(record) = record {
            let update = Update::builder()
                .table_name(self.ledger()?)
                .key("id", text(record.id.as_str()))
                .update_expression("SET customer = :to")
                .condition_expression("customer = :from")
                .expression_attribute_values(":to", text(to.as_str()))
                .expression_attribute_values(":from", text(from));
            let update = TransactWriteItem::builder().update(built(update.build())?);
            transaction = transaction.transact_items(update.build());
        }
        match transaction.send().await {
            Ok(_) => Ok(Committed::Written),
            Err(error) if lost_the_race(&error) => Ok(Committed::Lost),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn rewrite(
        &self,
        profile: &Customer,
        group: Option<InGroup<'_>>,
    ) -> Result<Application, StoreError> {
        let mut transaction = self.client.transact_write_items();
        for write in self.profile_writes(profile, group.as_ref())? {
            transaction = transaction.transact_items(write);
        }
        match transaction.send().await {
            Ok(_) => Ok(Application::Applied),
            Err(error) if lost_the_race(&error) => Ok(Application::Stale),
            Err(error) => Err(store_error(error)),
        }
    }
}
