//! Waiting failures by lane, in the index `by-lane`.

use super::Store;
use super::failures::due;
use super::item::{Item, text};
use super::request::store_error;
use crate::{Due, StoreError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::FailureId;
use jiff::Timestamp;

/// Sorts after every time, which begins with a digit.
const END: char = ':';

/// The index's range key: lane by lane, and in each by the time to go back.
pub(super) fn turn(lane: &str, due: &str) -> String {
    format!("{lane}#{due}")
}

impl Store {
    /// The first of each lane is found behind the last that the lane before could have.
    pub(super) async fn lanes(&self) -> Result<Vec<String>, StoreError> {
        let mut lanes = Vec::new();
        let mut after = String::from(" ");
        loop {
            let query = self
                .waiting()?
                .key_condition_expression("#state = :state AND turn > :after")
                .expression_attribute_values(":after", text(after))
                .limit(1);
            let page = query.send().await.map_err(store_error)?;
            let first = page.items.unwrap_or_default().into_iter().next();
            let Some(lane) = first.as_ref().and_then(|item| lane(item)) else { return Ok(lanes) };
            after = turn(lane, &END.to_string());
            lanes.push(lane.to_owned());
        }
    }

    /// Page by page, up to so many.
    pub(super) async fn lane_until(
        &self,
        lane: &str,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Due>, StoreError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let query = self
            .waiting()?
            .key_condition_expression("#state = :state AND turn BETWEEN :from AND :to")
            .expression_attribute_values(":from", text(turn(lane, "")))
            .expression_attribute_values(":to", text(turn(lane, &due(now))));
        let mut items = query.into_paginator().items().send();
        let mut found = Vec::new();
        while found.len() < most
            && let Some(item) = items.next().await
        {
            found.extend(read(&item.map_err(store_error)?));
        }
        Ok(found)
    }

    fn waiting(&self) -> Result<QueryFluentBuilder, StoreError> {
        let query = self.client.query().table_name(self.failures()?).index_name("by-lane");
        Ok(query
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text("waiting")))
    }
}

fn lane(item: &Item) -> Option<&str> {
    let Some(AttributeValue::S(turn)) = item.get("turn") else { return None };
    turn.rsplit_once('#').map(|(lane, _)| lane)
}

fn read(item: &Item) -> Option<Due> {
    let (Some(AttributeValue::S(id)), Some(AttributeValue::S(first_at))) =
        (item.get("failure"), item.get("first_at"))
    else {
        return None;
    };
    Some(Due { first_at: first_at.parse().ok()?, id: FailureId::from_stored(id) })
}
