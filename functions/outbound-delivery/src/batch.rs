//! The changes to CRM records that go out together.

use crate::replicate::given;
use crm::{Batch, ContactId, CrmError, FieldChange, Tags};
use domain::{Class, Disposition, Fault, Reason, Step};
use jiff::Timestamp;
use runtime::{Metric, StepFailure, count};
use serde_json::Value;
use state::{Part, Replica, ReplicaKey, Replicas};
use std::collections::BTreeMap;
use tracing::{info, warn};

/// What a batch came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flushed {
    /// Fields and tags that the CRM was given.
    pub written: usize,
    /// Those that it refused: they are offered again later.
    pub refused: usize,
}

pub(crate) struct Flush<'a, S, C> {
    pub(crate) store: &'a S,
    pub(crate) connector: &'a C,
    pub(crate) crm: &'static str,
    pub(crate) now: Timestamp,
}

/// One record's fields.
type Row = BTreeMap<String, Replica>;

impl<S: Replicas, C: Batch + Tags> Flush<'_, S, C> {
    /// Gives the CRM what is due. A record that it refuses harms no other; what keeps it from
    /// serving any ends the batch, and leaves the rest for the next.
    pub(crate) async fn run(&self, keys: &[ReplicaKey]) -> Result<Flushed, StepFailure> {
        let mut flushed = Flushed::default();
        let mut fields: BTreeMap<ContactId, Row> = BTreeMap::new();
        let mut tags: BTreeMap<ContactId, Vec<Replica>> = BTreeMap::new();
        for key in keys {
            let Some(replica) = self.due(key).await? else { continue };
            match (key.contact(self.crm).map(ContactId::new), key.part()) {
                (Some(contact), Some(Part::Field(name))) => {
                    fields.entry(contact).or_default().insert(name.to_owned(), replica);
                }
                (Some(contact), Some(Part::Tag(_))) => {
                    tags.entry(contact).or_default().push(replica);
                }
                (None, _) | (_, None) => {
                    self.refuse(&replica, Class::Data, gone(), &mut flushed).await?;
                }
            }
        }
        for rows in alike(fields) {
            for rows in rows.chunks(self.connector.most().max(1)) {
                self.set(rows, &mut flushed).await?;
            }
        }
        for (contact, replicas) in &tags {
            self.tag(contact, replicas, &mut flushed).await?;
        }
        let Flushed { written, refused } = flushed;
        info!(written, refused, "a batch went out");
        Ok(flushed)
    }

    /// The replica, if it still has something to say.
    async fn due(&self, key: &ReplicaKey) -> Result<Option<Replica>, StepFailure> {
        let replica = self.store.replica(key).await?;
        Ok(replica.filter(|replica| replica.due.is_some_and(|due| due <= self.now)))
    }

    async fn set(
        &self,
        rows: &[(ContactId, Row)],
        flushed: &mut Flushed,
    ) -> Result<(), StepFailure> {
        if let [(contact, row)] = rows {
            return self.set_one(contact, row, flushed).await;
        }
        let changes: Vec<_> = rows.iter().map(change).collect();
        match self.connector.set_all(&changes).await {
            Ok(()) => {
                for replica in rows.iter().flat_map(|(_, row)| row.values()) {
                    self.settle(replica, flushed).await?;
                }
                Ok(())
            }
            Err(error) if concerns_records(&error) => {
                for (contact, row) in rows {
                    self.set_one(contact, row, flushed).await?;
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Sets a record's fields together, or each by itself where the CRM refuses them together.
    async fn set_one(
        &self,
        contact: &ContactId,
        row: &Row,
        flushed: &mut Flushed,
    ) -> Result<(), StepFailure> {
        match self.connector.set_fields(contact, &values(row)).await {
            Ok(()) => {
                for replica in row.values() {
                    self.settle(replica, flushed).await?;
                }
                return Ok(());
            }
            Err(error) if concerns_records(&error) => {
                if let (1, Some(replica)) = (row.len(), row.values().next()) {
                    return self.refuse(replica, error.class(), error.reason(), flushed).await;
                }
            }
            Err(error) => return Err(error.into()),
        }
        for (name, replica) in row {
            let value = BTreeMap::from([(name.clone(), replica.wanted.value.clone())]);
            match self.connector.set_fields(contact, &value).await {
                Ok(()) => self.settle(replica, flushed).await?,
                Err(error) if concerns_records(&error) => {
                    self.refuse(replica, error.class(), error.reason(), flushed).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn tag(
        &self,
        contact: &ContactId,
        replicas: &[Replica],
        flushed: &mut Flushed,
    ) -> Result<(), StepFailure> {
        let named = |borne: bool| -> Vec<String> {
            let alike = replicas.iter().filter(|it| it.wanted.value == Value::Bool(borne));
            let names = alike.filter_map(|replica| match replica.key.part()? {
                Part::Tag(name) => Some(name.to_owned()),
                Part::Field(_) => None,
            });
            names.collect()
        };
        let outcome = self.connector.tag(contact, &named(true), &named(false)).await;
        for replica in replicas {
            match &outcome {
                Ok(()) => self.settle(replica, flushed).await?,
                Err(error) if concerns_records(error) => {
                    self.refuse(replica, error.class(), error.reason(), flushed).await?;
                }
                Err(_) => {}
            }
        }
        match outcome {
            Err(error) if !concerns_records(&error) => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn settle(&self, replica: &Replica, flushed: &mut Flushed) -> Result<(), StepFailure> {
        given(self.store, &replica.key, &replica.wanted.value, self.now).await?;
        flushed.written += 1;
        Ok(())
    }

    /// Puts it off. A newer value that came meanwhile stays due.
    async fn refuse(
        &self,
        replica: &Replica,
        class: Class,
        reason: Reason,
        flushed: &mut Flushed,
    ) -> Result<(), StepFailure> {
        count(Metric::Failed(Step::OutboundDelivery, class), 1);
        warn!(
            event = replica.wanted.by.as_str(),
            customer = replica.customer.as_str(),
            code = reason.code,
            detail = reason.detail,
            "a batched change is refused"
        );
        let mut after = replica.clone();
        after.refuse(reason, self.now);
        after.version += 1;
        self.store.put_replica(&after).await?;
        flushed.refused += 1;
        Ok(())
    }
}

/// Whether the error is about what was sent, and not about the CRM as a whole.
fn concerns_records(error: &CrmError) -> bool {
    error.disposition() == Disposition::Park || matches!(error, CrmError::Broken { .. })
}

/// The records by which of their fields change: the same for each within a batch. Those of the
/// newest values come last, and count where two records turn out to be one.
fn alike(fields: BTreeMap<ContactId, Row>) -> Vec<Vec<(ContactId, Row)>> {
    let mut alike: BTreeMap<Vec<String>, Vec<(ContactId, Row)>> = BTreeMap::new();
    for (contact, row) in fields {
        alike.entry(row.keys().cloned().collect()).or_default().push((contact, row));
    }
    let newest = |row: &Row| row.values().map(|replica| replica.wanted.at).max();
    let mut alike: Vec<_> = alike.into_values().collect();
    for rows in &mut alike {
        rows.sort_by_key(|(_, row)| newest(row));
    }
    alike
}

fn values(row: &Row) -> BTreeMap<String, Value> {
    row.iter().map(|(name, replica)| (name.clone(), replica.wanted.value.clone())).collect()
}

fn change((contact, row): &(ContactId, Row)) -> FieldChange {
    FieldChange { contact: contact.clone(), values: values(row) }
}

fn gone() -> Reason {
    Reason {
        code: "crm_replaced".into(),
        detail: "the configuration names another CRM than the record's".into(),
    }
}
