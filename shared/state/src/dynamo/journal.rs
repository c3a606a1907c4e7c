//! Merges and questions in DynamoDB.

use super::Store;
use super::item::{Item, attribute, decode, text};
use super::request::{built, store_error};
use crate::{Journal, StoreError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::Update;
use domain::{MergeId, ReviewId};
use identity::{Merge, Review};
use serde::de::DeserializeOwned;

/// Asks a question once: what is there stays.
const ASK: &str = "SET inquiry = if_not_exists(inquiry, :inquiry), \
    customer = if_not_exists(customer, :customer), event = if_not_exists(event, :event), \
    opened_at = if_not_exists(opened_at, :opened_at), \
    config_version = if_not_exists(config_version, :config_version), \
    #state = if_not_exists(#state, :state), is_in = if_not_exists(is_in, :is_in)";

impl Journal for Store {
    async fn merge(&self, id: &MergeId) -> Result<Option<Merge>, StoreError> {
        let item = self.journal_item(id.as_str()).await?;
        item.map(|item| decode("journal", item)).transpose()
    }

    async fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        let item = self.journal_item(id.as_str()).await?;
        item.map(|item| decode("journal", item)).transpose()
    }

    async fn reviews(&self, state: &str) -> Result<Vec<Review>, StoreError> {
        self.journal_in(state).await
    }

    async fn open_review(&self, review: &Review) -> Result<bool, StoreError> {
        let asked = self.review_write(review)?;
        let sent = self
            .client
            .update_item()
            .table_name(asked.table_name)
            .set_key(Some(asked.key))
            .update_expression(asked.update_expression)
            .set_expression_attribute_names(asked.expression_attribute_names)
            .set_expression_attribute_values(asked.expression_attribute_values)
            .condition_expression("attribute_not_exists(id)")
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn close_review(&self, review: &Review) -> Result<bool, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(self.journal()?)
            .key("id", text(review.id.as_str()))
            .update_expression("SET #state = :state, is_in = :is_in")
            .condition_expression("is_in = :open")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", attribute("journal", &review.state)?)
            .expression_attribute_values(":is_in", text(review.state.name()))
            .expression_attribute_values(":open", text("open"))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }
}

fn is_refused(error: &aws_sdk_dynamodb::error::SdkError<UpdateItemError>) -> bool {
    matches!(error.as_service_error(), Some(UpdateItemError::ConditionalCheckFailedException(_)))
}

impl Store {
    /// Asks a question, unless it was asked before.
    pub(super) fn review_write(&self, review: &Review) -> Result<Update, StoreError> {
        let update = Update::builder()
            .table_name(self.journal()?)
            .key("id", text(review.id.as_str()))
            .update_expression(ASK)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":inquiry", attribute("journal", &review.inquiry)?)
            .expression_attribute_values(":customer", attribute("journal", &review.customer)?)
            .expression_attribute_values(":event", attribute("journal", &review.event)?)
            .expression_attribute_values(":opened_at", attribute("journal", review.opened_at)?)
            .expression_attribute_values(
                ":config_version",
                attribute("journal", review.config_version)?,
            )
            .expression_attribute_values(":state", attribute("journal", &review.state)?)
            .expression_attribute_values(":is_in", text(review.state.name()));
        built(update.build())
    }

    /// Everything in this place of the index `by-state`.
    pub(super) async fn journal_in<T: DeserializeOwned>(
        &self,
        is_in: &str,
    ) -> Result<Vec<T>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.journal()?)
            .index_name("by-state")
            .key_condition_expression("is_in = :is_in")
            .expression_attribute_values(":is_in", text(is_in));
        let mut items = query.into_paginator().items().send();
        let mut records = Vec::new();
        while let Some(item) = items.next().await {
            records.push(decode("journal", item.map_err(store_error)?)?);
        }
        Ok(records)
    }

    pub(super) async fn journal_item(&self, id: &str) -> Result<Option<Item>, StoreError> {
        self.one_item(self.journal()?, "id", id).await
    }
}
