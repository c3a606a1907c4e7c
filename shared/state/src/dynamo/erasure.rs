//! Erasures in DynamoDB.

use super::Store;
use super::item::{decode, encode, number, text};
use super::ledger::{effect_item, event_item};
use super::request::{built, lost_the_race, store_error};
use super::timeline::entry_item;
use crate::{Committed, Erasure, Erasures, EventRecord, Removal, Stage, StoreError};
use aws_sdk_dynamodb::types::builders::{DeleteBuilder, PutBuilder};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use domain::{ErasureId, FailureId};

impl Erasures for Store {
    async fn erasure(&self, id: &ErasureId) -> Result<Option<Erasure>, StoreError> {
        let item = self.journal_item(id.as_str()).await?;
        item.map(|item| decode("journal", item)).transpose()
    }

    async fn erase(
        &self,
        receipt: &Erasure,
        removals: &[Removal],
    ) -> Result<Committed, StoreError> {
        let mut writes = vec![self.receipt_write(receipt)?];
        for removal in removals {
            writes.extend(self.removal_writes(removal).await?);
        }
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(Committed::Written),
            Err(error) if lost_the_race(&error) => Ok(Committed::Lost),
            Err(error) => Err(store_error(error)),
        }
    }
}

impl Store {
    fn receipt_write(&self, receipt: &Erasure) -> Result<TransactWriteItem, StoreError> {
        let put =
            Put::builder().table_name(self.journal()?).set_item(Some(encode("journal", receipt)?));
        put_write(match receipt.steps.checked_sub(1) {
            None => put.condition_expression("attribute_not_exists(id)"),
            Some(read) => put
                .condition_expression("steps = :read")
                .expression_attribute_values(":read", number(read)),
        })
    }

    async fn removal_writes(
        &self,
        removal: &Removal,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let write = match removal {
            Removal::Event { tombstone, read } => self.event_write(tombstone, *read),
            Removal::Effect(tombstone) => {
                let item = effect_item(tombstone)?;
                put_write(Put::builder().table_name(self.ledger()?).set_item(Some(item)))
            }
            Removal::Entry { customer, entry } => delete_write(
                Delete::builder()
                    .table_name(self.timeline()?)
                    .key("customer", text(customer.as_str()))
                    .key("entry", text(entry)),
            ),
            Removal::Redacted(entry) => put_write(
                Put::builder()
                    .table_name(self.timeline()?)
                    .set_item(Some(entry_item(entry)?))
                    .condition_expression("attribute_exists(customer)"),
            ),
            Removal::Failure(id) => return self.failure_deletes(id).await,
            Removal::Journal(id) => {
                let delete = Delete::builder().table_name(self.journal()?);
                delete_write(delete.key("id", text(id.as_str())))
            }
            Removal::Firings(profile) => self.firings_delete(profile),
            Removal::Hints(profile) => {
                let delete = Delete::builder().table_name(self.hint_table()?);
                delete_write(delete.key("customer", text(profile.as_str())))
            }
            Removal::Replica(key) => delete_write(
                Delete::builder()
                    .table_name(self.replicas()?)
                    .key("record", text(&key.record))
                    .key("part", text(&key.part)),
            ),
            Removal::Link { handle, version } => delete_write(
                Delete::builder()
                    .table_name(self.identities()?)
                    .key("handle", text(handle.as_str()))
                    .condition_expression("version = :read")
                    .expression_attribute_values(":read", number(*version)),
            ),
            Removal::Profile { id, version, membership } => delete_write(
                Delete::builder()
                    .table_name(self.customers()?)
                    .key("customer", text(id.as_str()))
                    .condition_expression("version = :read AND membership.version = :graph")
                    .expression_attribute_values(":read", number(*version))
                    .expression_attribute_values(":graph", number(*membership)),
            ),
        };
        write.map(|write| vec![write])
    }

    /// A decided event never changes; one that is not yet decided may be, at any moment.
    fn event_write(
        &self,
        tombstone: &EventRecord,
        read: Option<Stage>,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.ledger()?).set_item(Some(event_item(tombstone)?));
        let stage = |stage| match stage {
            Stage::Tagged => "tagged",
            Stage::Applied => "applied",
        };
        put_write(match read {
            None => put.condition_expression("attribute_not_exists(id)"),
            Some(read) => put
                .condition_expression("stage = :read")
                .expression_attribute_values(":read", text(stage(read))),
        })
    }

    /// A failure is one item, and its message as many as its size needs.
    async fn failure_deletes(&self, id: &FailureId) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut writes = Vec::new();
        for part in self.failure_parts(id).await? {
            let delete = Delete::builder().table_name(self.failures()?);
            let delete = delete.key("failure", text(id.as_str())).key("part", text(part));
            writes.push(delete_write(delete)?);
        }
        Ok(writes)
    }
}

fn put_write(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    Ok(TransactWriteItem::builder().put(built(put.build())?).build())
}

fn delete_write(delete: DeleteBuilder) -> Result<TransactWriteItem, StoreError> {
    Ok(TransactWriteItem::builder().delete(built(delete.build())?).build())
}
