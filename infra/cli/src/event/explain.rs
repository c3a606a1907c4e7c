//! Everything that the state tells about one event, without the words that it carries.

use super::decision::Decision;
use super::judged::{Judged, judged};
use crate::clock;
use crate::trouble::Trouble;
use domain::{
    Checks, Classification, CustomerId, Effect, EffectKey, EventId, EventKind, FailureRecord,
    FailureState, Refusal, RuleRef, TagChange,
};
use jiff::Timestamp;
use rules::Disclosure;
use serde::Serialize;
use state::dynamo::Store;
use state::{Customers, EffectRecord, EventRecord, Stage, Timeline, TimelineEntry};

/// An event: as the ledger knows it, and as open failure records do.
#[derive(Serialize)]
pub(super) struct Explained {
    pub(super) event: EventId,
    #[serde(flatten)]
    pub(super) known: Option<Known>,
    pub(super) failures: Vec<FailureRecord>,
}

/// What the ledger knows.
#[derive(Serialize)]
pub(super) struct Known {
    pub(super) source: String,
    pub(super) kind: EventKind,
    /// The profile that the event belongs to.
    pub(super) profile: CustomerId,
    /// The customer to whom that profile belongs today; none where it was erased.
    pub(super) customer: Option<CustomerId>,
    pub(super) stage: Stage,
    pub(super) received_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) applied_at: Option<Timestamp>,
    #[serde(flatten)]
    pub(super) entry: Option<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rules: Option<Judged>,
    pub(super) effects: Vec<Issued>,
    pub(super) refusals: Vec<Refusal>,
}

/// What the timeline adds.
#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) topic: String,
    pub(super) occurred_at: Timestamp,
    #[serde(rename = "match")]
    pub(super) decision: Decision,
    /// What the validation rules made of it.
    #[serde(skip_serializing_if = "Checks::is_empty")]
    pub(super) checks: Checks,
    pub(super) classification: Classification,
    pub(super) tags: Vec<TagChange>,
}

/// An effect, decided and perhaps done.
#[derive(Serialize)]
pub(super) struct Issued {
    pub(super) key: EffectKey,
    pub(super) action: &'static str,
    pub(super) rule: RuleRef,
    pub(super) decided_at: Timestamp,
    pub(super) destination: String,
    pub(super) delivery: Option<EffectRecord>,
}

pub(super) async fn explain(
    store: &Store,
    id: &EventId,
    handles: bool,
) -> Result<Explained, Trouble> {
    let failures = open_failures(store, id).await?;
    let known = match store.event(id).await? {
        Some(record) => Some(known(store, record, handles).await?),
        None if failures.is_empty() => return Err(unknown(id)),
        None => None,
    };
    Ok(Explained { event: id.clone(), known, failures })
}

/// The failures about an event, those that went back to their queues as well.
pub(super) async fn failures_of(
    store: &Store,
    id: &EventId,
) -> Result<Vec<FailureRecord>, Trouble> {
    let mut failures = open_failures(store, id).await?;
    let redriven = store.failure_records("redriven").await?.into_iter();
    failures.extend(redriven.filter(|failure| failure.about.event.as_ref() == Some(id)));
    Ok(failures)
}

/// The failures about an event that are parked or wait.
async fn open_failures(store: &Store, id: &EventId) -> Result<Vec<FailureRecord>, Trouble> {
    let mut failures = Vec::new();
    for state in FailureState::OPEN {
        failures.extend(store.failure_records(state).await?);
    }
    failures.retain(|failure| failure.about.event.as_ref() == Some(id));
    Ok(failures)
}

/// Nothing is known of the event.
pub(super) fn unknown(id: &EventId) -> Trouble {
    Trouble::Missing {
        what: format!("event {id} in the ledger or among the open failures"),
        remedy: "It may still be in the first two queues: omnicord audit counts them",
    }
}

async fn known(store: &Store, record: EventRecord, handles: bool) -> Result<Known, Trouble> {
    let disclosure = if handles { Disclosure::Plain } else { Disclosure::Masked };
    let (mut rules, mut told) = (None, None);
    if let Some(found) = store.entry(&record).await? {
        rules = Some(judged(store, &record, &found, clock::now(), disclosure).await?);
        told = Some(entry(store, found, handles).await?);
    }
    let customer = store.group(&record.customer).await?.map(|group| group.root.id);
    let mut effects = Vec::new();
    for effect in record.effects {
        let delivery = store.effect(&effect.key).await?;
        effects.push(issued(effect, delivery));
    }
    Ok(Known {
        source: record.source,
        kind: record.kind,
        profile: record.customer,
        customer,
        stage: record.stage,
        received_at: record.received_at,
        applied_at: record.applied_at,
        entry: told,
        rules,
        effects,
        refusals: record.refusals,
    })
}

async fn entry(
    store: &Store,
    TimelineEntry { decision, tagged, .. }: TimelineEntry,
    handles: bool,
) -> Result<Entry, Trouble> {
    Ok(Entry {
        checks: tagged.event.checks,
        topic: tagged.event.topic,
        occurred_at: tagged.event.occurred_at,
        decision: Decision::read(store, decision, handles).await?,
        classification: tagged.classification,
        tags: tagged.tags,
    })
}

fn issued(effect: Effect, delivery: Option<EffectRecord>) -> Issued {
    Issued {
        action: effect.action.name(),
        destination: effect.action.destination(),
        key: effect.key,
        rule: effect.rule,
        decided_at: effect.decided_at,
        delivery,
    }
}
