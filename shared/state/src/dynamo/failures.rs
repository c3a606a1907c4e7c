//! Failure records in DynamoDB: one item, and the payload in as many parts as its size needs.

use super::Store;
use super::item::{Item, decode, encode, number, text};
use super::ledger::expiry;
use super::request::{is_refused, store_error};
use crate::{Failures, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Failure, FailureId, FailureState, Payload};
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

    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError> {
        let payload = serde_json::to_string(&failure.payload).map_err(unreadable)?;
        let characters: Vec<char> = payload.chars().collect();
        let expires = number(expiry(failure.state.time()));
        for (index, part) in characters.chunks(PART).enumerate() {
            self.client
                .put_item()
                .table_name(self.failures()?)
                .item("failure", text(failure.id.as_str()))
                .item("part", text(format!("payload#{index:04}")))
                .item("text", text(part.iter().collect::<String>()))
                .item("expires_at", expires.clone())
                .send()
                .await
                .map_err(store_error)?;
        }
        self.client
            .put_item()
            .table_name(self.failures()?)
            .set_item(Some(record_item(failure)?))
            .send()
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn advance_failure(
        &self,
        read: FailureState,
        failure: &Failure,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(self.failures()?)
            .set_item(Some(record_item(failure)?))
            .condition_expression("#state = :state AND due = :due")
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

    async fn failures_in(
        &self,
        state: &str,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<FailureId>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(self.failures()?)
            .index_name("by-state")
            .key_condition_expression("#state = :state AND due <= :until")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state))
            .expression_attribute_values(":until", text(due(until)))
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(store_error)?;
        let id = |item: Item| match item.get("failure") {
            Some(AttributeValue::S(id)) => Some(FailureId::from_stored(id)),
            Some(_) | None => None,
        };
        Ok(answer.items.unwrap_or_default().into_iter().filter_map(id).collect())
    }
}

/// Instants of one length, so that the index sorts them in the order of time.
fn due(at: Timestamp) -> String {
    format!("{at:.3}")
}

pub(super) fn record_item(failure: &Failure) -> Result<Item, StoreError> {
    let mut item = encode("failures", failure)?;
    let state = item.remove("state");
    item.remove("id");
    item.remove("payload");
    item.extend(state.map(|state| ("status".to_owned(), state)));
    item.insert("failure".into(), text(failure.id.as_str()));
    item.insert("part".into(), text(RECORD));
    item.insert("state".into(), text(failure.state.name()));
    let at = failure.state.time();
    item.insert("due".into(), text(due(at)));
    item.insert("expires_at".into(), number(expiry(at)));
    Ok(item)
}

fn join(mut item: Item, payload: &str) -> Result<Failure, StoreError> {
    let payload: Payload = serde_json::from_str(payload).map_err(unreadable)?;
    let payload = serde_dynamo::to_attribute_value(payload).map_err(unreadable)?;
    item.insert("payload".into(), payload);
    decode("failures", from_stored(item))
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
