//! Replays as the journal keeps them, in DynamoDB.

use super::Store;
use super::item::{attribute, decode, encode, text};
use super::request::store_error;
use crate::{Page, Place, Run, Runs, StoreError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{CustomerId, ReplayId};
use std::collections::HashMap;

/// The place of all runs in the index `by-state`.
const IS_IN: &str = "replay";

impl Runs for Store {
    async fn begin_run(&self, run: &Run) -> Result<(), StoreError> {
        let mut item = encode("journal", run)?;
        item.insert("is_in".into(), text(IS_IN));
        item.insert("opened_at".into(), text(run.begun_at.to_string()));
        let put = self.client.put_item().table_name(self.journal()?).set_item(Some(item));
        put.send().await.map_err(store_error)?;
        Ok(())
    }

    async fn run(&self, id: &ReplayId) -> Result<Option<Run>, StoreError> {
        let item = self.journal_item(id.as_str()).await?;
        item.map(|item| decode("journal", item)).transpose()
    }

    async fn runs(&self) -> Result<Vec<Run>, StoreError> {
        self.journal_in(IS_IN).await
    }

    async fn move_run(&self, run: &Run) -> Result<bool, StoreError> {
        let moved = self
            .client
            .update_item()
            .table_name(self.journal()?)
            .key("id", text(run.id.as_str()))
            .update_expression("SET progress = :progress, moved_at = :at, #state = :state")
            .condition_expression("#state.#is = :open")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#is", "is")
            .expression_attribute_values(":progress", attribute("journal", &run.progress)?)
            .expression_attribute_values(":at", text(run.moved_at.to_string()))
            .expression_attribute_values(":state", attribute("journal", run.state)?)
            .expression_attribute_values(":open", text("open"))
            .send()
            .await;
        match moved {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                Some(_) | None => Err(store_error(error)),
            },
        }
    }

    async fn page(
        &self,
        profile: Option<&CustomerId>,
        after: Option<&Place>,
        most: usize,
    ) -> Result<Page, StoreError> {
        let start = after.map(|place| {
            let key = [("customer", place.customer.as_str()), ("entry", place.entry.as_str())];
            HashMap::from(key.map(|(name, value)| (name.to_owned(), text(value))))
        });
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let (items, last) = if let Some(profile) = profile {
            let query = self
                .client
                .query()
                .table_name(self.timeline()?)
                .key_condition_expression("customer = :customer")
                .expression_attribute_values(":customer", text(profile.as_str()))
                .set_exclusive_start_key(start)
                .limit(most)
                .consistent_read(true);
            let answer = query.send().await.map_err(store_error)?;
            (answer.items, answer.last_evaluated_key)
        } else {
            let scan = self.client.scan().table_name(self.timeline()?);
            let scan = scan.set_exclusive_start_key(start).limit(most).consistent_read(true);
            let answer = scan.send().await.map_err(store_error)?;
            (answer.items, answer.last_evaluated_key)
        };
        let entries = items.unwrap_or_default().into_iter();
        let entries = entries.map(|item| decode("timeline", item)).collect::<Result<_, _>>()?;
        Ok(Page { entries, end: last.and_then(place) })
    }
}

fn place(mut key: HashMap<String, AttributeValue>) -> Option<Place> {
    let mut text = |name| match key.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        Some(_) | None => None,
    };
    let (customer, entry) = (text("customer")?, text("entry")?);
    Some(Place { customer: CustomerId::from_stored(customer), entry })
}
