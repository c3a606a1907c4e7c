//! What one effect changes of a CRM record's fields and tags.

use crm::{ContactId, Fields, Tags};
use domain::{CrmLink, Dated, Effect};
use jiff::{SignedDuration, Timestamp};
use rules::{Flow, SyncPolicy};
use runtime::StepFailure;
use serde_json::Value;
use state::{Part, Replica, ReplicaKey, Replicas, Wanted};
use std::collections::BTreeMap;

/// How often a lost race is run again: a batch may be writing to the same record.
const RACES: usize = 5;

/// What an effect left for the next batch.
const BATCHED: &str = "batched";
/// What an effect found as it was to be, or newer.
const UNCHANGED: &str = "unchanged";

pub(crate) struct Replicator<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) link: CrmLink,
    pub(crate) effect: &'a Effect,
    pub(crate) now: Timestamp,
}

impl<S: Replicas> Replicator<'_, S> {
    /// Sets what the CRM lacks of these fields, at once or with the next batch, as the
    /// configuration says for each. Returns the receipt.
    pub(crate) async fn fields(
        &self,
        connector: &impl Fields,
        sync: &SyncPolicy,
        values: &BTreeMap<String, Value>,
        at: Timestamp,
    ) -> Result<String, StepFailure> {
        let (mut missing, mut batched) = (BTreeMap::new(), false);
        for (field, value) in values {
            let due = match sync.of_crm_field(field) {
                Flow::Realtime => None,
                Flow::Batch(period) => Some(self.in_a(period.into())),
                // It was decided under another configuration.
                Flow::Never => continue,
            };
            let wanted = self.want(Part::Field(field), value.clone(), at, due).await?;
            match (wanted, due) {
                (Wanted::Missing, Some(_)) => batched = true,
                (Wanted::Missing, None) => drop(missing.insert(field.clone(), value.clone())),
                (Wanted::Held | Wanted::Stale, _) => {}
            }
        }
        if missing.is_empty() {
            return Ok(if batched { BATCHED } else { UNCHANGED }.to_owned());
        }
        connector.set_fields(&ContactId::new(&self.link.id), &missing).await?;
        for (field, value) in missing {
            let key = ReplicaKey::new(&self.link, Part::Field(&field));
            given(self.store, &key, &value, self.now).await?;
        }
        Ok(self.link.id.clone())
    }

    /// Takes in what the CRM itself said of these fields.
    pub(crate) async fn told(
        &self,
        values: &BTreeMap<String, Value>,
        at: Timestamp,
    ) -> Result<String, StepFailure> {
        for (field, value) in values {
            let value = self.dated(value.clone(), at);
            self.change(Part::Field(field), &value, |replica| replica.told(value.clone())).await?;
        }
        Ok(UNCHANGED.to_owned())
    }

    /// Puts on and takes off these tags, at once or with the next batch. What a later decision
    /// has changed meanwhile stays as it is: a change that had to wait may come after it. Returns
    /// the receipt.
    pub(crate) async fn tags(
        &self,
        connector: &impl Tags,
        flow: Flow,
        add: &[String],
        remove: &[String],
    ) -> Result<String, StepFailure> {
        let due = match flow {
            Flow::Batch(period) => Some(self.in_a(period.into())),
            Flow::Realtime | Flow::Never => None,
        };
        let (mut on, mut off, mut missing) = (Vec::new(), Vec::new(), false);
        // A tag that is named in both is taken off.
        let changes = add.iter().filter(|tag| !remove.contains(tag)).map(|tag| (tag, true));
        for (tag, borne) in changes.chain(remove.iter().map(|tag| (tag, false))) {
            // A tag follows from all that is known, so the later decision is the newer one.
            let at = self.effect.decided_at;
            match self.want(Part::Tag(tag), borne.into(), at, due).await? {
                Wanted::Stale => continue,
                Wanted::Missing => missing = true,
                // People change tags too: what is asked for is seen to.
                Wanted::Held => {}
            }
            if borne { &mut on } else { &mut off }.push(tag.clone());
        }
        if due.is_some() {
            return Ok(if missing { BATCHED } else { UNCHANGED }.to_owned());
        }
        if on.is_empty() && off.is_empty() {
            return Ok(UNCHANGED.to_owned());
        }
        connector.tag(&ContactId::new(&self.link.id), &on, &off).await?;
        let done = on.iter().map(|tag| (tag, true)).chain(off.iter().map(|tag| (tag, false)));
        for (tag, borne) in done {
            let key = ReplicaKey::new(&self.link, Part::Tag(tag));
            given(self.store, &key, &borne.into(), self.now).await?;
        }
        Ok(self.link.id.clone())
    }

    async fn want(
        &self,
        part: Part<'_>,
        value: Value,
        at: Timestamp,
        due: Option<Timestamp>,
    ) -> Result<Wanted, StepFailure> {
        let value = self.dated(value, at);
        self.change(part, &value, |replica| replica.want(value.clone(), due)).await
    }

    async fn change<T>(
        &self,
        part: Part<'_>,
        value: &Dated<Value>,
        change: impl Fn(&mut Replica) -> T,
    ) -> Result<T, StepFailure> {
        let key = ReplicaKey::new(&self.link, part);
        for _ in 0..RACES {
            let read = self.store.replica(&key).await?;
            let customer = || self.effect.customer.clone();
            let mut replica = read
                .clone()
                .unwrap_or_else(|| Replica::new(key.clone(), customer(), value.clone()));
            let outcome = change(&mut replica);
            if read.as_ref() == Some(&replica) {
                return Ok(outcome);
            }
            replica.version += 1;
            if self.store.put_replica(&replica).await? {
                return Ok(outcome);
            }
        }
        Err(contended())
    }

    fn dated(&self, value: Value, at: Timestamp) -> Dated<Value> {
        Dated { value, at, source: String::new(), by: self.effect.event.clone() }
    }

    fn in_a(&self, period: SignedDuration) -> Timestamp {
        self.now.checked_add(period).unwrap_or(Timestamp::MAX)
    }
}

/// Takes in that the CRM was given a value. A record that was erased meanwhile stays so.
pub(crate) async fn given(
    store: &impl Replicas,
    key: &ReplicaKey,
    value: &Value,
    now: Timestamp,
) -> Result<(), StepFailure> {
    for _ in 0..RACES {
        let Some(mut replica) = store.replica(key).await? else { return Ok(()) };
        replica.given(value.clone(), now);
        replica.version += 1;
        if store.put_replica(&replica).await? {
            return Ok(());
        }
    }
    Err(contended())
}

fn contended() -> StepFailure {
    StepFailure::retry("replica_contended", "other writers keep changing this record")
}
