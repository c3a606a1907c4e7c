//! Failure records in DynamoDB: one item, and the payload in as many parts as its size needs.

use super::Store;
use super::failure_records::failure_ids;
use super::item::{Item, decode, encode, text};
use super::lanes::turn;
use super::request::{built, is_refused, lost_the_race, store_error};
use crate::{Due, FailureRecords, Failures, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};
use domain::{Failure, FailureId, FailureRecord, FailureState, Payload};
use jiff::Timestamp;

/// Characters of payload in one item; DynamoDB takes 400 KB, and a character up to 4 bytes.
const PART: usize = 90_000;
/// The part that is no payload.
pub(super) const RECORD: &str = "record";

impl Failures for Store {
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError> {
        let mut record = None;
        let mut payload = String::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(self.failures()?)
                .key_condition_expression("failure = :failure")
                .expression_attribute_values(":failure", text(id.as_str()))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(store_error)?;
            for mut item in page.items.unwrap_or_default() {
                match item.remove("text") {
                    Some(AttributeValue::S(part)) => payload.push_str(&part),
                    Some(_) | None => record = Some(item),
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        record.map(|item| join(item, &payload)).transpose()
    }

    async fn readable_failures(&self, ids: &[FailureId]) -> Result<FailureRecords, StoreError> {
        self.readable(ids).await
    }

    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError> {
        let payload = serde_json::to_string(&failure.payload).map_err(unreadable)?;
        let characters: Vec<char> = payload.chars().collect();
        for (index, part) in characters.chunks(PART).enumerate() {
            self.client
                .put_item()
                .table_name(self.failures()?)
                .item("failure", text(failure.record.id.as_str()))
                .item("part", text(format!("payload#{index:04}")))
                .item("text", text(part.iter().collect::<String>()))
                .send()
                .await
                .map_err(store_error)?;
        }
        self.client
            .put_item()
            .table_name(self.failures()?)
            .set_item(Some(record_item(&failure.record)?))
            .send()
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn advance_failure(
        &self,
        read: FailureState,
        record: &FailureRecord,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(self.failures()?)
            .set_item(Some(record_item(record)?))
            .condition_expression(UNCHANGED)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(read.name()))
            .expression_attribute_values(":due", text(due(read.time())))
            .send()
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn remove_failure(&self, read: FailureState, id: &FailureId) -> Result<bool, StoreError> {
        let mut writes = Vec::new();
        for part in self.failure_parts(id).await? {
            let mut delete = Delete::builder()
                .table_name(self.failures()?)
                .key("failure", text(id.as_str()))
                .key("part", text(&part));
            if part == RECORD {
                delete = delete
                    .condition_expression(UNCHANGED)
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":state", text(read.name()))
                    .expression_attribute_values(":due", text(due(read.time())));
            }
            writes.push(TransactWriteItem::builder().delete(built(delete.build())?).build());
        }
        if writes.is_empty() {
            return Ok(false);
        }
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(true),
            Err(error) if lost_the_race(&error) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn failures_in(
        &self,
        state: &str,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<FailureId>, StoreError> {
        let query = self
            .by_state(state)?
            .key_condition_expression("#state = :state AND due <= :until")
            .expression_attribute_values(":until", text(due(until)))
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        failure_ids(query, usize::try_from(most).unwrap_or(usize::MAX)).await
    }

    async fn waiting_lanes(&self) -> Result<Vec<String>, StoreError> {
        self.lanes().await
    }

    async fn due_in_lane(
        &self,
        lane: &str,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Due>, StoreError> {
        self.lane_until(lane, now, most).await
    }
}

/// Nobody has moved the record since it was read.
const UNCHANGED: &str = "#state = :state AND due = :due";

/// Instants of one length, so that the index sorts them in the order of time.
pub(super) fn due(at: Timestamp) -> String {
    format!("{at:.3}")
}

pub(super) fn record_item(record: &FailureRecord) -> Result<Item, StoreError> {
    let mut item = encode("failures", record)?;
    let state = item.remove("state");
    item.remove("id");
    item.extend(state.map(|state| ("status".to_owned(), state)));
    item.insert("failure".into(), text(record.id.as_str()));
    item.insert("part".into(), text(RECORD));
    item.insert("state".into(), text(record.state.name()));
    let due = due(record.state.time());
    if record.state.retry_at().is_some() {
        item.insert("turn".into(), text(turn(record.lane(), &due)));
        item.insert("first_at".into(), text(self::due(record.first_at())));
    }
    item.insert("due".into(), text(due));
    Ok(item)
}

fn join(item: Item, payload: &str) -> Result<Failure, StoreError> {
    let payload: Payload = serde_json::from_str(payload).map_err(unreadable)?;
    Ok(Failure { record: decode("failures", from_stored(item))?, payload })
}

/// Names the attributes as the record's fields, where table and index call them otherwise.
pub(super) fn from_stored(mut item: Item) -> Item {
    for (stored, field) in [("status", "state"), ("failure", "id")] {
        if let Some(value) = item.remove(stored) {
            item.insert(field.into(), value);
        }
    }
    item
}

fn unreadable(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unreadable { table: "failures", source: Box::new(source) }
}
