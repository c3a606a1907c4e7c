//! Everything that the state tells about one event, without the words that it carries.

use super::decision::Decision;
use super::judged::{Judged, judged};
use crate::clock;
use crate::failures::Backlog;
use crate::trouble::Trouble;
use domain::{
    Checks, Classification, CustomerId, Effect, EffectKey, EventId, EventKind, FailureRecord,
    FailureState, Refusal, RuleRef, TagChange,
};
use jiff::Timestamp;
use rules::Disclosure;
use serde::Serialize;
use state::{
    Customers, EffectRecord, EventRecord, Histories, Journal, Recent, Settings, Stage, Timeline,
    TimelineEntry,
};

/// An event: as the ledger knows it, and as the failure records do that hold its messages.
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
    store: &(impl Backlog + Customers + Histories + Journal + Recent + Settings + Timeline),
    id: &EventId,
    handles: bool,
) -> Result<Explained, Trouble> {
    let failures = kept_failures(store, id).await?;
    let known = match store.events(std::slice::from_ref(id)).await?.pop() {
        Some(record) => Some(known(store, record, handles).await?),
        None if failures.is_empty() => return Err(unknown(id)),
        None => None,
    };
    Ok(Explained { event: id.clone(), known, failures })
}

/// The failures about an event, those that went back to their queues as well.
pub(super) async fn failures_of(
    store: &impl Backlog,
    id: &EventId,
) -> Result<Vec<FailureRecord>, Trouble> {
    let mut failures = kept_failures(store, id).await?;
    let redriven = store.records("redriven").await?.into_iter();
    failures.extend(redriven.filter(|failure| failure.about.event.as_ref() == Some(id)));
    Ok(failures)
}

/// The failures about an event whose messages are in their records alone, those that a person
/// dismissed as well.
async fn kept_failures(store: &impl Backlog, id: &EventId) -> Result<Vec<FailureRecord>, Trouble> {
    let mut failures = Vec::new();
    for state in FailureState::KEPT {
        failures.extend(store.records(state).await?);
    }
    failures.retain(|failure| failure.about.event.as_ref() == Some(id));
    Ok(failures)
}

/// What a person dismissed of an event: all that its effects were to be, or one of them.
pub(super) struct Dismissals<'f>(&'f [FailureRecord]);

impl<'f> Dismissals<'f> {
    /// Those among the failures about one event.
    pub(super) fn among(failures: &'f [FailureRecord]) -> Self {
        Self(failures)
    }

    /// Whether the event goes no further.
    pub(super) fn event(&self) -> bool {
        self.dismissed().any(|failure| failure.about.effect.is_none())
    }

    /// Whether the effect is not to be done.
    pub(super) fn effect(&self, key: &EffectKey) -> bool {
        self.event() || self.dismissed().any(|failure| failure.about.effect.as_ref() == Some(key))
    }

    fn dismissed(&self) -> impl Iterator<Item = &'f FailureRecord> {
        self.0.iter().filter(|failure| match failure.state {
            FailureState::Dismissed { .. } => true,
            FailureState::Waiting { .. }
            | FailureState::Redriven { .. }
            | FailureState::Held { .. }
            | FailureState::Behind { .. }
            | FailureState::Parked { .. } => false,
        })
    }
}

/// Nothing is known of the event.
pub(super) fn unknown(id: &EventId) -> Trouble {
    Trouble::Missing {
        what: format!("event {id} in the ledger or among the failures"),
        remedy: "It may still be in the first two queues: omnicord audit counts them",
    }
}

async fn known(
    store: &(impl Customers + Histories + Journal + Recent + Settings + Timeline),
    record: EventRecord,
    handles: bool,
) -> Result<Known, Trouble> {
    let disclosure = if handles { Disclosure::Plain } else { Disclosure::Masked };
    let (mut rules, mut told) = (None, None);
    if let Some(found) = store.entry(&record).await? {
        rules = Some(judged(store, &record, &found, clock::now(), disclosure).await?);
        told = Some(entry(store, found, handles).await?);
    }
    let customer = store.group(&record.customer).await?.map(|group| group.root.id);
    let keys: Vec<_> = record.effects.iter().map(|effect| effect.key.clone()).collect();
    let tried = store.effects(&keys).await?;
    let effects = record.effects.into_iter().map(|effect| {
        let delivery = tried.iter().find(|tried| tried.id == effect.key).cloned();
        issued(effect, delivery)
    });
    let effects = effects.collect();
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
    store: &(impl Journal + Settings),
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
