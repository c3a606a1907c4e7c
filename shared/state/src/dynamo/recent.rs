//! What happened lately, in DynamoDB.

use super::Store;
use super::item::{decode, text};
use super::request::store_error;
use crate::{EventRecord, Looked, Recent, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::{CustomerId, EventId};
use jiff::Timestamp;

impl Recent for Store {
    async fn occurred_since(
        &self,
        profile: &CustomerId,
        from: Timestamp,
    ) -> Result<Vec<EventId>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.timeline()?)
            .key_condition_expression("customer = :customer AND #entry >= :from")
            .projection_expression("#entry")
            .expression_attribute_names("#entry", "entry")
            .expression_attribute_values(":customer", text(profile.as_str()))
            .expression_attribute_values(":from", text(format!("{from:.3}")))
            .consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut events = Vec::new();
        while let Some(item) = items.next().await {
            if let Some(AttributeValue::S(entry)) = item.map_err(store_error)?.get("entry") {
                events.extend(entry.split_once('#').map(|(_, id)| EventId::from_stored(id)));
            }
        }
        Ok(events)
    }

    async fn decided_since(&self, from: Timestamp) -> Result<Looked, StoreError> {
        let scan = self
            .client
            .scan()
            .table_name(self.ledger()?)
            .filter_expression("#of = :event AND applied_at >= :from")
            .expression_attribute_names("#of", "of")
            .expression_attribute_values(":event", text("event"))
            .expression_attribute_values(":from", text(second(from)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let mut pages = scan.into_paginator().send();
        let mut looked = Looked::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(store_error)?;
            let units = page.consumed_capacity.and_then(|consumed| consumed.capacity_units);
            looked.read_units += units.unwrap_or_default();
            for item in page.items.unwrap_or_default() {
                looked.records.push(decode::<EventRecord>("ledger", item)?);
            }
        }
        looked.records.retain(|record| record.applied_at.is_some_and(|at| at >= from));
        Ok(looked)
    }
}

/// The second in which an instant lies, without its end: as texts, no instant of that second comes
/// before it, whether it has a fraction or not.
fn second(at: Timestamp) -> String {
    format!("{at:.0}").trim_end_matches('Z').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_instant_sorts_before_its_second() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let from = second(at("2026-01-02T03:04:05.9Z"));
        for later in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.12Z", "2026-01-02T03:04:06Z"] {
            assert!(at(later).to_string() >= from, "{later}");
        }
        assert!(at("2026-01-02T03:04:04.999Z").to_string() < from);
    }
}
