//! How far sources were compared, in DynamoDB: an item for each source, and one for each report.

use super::Store;
use super::failure_records::failure_ids;
use super::item::{Item, decode, encode, number, text};
use super::ledger::expiry;
use super::request::{built, is_refused, store_error};
use crate::{Cursor, Report, StoreError, Sweeps};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::{EventId, FailureId, FailureState};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// The entry that is no report: it sorts after them.
const CURSOR: &str = "cursor";
/// Failures of one state that are looked at: all five states full cost 500 reads of a hundred, for
/// which a page of a sweep has the time.
const MOST_FAILURES: usize = 10_000;
/// Failures that are read at once.
const LOOK: usize = 1_000;

impl Sweeps for Store {
    async fn cursor(&self, source: &str) -> Result<Option<Cursor>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.sweeps()?)
            .key("source", text(source))
            .key("entry", text(CURSOR))
            .consistent_read(true)
            .send()
            .await
            .map_err(store_error)?;
        answer.item.map(|item| decode("sweeps", item)).transpose()
    }

    async fn swap_cursor(&self, after: &Cursor) -> Result<bool, StoreError> {
        let mut item = encode("sweeps", after)?;
        item.insert("entry".into(), text(CURSOR));
        let put = self.client.put_item().table_name(self.sweeps()?).set_item(Some(item));
        let put = match after.version.saturating_sub(1) {
            0 => put.condition_expression("attribute_not_exists(#version)"),
            before => put
                .condition_expression("#version = :before")
                .expression_attribute_values(":before", number(before)),
        };
        match put.expression_attribute_names("#version", "version").send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn put_report(&self, report: &Report) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(self.sweeps()?)
            .set_item(Some(report_item(report)?))
            .send()
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn reports(&self, source: &str, since: Timestamp) -> Result<Vec<Report>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.sweeps()?)
            .key_condition_expression("#source = :source AND #entry BETWEEN :since AND :end")
            .expression_attribute_names("#source", "source")
            .expression_attribute_names("#entry", "entry")
            .expression_attribute_values(":source", text(source))
            .expression_attribute_values(":since", text(entry(since)))
            .expression_attribute_values(":end", text(CURSOR));
        let mut items = query.into_paginator().items().send();
        let mut reports = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(store_error)?;
            if item.get("entry") != Some(&text(CURSOR)) {
                reports.push(decode("sweeps", item)?);
            }
        }
        Ok(reports)
    }

    async fn arrived(&self, events: &BTreeSet<EventId>) -> Result<BTreeSet<EventId>, StoreError> {
        if events.is_empty() {
            return Ok(BTreeSet::new());
        }
        let table = self.ledger()?;
        let keys = events.iter().map(|id| HashMap::from([("id".to_owned(), text(id.as_str()))]));
        let keys = KeysAndAttributes::builder().set_keys(Some(keys.collect()));
        let keys = keys.projection_expression("id").consistent_read(true);
        let found = self.batch_items(table, built(keys.build())?).await?;
        Ok(found.into_iter().filter_map(event).collect())
    }

    async fn failed(&self, events: &BTreeSet<EventId>) -> Result<BTreeSet<EventId>, StoreError> {
        let mut failed = BTreeSet::new();
        for state in FailureState::KEPT {
            for look in self.newest_failures(state).await?.chunks(LOOK) {
                if failed == *events {
                    return Ok(failed);
                }
                let about = self.failures_by_id(look).await?.into_iter();
                let about = about.filter_map(|record| record.about.event);
                failed.extend(about.filter(|id| events.contains(id)));
            }
        }
        Ok(failed)
    }
}

impl Store {
    async fn newest_failures(&self, state: &str) -> Result<Vec<FailureId>, StoreError> {
        failure_ids(self.newest_first(state)?, MOST_FAILURES).await
    }

    /// A sweep asks mostly about what failed just now, and neither what nobody settles nor what was
    /// dismissed long ago may keep it from sight.
    fn newest_first(&self, state: &str) -> Result<QueryFluentBuilder, StoreError> {
        let query = self.by_state(state)?.key_condition_expression("#state = :state");
        Ok(query.scan_index_forward(false))
    }
}

fn report_item(report: &Report) -> Result<Item, StoreError> {
    let mut item = encode("sweeps", report)?;
    item.insert("entry".into(), text(entry(report.until)));
    item.insert("expires_at".into(), number(expiry(report.done_at)));
    Ok(item)
}

/// Instants of one length, so that they sort in the order of time.
fn entry(until: Timestamp) -> String {
    format!("{until:.9}")
}

fn event(mut item: Item) -> Option<EventId> {
    match item.remove("id") {
        Some(AttributeValue::S(id)) => Some(EventId::from_stored(id)),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Asked, Left, Sweep, Tally};
    use jiff::SignedDuration;

    const AT: Timestamp = Timestamp::constant(1_790_000_000, 123_456_789);

    fn tally() -> Tally {
        let mut tally = Tally { expected: 3, found: 2, repaired: 1, ..Tally::default() };
        tally.leave(Left::Unreadable);
        tally.example(&EventId::new("shop", "1"));
        tally
    }

    #[test]
    fn a_cursor_and_a_report_survive_storage() {
        let asked = Some(Asked { at: AT, since: Some(Timestamp::UNIX_EPOCH), dry_run: true });
        let report = Report {
            source: "shop".into(),
            after: AT,
            until: AT,
            done_at: AT,
            tally: tally(),
            asked: asked.clone(),
        };
        let item = report_item(&report).unwrap();
        assert!(item.contains_key("expires_at"));
        assert_eq!(decode::<Report>("sweeps", item).unwrap(), report);
        let mut sweep = Sweep::new(AT, AT, 3, asked.clone());
        sweep.turn("shipments#6".into()).unwrap();
        sweep.turn("shipments#7".into()).unwrap();
        sweep.tally = tally();
        let (source, compared_until) = ("shop".to_owned(), AT);
        let (sweep, last) = (Some(sweep), Some(report));
        let cursor = Cursor { source, version: 4, compared_until, sweep, asked, last };
        let item = encode("sweeps", &cursor).unwrap();
        assert_eq!(decode::<Cursor>("sweeps", item).unwrap(), cursor);
    }

    #[test]
    fn what_failed_last_is_looked_at_first() {
        let configuration = aws_types::SdkConfig::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .build();
        let store = Store::of_stack(&configuration, "lab");
        let query = store.newest_first("parked").unwrap();
        let asked = query.as_input();
        assert_eq!(*asked.get_scan_index_forward(), Some(false));
        assert_eq!(asked.get_index_name().as_deref(), Some("by-state"));
        assert_eq!(*asked.get_limit(), None, "one page would be all");
    }

    #[test]
    fn reports_sort_by_time_and_before_the_cursor() {
        let later = entry(AT + SignedDuration::from_nanos(1));
        assert!(entry(Timestamp::UNIX_EPOCH) < entry(AT) && entry(AT) < later);
        assert!(entry(Timestamp::MAX).as_str() < CURSOR);
    }
}
