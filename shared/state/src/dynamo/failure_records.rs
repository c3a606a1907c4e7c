//! Failure records without their payloads, for people.

use super::Store;
use super::failures::{RECORD, due, from_stored};
use super::item::{Item, decode, text};
use super::request::{built, store_error};
use crate::{FailureRecords, StoreError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::{FailureId, FailureRecord};
use jiff::Timestamp;
use std::collections::HashMap;

/// The most keys that [BatchGetItem] takes.
///
/// [BatchGetItem]: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const BATCH: usize = 100;

impl Store {
    /// Every record in the state of this name ([`domain::FailureState::name`]), as the index lists them:
    /// by the time that the state names, oldest first. A record that has just changed its state
    /// may be missing for a moment.
    pub async fn failure_records(&self, state: &str) -> Result<Vec<FailureRecord>, StoreError> {
        self.failure_records_since(state, Timestamp::UNIX_EPOCH).await
    }

    /// Like [`Store::failure_records`], those whose state names this time or a later one.
    pub async fn failure_records_since(
        &self,
        state: &str,
        since: Timestamp,
    ) -> Result<Vec<FailureRecord>, StoreError> {
        let ids = self.failure_ids(state, since).await?;
        let found = self.failures_by_id(&ids).await?.into_iter();
        let mut records: HashMap<_, _> = found.map(|record| (record.id.clone(), record)).collect();
        let in_order = ids.iter().filter_map(|id| records.remove(id));
        Ok(in_order.filter(|record| record.state.name() == state).collect())
    }

    /// Like [`Store::failure_records`], where a record that this version cannot read keeps nobody
    /// from the others.
    pub async fn readable_failure_records(
        &self,
        state: &str,
    ) -> Result<FailureRecords, StoreError> {
        let ids = self.failure_ids(state, Timestamp::UNIX_EPOCH).await?;
        let mut found = self.readable(&ids).await?;
        found.records.retain(|record| record.state.name() == state);
        Ok(found)
    }

    /// The records of these ids, in their order, as far as this version can read them.
    pub(super) async fn readable(&self, ids: &[FailureId]) -> Result<FailureRecords, StoreError> {
        let mut items = Vec::new();
        for batch in ids.chunks(BATCH) {
            items.extend(self.failure_batch(batch).await?);
        }
        Ok(readable(ids, items))
    }

    /// The records of these ids, in no order.
    pub(super) async fn failures_by_id(
        &self,
        ids: &[FailureId],
    ) -> Result<Vec<FailureRecord>, StoreError> {
        let mut records = Vec::new();
        for batch in ids.chunks(BATCH) {
            for item in self.failure_batch(batch).await? {
                records.push(decode("failures", from_stored(item))?);
            }
        }
        Ok(records)
    }

    /// The parts of which a failure consists: the record, and those of its message.
    pub(super) async fn failure_parts(&self, id: &FailureId) -> Result<Vec<String>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.failures()?)
            .key_condition_expression("failure = :failure")
            .expression_attribute_values(":failure", text(id.as_str()))
            .projection_expression("part")
            .consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut parts = Vec::new();
        while let Some(item) = items.next().await {
            parts.extend(name(item.map_err(store_error)?, "part"));
        }
        Ok(parts)
    }

    async fn failure_ids(
        &self,
        state: &str,
        since: Timestamp,
    ) -> Result<Vec<FailureId>, StoreError> {
        let query = self
            .by_state(state)?
            .key_condition_expression("#state = :state AND due >= :since")
            .expression_attribute_values(":since", text(due(since)));
        failure_ids(query, usize::MAX).await
    }

    /// A question for the failures in a state, to which the condition is lacking.
    pub(super) fn by_state(&self, state: &str) -> Result<QueryFluentBuilder, StoreError> {
        Ok(self
            .client
            .query()
            .table_name(self.failures()?)
            .index_name("by-state")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state)))
    }

    async fn failure_batch(&self, ids: &[FailureId]) -> Result<Vec<Item>, StoreError> {
        let table = self.failures()?;
        let key = |id: &FailureId| {
            HashMap::from([("failure".into(), text(id.as_str())), ("part".into(), text(RECORD))])
        };
        let keys = KeysAndAttributes::builder().set_keys(Some(ids.iter().map(key).collect()));
        self.batch_items(table, built(keys.consistent_read(true).build())?).await
    }
}

fn readable(ids: &[FailureId], items: Vec<Item>) -> FailureRecords {
    let named = |item: Item| Some((name(item.clone(), "failure")?, item));
    let mut items: HashMap<_, _> = items.into_iter().filter_map(named).collect();
    let mut found = FailureRecords::default();
    for id in ids {
        let Some(item) = items.remove(id.as_str()) else { continue };
        match decode("failures", from_stored(item)) {
            Ok(record) => found.records.push(record),
            Err(_) => found.unreadable.push(id.clone()),
        }
    }
    found
}

/// The failures that the query finds, up to so many, over as many pages as that takes.
pub(super) async fn failure_ids(
    query: QueryFluentBuilder,
    most: usize,
) -> Result<Vec<FailureId>, StoreError> {
    let mut items = query.into_paginator().items().send();
    let mut ids = Vec::new();
    while ids.len() < most
        && let Some(item) = items.next().await
    {
        let id = name(item.map_err(store_error)?, "failure");
        ids.extend(id.map(FailureId::from_stored));
    }
    Ok(ids)
}

fn name(mut item: Item, attribute: &str) -> Option<String> {
    match item.remove(attribute) {
        Some(AttributeValue::S(id)) => Some(id),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamo::failures::record_item;
    use domain::{
        About, Attempt, CustomerId, Disposition, EventId, FailureState, Reason, Release, Step,
    };

    fn record(state: FailureState) -> FailureRecord {
        let reason = Reason { code: "crm_refused".into(), detail: "it said no".into() };
        FailureRecord {
            id: FailureId::new("outbound-delivery", "1"),
            step: Step::OutboundDelivery,
            about: About {
                destination: Some("crm".into()),
                event: Some(EventId::new("shop", "1")),
                customer: Some(CustomerId::new("phone::+12025550123")),
                ..About::default()
            },
            disposition: Disposition::Retry { after: None },
            attempts: vec![Attempt {
                at: "2026-01-02T03:04:05Z".parse().unwrap(),
                class: domain::Class::Theirs,
                reason,
                receives: 5,
                held: false,
            }],
            state,
            asked_at: None,
            because: None,
            release: Release { build: Some("1".into()), config: 2 },
        }
    }

    #[test]
    fn a_record_is_read_back_without_its_payload() {
        let at = "2026-01-02T03:05:06Z".parse().unwrap();
        for state in [FailureState::Waiting { retry_at: at }, FailureState::Dismissed { at }] {
            let item = record_item(&record(state)).unwrap();
            let read = decode::<FailureRecord>("failures", from_stored(item)).unwrap();
            assert_eq!(read, record(state));
        }
    }

    #[test]
    fn a_record_that_cannot_be_read_is_named_beside_the_others() {
        let at = "2026-01-02T03:05:06Z".parse().unwrap();
        let numbered = |number: &str, state| {
            let id = FailureId::new("outbound-delivery", number);
            FailureRecord { id, ..record(state) }
        };
        let parked = FailureState::Parked { at };
        let of_today = [numbered("1", parked), numbered("2", parked), numbered("3", parked)];
        let records = of_today.iter();
        let mut items: Vec<_> = records.map(|record| record_item(record).unwrap()).collect();
        items[1].insert("step".into(), text("a-step-of-tomorrow"));
        items.reverse();
        let [first, newer, last] = of_today;
        let gone = FailureId::new("outbound-delivery", "4");
        let ids = [first.id.clone(), newer.id.clone(), gone, last.id.clone()];
        let found = readable(&ids, items);
        assert_eq!(
            found,
            FailureRecords { records: vec![first, last], unreadable: vec![newer.id] }
        );
    }

    #[test]
    fn only_what_waits_has_a_turn_in_its_lane() {
        let at = "2026-01-02T03:05:06Z".parse().unwrap();
        let item = record_item(&record(FailureState::Waiting { retry_at: at })).unwrap();
        assert_eq!(item["turn"], text("crm#2026-01-02T03:05:06.000Z"));
        assert_eq!(item["first_at"], text("2026-01-02T03:04:05.000Z"));
        for state in [FailureState::Parked { at }, FailureState::Redriven { at }] {
            assert!(!record_item(&record(state)).unwrap().contains_key("turn"));
        }
    }
}
