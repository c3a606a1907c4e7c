//! Replicas in DynamoDB: one item each, in the index `by-due` while it waits for a batch.

use super::Store;
use super::item::{Item, decode, encode, number, text};
use super::ledger::instant;
use super::request::{is_refused, store_error};
use crate::{Replica, ReplicaKey, Replicas, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Deserialize;

/// The one partition of the index.
const WAITING: &str = "waiting";

impl Replicas for Store {
    async fn replica(&self, key: &ReplicaKey) -> Result<Option<Replica>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.replicas()?)
            .key("record", text(&key.record))
            .key("part", text(&key.part))
            .consistent_read(true)
            .send()
            .await
            .map_err(store_error)?;
        answer.item.map(|item| decode("replicas", item)).transpose()
    }

    async fn put_replica(&self, after: &Replica) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(self.replicas()?)
            .set_item(Some(replica_item(after)?));
        let put = match after.version.saturating_sub(1) {
            0 => put.condition_expression("attribute_not_exists(part)"),
            read => put
                .condition_expression("#version = :read")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":read", number(read)),
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn due_replicas(&self, now: Timestamp, most: u32) -> Result<Vec<ReplicaKey>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(self.replicas()?)
            .index_name("by-due")
            .key_condition_expression("is_in = :waiting AND due_at <= :now")
            .expression_attribute_values(":waiting", text(WAITING))
            .expression_attribute_values(":now", text(instant(now)))
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(store_error)?;
        let items = answer.items.unwrap_or_default();
        items.into_iter().map(|item| decode("replicas", item)).collect()
    }

    async fn replicas_of(&self, record: &str) -> Result<Vec<ReplicaKey>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.replicas()?)
            .key_condition_expression("#record = :record")
            .expression_attribute_names("#record", "record")
            .expression_attribute_values(":record", text(record))
            .consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut keys = Vec::new();
        while let Some(item) = items.next().await {
            keys.push(decode("replicas", item.map_err(store_error)?)?);
        }
        Ok(keys)
    }
}

/// A replica that waits for a batch, as the index knows it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct WaitingReplica {
    /// Which.
    #[serde(flatten)]
    pub key: ReplicaKey,
    /// From when on a batch takes it along.
    pub due_at: Timestamp,
    /// Why the CRM refused its value, where it did: a code.
    #[serde(default)]
    pub refusal: Option<String>,
}

impl Store {
    /// Shows every replica that waits for a batch to `visit`, the longest due first.
    pub async fn visit_waiting_replicas(
        &self,
        mut visit: impl FnMut(WaitingReplica),
    ) -> Result<(), StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.replicas()?)
            .index_name("by-due")
            .key_condition_expression("is_in = :waiting")
            .expression_attribute_values(":waiting", text(WAITING));
        let mut items = query.into_paginator().items().send();
        while let Some(item) = items.next().await {
            visit(decode("replicas", item.map_err(store_error)?)?);
        }
        Ok(())
    }
}

fn replica_item(replica: &Replica) -> Result<Item, StoreError> {
    let mut item = encode("replicas", replica)?;
    if let Some(due) = replica.due {
        item.insert("is_in".into(), text(WAITING));
        item.insert("due_at".into(), text(instant(due)));
    }
    if let Some(refused) = &replica.refused {
        item.insert("refusal".into(), AttributeValue::S(refused.reason.code.clone()));
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Part;
    use domain::{CrmLink, CustomerId, Dated, EventId, Reason};
    use serde_json::json;

    #[test]
    fn a_replica_survives_storage_and_only_a_waiting_one_is_in_the_index() {
        let link = CrmLink { crm: "tryton".into(), id: "4".into() };
        let key = ReplicaKey::new(&link, Part::Field("score"));
        let at = "2026-11-22T08:00:00.5Z".parse().unwrap();
        let by = EventId::new("shop", "1");
        let wanted = Dated { value: json!(7.5), at, source: "shop".into(), by };
        let mut replica = Replica::new(key.clone(), CustomerId::new("a"), wanted.clone());
        let stored = |replica: &Replica| replica_item(replica).unwrap();
        assert!(!stored(&replica).contains_key("is_in"));
        assert_eq!(decode::<Replica>("replicas", stored(&replica)).unwrap(), replica);
        replica.want(wanted, Some(at));
        replica.refuse(Reason { code: "crm_refused".into(), detail: "no".into() }, at);
        assert_eq!(decode::<Replica>("replicas", stored(&replica)).unwrap(), replica);
        let waiting: WaitingReplica = decode("replicas", stored(&replica)).unwrap();
        assert_eq!((waiting.key, waiting.refusal.as_deref()), (key, Some("crm_refused")));
        assert_eq!(Some(waiting.due_at), replica.due);
        replica.given(json!(7.5), at);
        assert!(!stored(&replica).contains_key("due_at"));
    }
}
