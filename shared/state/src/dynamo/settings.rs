//! The configuration's versions in DynamoDB: one item each, and one that points to the current.

use super::Store;
use super::item::{Item, decode, encode, number, text};
use super::request::{is_refused, store_error};
use crate::{ConfigVersion, Settings, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Deserialize;

const DOCUMENT: &str = "config";
const POINTER: &str = "current";

#[derive(Deserialize)]
struct Pointer {
    points_to: u64,
}

impl Settings for Store {
    async fn current_version(&self) -> Result<Option<u64>, StoreError> {
        let item = self.setting(POINTER, 0).await?;
        let pointer = item.map(|item| decode::<Pointer>("settings", item)).transpose()?;
        Ok(pointer.map(|pointer| pointer.points_to))
    }

    async fn config(&self, version: u64) -> Result<Option<ConfigVersion>, StoreError> {
        let item = self.setting(DOCUMENT, version).await?;
        item.map(|item| decode("settings", item)).transpose()
    }
}

impl Store {
    async fn setting(&self, name: &str, version: u64) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.settings()?)
            .key("name", text(name))
            .key("version", number(version))
            .consistent_read(true)
            .send()
            .await
            .map_err(store_error)?;
        Ok(answer.item)
    }

    /// Stores a document as the next version. It is not in force until [`Store::point_to`].
    pub async fn add_config(
        &self,
        text: &str,
        applied_by: &str,
        applied_at: Timestamp,
    ) -> Result<ConfigVersion, StoreError> {
        let mut version = self.config_history(1).await?.first().map_or(0, |last| last.version) + 1;
        loop {
            let next = ConfigVersion {
                version,
                text: text.to_owned(),
                applied_at,
                applied_by: applied_by.to_owned(),
            };
            let mut item = encode("settings", &next)?;
            item.insert("name".into(), AttributeValue::S(DOCUMENT.into()));
            let put = self
                .client
                .put_item()
                .table_name(self.settings()?)
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(version)")
                .send()
                .await;
            match put {
                Ok(_) => return Ok(next),
                Err(error) if is_refused(&error) => version += 1,
                Err(error) => return Err(store_error(error)),
            }
        }
    }

    /// Puts a stored version in force.
    pub async fn point_to(&self, version: u64) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(self.settings()?)
            .item("name", text(POINTER))
            .item("version", number(0))
            .item("points_to", number(version))
            .send()
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// The newest versions, newest first.
    pub async fn config_history(&self, most: i32) -> Result<Vec<ConfigVersion>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(self.settings()?)
            .key_condition_expression("#name = :document")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":document", text(DOCUMENT))
            .scan_index_forward(false)
            .limit(most)
            .consistent_read(true)
            .send()
            .await
            .map_err(store_error)?;
        answer.items.unwrap_or_default().into_iter().map(|i| decode("settings", i)).collect()
    }
}
