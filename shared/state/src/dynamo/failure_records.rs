//! Failure records without their payloads, for people.

use super::Store;
use super::failures::{RECORD, from_stored};
use super::item::{Item, decode, text};
use super::request::{built, store_error};
use crate::StoreError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::{
    Attempt, CustomerId, Disposition, EffectKey, EventId, FailureId, FailureState, Release, Step,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What [`domain::Failure`] tells, less the message itself: that may be large, and is personal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FailureRecord {
    /// Its id.
    pub id: FailureId,
    /// The step that gave up.
    pub step: Step,
    /// The event, where the message could be read that far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    /// The customer, where one was matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// The effect, where the message is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<EffectKey>,
    /// What the last attempt asked for.
    pub disposition: Disposition,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
    /// What became of it.
    pub state: FailureState,
    /// What was in force at the last attempt.
    #[serde(default)]
    pub release: Release,
}

/// The most keys that [BatchGetItem] takes.
///
/// [BatchGetItem]: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const BATCH: usize = 100;

impl Store {
    /// Every record in the state of this name ([`FailureState::name`]), as the index lists them:
    /// by the time that the state names, oldest first. A record that has just changed its state
    /// may be missing for a moment.
    pub async fn failure_records(&self, state: &str) -> Result<Vec<FailureRecord>, StoreError> {
        let ids = self.failure_ids(state).await?;
        let found = self.failures_by_id(&ids).await?.into_iter();
        let mut records: HashMap<_, _> = found.map(|record| (record.id.clone(), record)).collect();
        let in_order = ids.iter().filter_map(|id| records.remove(id));
        Ok(in_order.filter(|record| record.state.name() == state).collect())
    }

    /// The records of these ids, in no order.
    pub(super) async fn failures_by_id(
        &self,
        ids: &[FailureId],
    ) -> Result<Vec<FailureRecord>, StoreError> {
        let mut records = Vec::new();
        for batch in ids.chunks(BATCH) {
            records.extend(self.failure_batch(batch).await?);
        }
        Ok(records)
    }

    async fn failure_ids(&self, state: &str) -> Result<Vec<FailureId>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.failures()?)
            .index_name("by-state")
            .key_condition_expression("#state = :state")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state));
        let mut items = query.into_paginator().items().send();
        let mut ids = Vec::new();
        while let Some(item) = items.next().await {
            ids.extend(id(item.map_err(store_error)?).map(FailureId::from_stored));
        }
        Ok(ids)
    }

    async fn failure_batch(&self, ids: &[FailureId]) -> Result<Vec<FailureRecord>, StoreError> {
        let table = self.failures()?;
        let key = |id: &FailureId| {
            HashMap::from([("failure".into(), text(id.as_str())), ("part".into(), text(RECORD))])
        };
        let keys = KeysAndAttributes::builder().set_keys(Some(ids.iter().map(key).collect()));
        let mut wanted = Some(built(keys.consistent_read(true).build())?);
        let mut records = Vec::new();
        while let Some(request) = wanted.take() {
            let answer = self
                .client
                .batch_get_item()
                .request_items(table, request)
                .send()
                .await
                .map_err(store_error)?;
            let found = answer.responses.unwrap_or_default().remove(table).unwrap_or_default();
            for item in found {
                records.push(decode("failures", from_stored(item))?);
            }
            wanted = answer.unprocessed_keys.and_then(|mut rest| rest.remove(table));
        }
        Ok(records)
    }
}

fn id(mut item: Item) -> Option<String> {
    match item.remove("failure") {
        Some(AttributeValue::S(id)) => Some(id),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamo::failures::record_item;
    use domain::{Failure, Payload, Reason};

    #[test]
    fn a_record_is_read_back_without_its_payload() {
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        let reason = Reason { code: "crm_refused".into(), detail: "it said no".into() };
        let record = FailureRecord {
            id: FailureId::new("tag-update", "1"),
            step: Step::TagUpdate,
            event: Some(EventId::new("shop", "1")),
            customer: Some(CustomerId::new("phone::+12025550123")),
            effect: None,
            disposition: Disposition::Retry { after: None },
            attempts: vec![Attempt {
                at,
                class: domain::Class::Theirs,
                reason,
                receives: 5,
                held: false,
            }],
            state: FailureState::Waiting { retry_at: at },
            release: Release { build: Some("1".into()), config: 2 },
        };
        let FailureRecord {
            id,
            step,
            event,
            customer,
            effect,
            disposition,
            attempts,
            state,
            release,
        } = record.clone();
        let payload = Payload::Message { body: "b".into(), group: "g".into() };
        let failure = Failure {
            id,
            step,
            event,
            customer,
            effect,
            disposition,
            attempts,
            state,
            release,
            payload,
        };
        let item = record_item(&failure).unwrap();
        assert_eq!(decode::<FailureRecord>("failures", from_stored(item)).unwrap(), record);
    }
}
