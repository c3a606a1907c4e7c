//! Reads for people in DynamoDB.

use super::Store;
use super::failures::RECORD;
use super::item::{Item, decode, decode_customer, text};
use super::request::store_error;
use crate::{
    EffectRecord, EventRecord, Failures, Histories, JournalRecord, StoreError, TimelineEntry, Visit,
};
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Customer, CustomerId, EffectKey, EventId, Failure, FailureId};

/// The most keys that [BatchGetItem] takes.
///
/// [BatchGetItem]: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const BATCH: usize = 100;

impl Visit for Store {
    async fn visit_customers(&self, mut visit: impl FnMut(Customer)) -> Result<(), StoreError> {
        let scan = self.client.scan().table_name(self.customers()?);
        each(scan, |item| decode_customer(item).map(&mut visit)).await
    }

    async fn visit_entries(&self, mut visit: impl FnMut(TimelineEntry)) -> Result<(), StoreError> {
        let scan = self.client.scan().table_name(self.timeline()?);
        each(scan, |item| decode("timeline", item).map(&mut visit)).await
    }

    async fn visit_journal(&self, mut visit: impl FnMut(JournalRecord)) -> Result<(), StoreError> {
        let scan = self.client.scan().table_name(self.journal()?);
        each(scan, |item| {
            journal_record(item)?.map(&mut visit);
            Ok(())
        })
        .await
    }

    /// A message may be in several items, which a scan need not show one after the other.
    async fn visit_failures(&self, mut visit: impl FnMut(Failure)) -> Result<(), StoreError> {
        let scan = self
            .client
            .scan()
            .table_name(self.failures()?)
            .filter_expression("part = :record")
            .expression_attribute_values(":record", text(RECORD))
            .projection_expression("failure");
        let mut ids = Vec::new();
        each(scan, |mut item| {
            if let Some(AttributeValue::S(id)) = item.remove("failure") {
                ids.push(FailureId::from_stored(id));
            }
            Ok(())
        })
        .await?;
        for id in ids {
            self.failure(&id).await?.map(&mut visit);
        }
        Ok(())
    }
}

impl Histories for Store {
    async fn entries(&self, profile: &CustomerId) -> Result<Vec<TimelineEntry>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.timeline()?)
            .key_condition_expression("customer = :customer")
            .expression_attribute_values(":customer", text(profile.as_str()))
            .consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut entries = Vec::new();
        while let Some(item) = items.next().await {
            entries.push(decode("timeline", item.map_err(store_error)?)?);
        }
        Ok(entries)
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<EventRecord>, StoreError> {
        let items = self.ledger_items(ids.iter().map(EventId::as_str).collect()).await?;
        items.into_iter().map(|item| decode("ledger", item)).collect()
    }

    async fn effects(&self, keys: &[EffectKey]) -> Result<Vec<EffectRecord>, StoreError> {
        let items = self.ledger_items(keys.iter().map(EffectKey::as_str).collect()).await?;
        items.into_iter().map(|item| decode("ledger", item)).collect()
    }
}

impl Store {
    /// A key that is asked for twice is read once: DynamoDB refuses a batch that names it twice.
    async fn ledger_items(&self, mut ids: Vec<&str>) -> Result<Vec<Item>, StoreError> {
        ids.sort_unstable();
        ids.dedup();
        let mut items = Vec::new();
        for batch in ids.chunks(BATCH) {
            items.extend(self.batch(self.ledger()?, "id", batch.iter().copied()).await?);
        }
        Ok(items)
    }
}

/// Shows every item of a table, page by page.
pub(super) async fn each(
    scan: ScanFluentBuilder,
    mut visit: impl FnMut(Item) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut items = scan.consistent_read(true).into_paginator().items().send();
    while let Some(item) = items.next().await {
        visit(item.map_err(store_error)?)?;
    }
    Ok(())
}

/// Ids begin with what they name. Other records belong to a later version.
fn journal_record(item: Item) -> Result<Option<JournalRecord>, StoreError> {
    let Some(AttributeValue::S(id)) = item.get("id") else { return Ok(None) };
    Ok(match id.split_once('_').map(|(kind, _)| kind) {
        Some("mrg") => Some(JournalRecord::Merge(decode("journal", item)?)),
        Some("rev") => Some(JournalRecord::Review(decode("journal", item)?)),
        Some("ext") => Some(JournalRecord::Extraction(decode("journal", item)?)),
        Some("era") => Some(JournalRecord::Erasure(decode("journal", item)?)),
        Some(_) | None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamo::item::encode;
    use crate::dynamo::ledger::{effect_item, event_item};
    use crate::{Erased, Erasure, ErasureState, Extraction, ExtractionState, Stage};
    use domain::{Action, Effect, ErasureId, EventKind, ExtractionId, HandleKey, RuleRef};
    use jiff::Timestamp;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_record_of_the_journal_is_known_by_its_id() {
        let customer = CustomerId::new("phone::+12025550101");
        let handles = [HandleKey::from_stored("phone::+12025550101")].into();
        let extraction = Extraction {
            id: ExtractionId::new(&customer, &handles),
            at: AT,
            by: "anna".into(),
            from: customer.clone(),
            to: CustomerId::new("another"),
            handles,
            state: ExtractionState::Done { at: AT },
        };
        let item = encode("journal", &extraction).unwrap();
        let known = journal_record(item).unwrap();
        assert_eq!(known, Some(JournalRecord::Extraction(extraction)));
        let erasure = Erasure {
            id: ErasureId::new(&customer, 0),
            at: AT,
            by: "anna".into(),
            customers: vec![customer],
            erased: Erased { timeline: 3, ..Erased::default() },
            steps: 4,
            state: ErasureState::Begun,
        };
        let item = encode("journal", &erasure).unwrap();
        assert_eq!(journal_record(item).unwrap(), Some(JournalRecord::Erasure(erasure)));
        let later = [("id".to_owned(), text("new_1"))].into();
        assert_eq!(journal_record(later).unwrap(), None);
    }

    #[test]
    fn tombstones_are_read_as_what_they_were() {
        let event = EventId::new("shop", "1");
        let effect = Effect {
            key: EffectKey::new(&event, "answer", "sms"),
            event: event.clone(),
            customer: CustomerId::new("phone::+12025550101"),
            rule: RuleRef { name: "answer".into(), config_version: 1 },
            decided_at: AT,
            not_before: None,
            action: Action::Sms { to: "+12025550101".into(), text: "thank you".into() },
        };
        let record = EventRecord {
            id: event,
            source: "shop".into(),
            kind: EventKind::Message,
            customer: effect.customer.clone(),
            entry: "entry".into(),
            stage: Stage::Tagged,
            received_at: AT,
            tagged_at: None,
            applied_at: None,
            effects: vec![effect.clone()],
            refusals: Vec::new(),
        };
        let item = event_item(&record.tombstone(AT)).unwrap();
        assert!(!format!("{item:?}").contains("555") && item.contains_key("expires_at"));
        assert_eq!(decode::<EventRecord>("ledger", item).unwrap().stage, Stage::Applied);
        let tombstone = EffectRecord::tombstone(&effect, AT);
        let item = effect_item(&tombstone).unwrap();
        assert_eq!(item["of"], text("effect"));
        assert_eq!(decode::<EffectRecord>("ledger", item).unwrap(), tombstone);
    }
}
