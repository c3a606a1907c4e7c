//! Firings of limited rules in DynamoDB.

use super::Store;
use super::item::{Item, decode, encode, number, text};
use super::ledger::{DECIDED, UNDECIDED, decided};
use super::request::{built, lost_the_race, store_error};
use crate::{Dispatch, Dispatched, Firings, Stage, StoreError};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use domain::{CustomerId, EventId};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Store {
    /// One read for each profile; a customer is one profile, as a rule.
    pub(super) async fn firings_of(
        &self,
        profiles: &BTreeSet<CustomerId>,
    ) -> Result<Vec<Firings>, StoreError> {
        let mut known = Vec::new();
        for profile in profiles {
            if let Some(item) = self.one_item(self.ledger()?, "id", &key(profile)).await? {
                known.push(decode("ledger", item)?);
            }
        }
        Ok(known)
    }

    /// Records a decision with the firings that it adds, both or neither.
    pub(super) async fn dispatch_limited(
        &self,
        event: &EventId,
        decision: &Dispatch,
        firings: &Firings,
        at: Timestamp,
    ) -> Result<Dispatched, StoreError> {
        let update = Update::builder()
            .table_name(self.ledger()?)
            .key("id", text(event.as_str()))
            .update_expression(DECIDED)
            .condition_expression(UNDECIDED)
            .set_expression_attribute_values(Some(decided(decision, at)?));
        let written = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().update(built(update.build())?).build())
            .transact_items(put(self.ledger()?, firings)?)
            .send()
            .await;
        match written {
            Ok(_) => Ok(Dispatched { effects: decision.effects.clone(), first: true }),
            Err(error) if lost_the_race(&error) => match self.event(event).await? {
                Some(record) if record.stage == Stage::Applied => {
                    Ok(Dispatched { effects: record.effects, first: false })
                }
                Some(_) | None => Err(store_error(error)),
            },
            Err(error) => Err(store_error(error)),
        }
    }

    /// Forgets what fired for a profile that goes.
    pub(super) fn firings_delete(
        &self,
        profile: &CustomerId,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(self.ledger()?).key("id", text(key(profile)));
        Ok(TransactWriteItem::builder().delete(built(delete.build())?).build())
    }
}

/// The firings, if nobody wrote them since they were read.
pub(super) fn put(ledger: &str, firings: &Firings) -> Result<TransactWriteItem, StoreError> {
    let put = Put::builder()
        .table_name(ledger)
        .set_item(Some(item(firings)?))
        .condition_expression("attribute_not_exists(id) OR version = :read")
        .expression_attribute_values(":read", number(firings.version - 1));
    Ok(TransactWriteItem::builder().put(built(put.build())?).build())
}

/// No event's and no effect's id looks like it.
fn key(profile: &CustomerId) -> String {
    format!("fired#{profile}")
}

fn item(firings: &Firings) -> Result<Item, StoreError> {
    let mut item: Item = encode("ledger", firings)?;
    item.insert("id".into(), text(key(&firings.profile)));
    item.insert("of".into(), text("firings"));
    let forgotten = firings.forget_at.as_second().try_into().unwrap_or_default();
    item.insert("expires_at".into(), number(forgotten));
    Ok(item)
}
