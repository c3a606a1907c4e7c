//! Hints in DynamoDB: one item for each profile.

use super::Store;
use super::item::{attribute, decode, number, text};
use super::request::{is_refused, store_error};
use crate::{Hint, HintList, Hints, StoreError};
use domain::CustomerId;
use jiff::Timestamp;
use serde::Deserialize;

/// How often a lost race is run again.
const RACES: usize = 5;

#[derive(Deserialize, Default)]
struct Stored {
    version: u64,
    hints: HintList,
}

impl Hints for Store {
    async fn leave_hint(
        &self,
        profile: &CustomerId,
        hint: &Hint,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for _ in 0..RACES {
            let Stored { version, hints } = self.stored_hints(profile).await?;
            let hints = hints.with(hint.clone(), now);
            let until = hints.until().unwrap_or(now).as_second();
            let put = self
                .client
                .put_item()
                .table_name(self.hint_table()?)
                .item("customer", text(profile.as_str()))
                .item("hints", attribute("hints", &hints)?)
                .item("version", number(version + 1))
                .item("expires_at", number(until.try_into().unwrap_or_default()))
                .condition_expression("attribute_not_exists(customer) OR version = :read")
                .expression_attribute_values(":read", number(version));
            match put.send().await {
                Ok(_) => return Ok(()),
                Err(error) if is_refused(&error) => {}
                Err(error) => return Err(store_error(error)),
            }
        }
        let source = "other workers keep leaving hints about this customer".into();
        Err(StoreError::Unavailable { code: "contended".into(), source })
    }

    async fn hints(&self, profile: &CustomerId) -> Result<HintList, StoreError> {
        Ok(self.stored_hints(profile).await?.hints)
    }
}

impl Store {
    async fn stored_hints(&self, profile: &CustomerId) -> Result<Stored, StoreError> {
        let read = self
            .client
            .get_item()
            .table_name(self.hint_table()?)
            .key("customer", text(profile.as_str()))
            .consistent_read(true)
            .send()
            .await
            .map_err(store_error)?;
        read.item.map_or(Ok(Stored::default()), |item| decode("hints", item))
    }
}
