//! An event's way through all steps.

mod show;

use super::explain::{Dismissals, unknown};
use crate::trouble::Trouble;
use domain::{
    CustomerId, Effect, EffectKey, EventId, FailureRecord, FailureState, MatchOutcome,
    REPAIRED_FROM, Reason, ReplayId, Replayed, Step, TagChange, Withheld,
};
use jiff::Timestamp;
use serde::Serialize;
use state::{EffectRecord, EffectState, EventRecord, Histories, Timeline, TimelineEntry};

/// The way so far.
#[derive(Serialize)]
pub(super) struct Trace {
    event: EventId,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Its kind and topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<CustomerId>,
    stations: Vec<Station>,
}

/// One thing that happened to the event.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Station {
    /// When; absent where no time of it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    /// The step that did it; absent for what the source says itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<Step>,
    #[serde(flatten)]
    happened: Happened,
}

/// What happened.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Happened {
    /// At the customer's, as the source tells.
    Occurred,
    /// Verified and put into the first queue, which is one thing.
    Received,
    /// It did not arrive: a comparison with its source found it there, and put it into the queue.
    Repaired { from: String },
    /// Its customer was found.
    Matched { outcome: MatchOutcome },
    /// Validation rules put fields right, or flagged it.
    Checked { repaired: Vec<String>, flagged: Vec<String> },
    /// It is in the customer's history.
    Tagged { set: Vec<String>, taken_off: Vec<String> },
    /// A replay applied it once more.
    Replayed { replay: ReplayId, effects: bool, set: Vec<String>, taken_off: Vec<String> },
    /// The rules were looked at.
    Decided { effects: usize, refusals: usize },
    /// A rule was held back.
    Refused { rule: String, action: Option<String>, reason: Reason },
    /// An effect was tried.
    Tried {
        effect: EffectKey,
        action: &'static str,
        destination: String,
        outcome: String,
        status: Option<u16>,
        took_ms: u64,
    },
    /// How far an effect is.
    Effect {
        effect: EffectKey,
        action: &'static str,
        destination: String,
        rule: String,
        stands: Stands,
    },
    /// A step gave the message up for the time being.
    Failed { reason: Reason },
    /// What becomes of a message that failed.
    Open { failure: domain::FailureId, state: FailureState },
}

/// How far an effect is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Stands {
    /// It waits for its first try, perhaps until a time.
    Waiting(Option<Timestamp>),
    /// A worker has it until then at most.
    Running(Timestamp),
    /// It failed cleanly, and is to be tried again.
    Released,
    /// A person decided that it is not to be done.
    Dismissed,
    /// It is not done, and never will be: the customer does not want it.
    Withheld(Withheld),
    /// It is done.
    Done,
}

/// Reads an event's way; `failures` are those about it.
pub(super) async fn trace(
    store: &(impl Histories + Timeline),
    id: &EventId,
    failures: Vec<FailureRecord>,
) -> Result<Trace, Trouble> {
    let record = store.events(std::slice::from_ref(id)).await?.pop();
    if record.is_none() && failures.is_empty() {
        return Err(unknown(id));
    }
    let entry = match &record {
        Some(record) => store.entry(record).await?,
        None => None,
    };
    let keys = record.iter().flat_map(|record| &record.effects).map(|effect| effect.key.clone());
    let effects = store.effects(&keys.collect::<Vec<_>>()).await?;
    let dismissals = Dismissals::among(&failures);
    let mut stations = Vec::new();
    let mut after = Vec::new();
    if let Some(record) = &record {
        stations.extend(way(record, entry.as_ref()));
        for effect in &record.effects {
            let tried = effects.iter().find(|tried| tried.id == effect.key);
            after.extend(effect_way(effect, tried, dismissals.effect(&effect.key)));
        }
    }
    after.extend(failures.iter().flat_map(failure_way));
    after.extend(entry.iter().filter_map(|entry| entry.replayed.as_ref()).map(replayed));
    // Steps have clocks of their own: those that follow one another are not sorted by them.
    after.sort_by_key(|station| station.at.unwrap_or(Timestamp::MAX));
    stations.extend(after);
    let topic = |entry: &TimelineEntry| {
        format!("{} ({})", entry.tagged.event.kind.as_str(), entry.tagged.event.topic)
    };
    Ok(Trace {
        event: id.clone(),
        source: record.as_ref().map(|record| record.source.clone()),
        about: entry.as_ref().map(topic),
        profile: record.map(|record| record.customer),
        stations,
    })
}

fn way(record: &EventRecord, entry: Option<&TimelineEntry>) -> Vec<Station> {
    let mut way = Vec::new();
    let mut add = |at, step, happened| way.push(Station { at, step, happened });
    if let Some(entry) = entry {
        add(Some(entry.tagged.event.occurred_at), None, Happened::Occurred);
    }
    let repaired = entry.and_then(|entry| entry.tagged.event.fields.get(REPAIRED_FROM)?.as_str());
    match repaired {
        Some(from) => add(Some(record.received_at), None, Happened::Repaired { from: from.into() }),
        None => add(Some(record.received_at), Some(Step::WebhookReceiver), Happened::Received),
    }
    if let Some(entry) = entry {
        let outcome = entry.decision.outcome;
        let checks = &entry.tagged.event.checks;
        if !checks.is_empty() {
            let repaired = checks.repairs.iter().map(|repair| repair.field.clone()).collect();
            let flagged = checks.broken().into_iter().map(str::to_owned).collect();
            let checked = Happened::Checked { repaired, flagged };
            add(entry.matched_at, Some(Step::IdentityMatch), checked);
        }
        add(entry.matched_at, Some(Step::IdentityMatch), Happened::Matched { outcome });
        let [set, taken_off] = changes(&entry.tagged.tags);
        let tagged = Happened::Tagged { set, taken_off };
        add(record.tagged_at, Some(Step::TagUpdate), tagged);
    }
    if let Some(at) = record.applied_at {
        let step = Some(Step::TriggerDispatcher);
        let (effects, refusals) = (record.effects.len(), record.refusals.len());
        add(Some(at), step, Happened::Decided { effects, refusals });
        for refusal in &record.refusals {
            let (rule, action) = (refusal.rule.name.clone(), refusal.action.clone());
            add(Some(at), step, Happened::Refused { rule, action, reason: refusal.reason.clone() });
        }
    }
    way
}

/// The tags that were set, and those that were taken off.
fn changes(tags: &[TagChange]) -> [Vec<String>; 2] {
    [true, false].map(|added| {
        let changes = tags.iter().filter(|change| change.added == added);
        changes.map(|change| change.tag.clone()).collect()
    })
}

fn replayed(replayed: &Replayed) -> Station {
    let [set, taken_off] = changes(&replayed.tags);
    let (replay, effects) = (replayed.replay.clone(), replayed.effects);
    let happened = Happened::Replayed { replay, effects, set, taken_off };
    Station { at: Some(replayed.at), step: Some(Step::TagUpdate), happened }
}

fn effect_way(effect: &Effect, record: Option<&EffectRecord>, is_dismissed: bool) -> Vec<Station> {
    let step = Some(Step::OutboundDelivery);
    let (action, destination) = (effect.action.name(), effect.action.destination());
    let tries = record.into_iter().flat_map(|record| record.attempts.iter());
    let mut way: Vec<_> = tries
        .map(|tried| Station {
            at: Some(tried.at),
            step,
            happened: Happened::Tried {
                effect: effect.key.clone(),
                action,
                destination: destination.clone(),
                outcome: tried.outcome.clone(),
                status: tried.status,
                took_ms: tried.took_ms,
            },
        })
        .collect();
    let (at, stands) = match record.map(|record| (record.state, record)) {
        None if is_dismissed => (Some(effect.decided_at), Stands::Dismissed),
        None => (Some(effect.decided_at), Stands::Waiting(effect.not_before)),
        Some((EffectState::Leased, record)) => (None, Stands::Running(record.lease_until)),
        Some((EffectState::Released, _)) if is_dismissed => (None, Stands::Dismissed),
        Some((EffectState::Released, _)) => (None, Stands::Released),
        Some((EffectState::Done, record)) => {
            (record.done_at, record.withheld.map_or(Stands::Done, Stands::Withheld))
        }
    };
    let last = way.iter().filter_map(|station| station.at).max();
    let rule = effect.rule.name.clone();
    let happened =
        Happened::Effect { effect: effect.key.clone(), action, destination, rule, stands };
    way.push(Station { at: at.or(last), step, happened });
    way
}

fn failure_way(failure: &FailureRecord) -> Vec<Station> {
    let step = Some(failure.step);
    let failed = failure.attempts.iter().map(|attempt| Station {
        at: Some(attempt.at),
        step,
        happened: Happened::Failed { reason: attempt.reason.clone() },
    });
    let at = match failure.state {
        FailureState::Held { at }
        | FailureState::Parked { at }
        | FailureState::Dismissed { at }
        | FailureState::Redriven { at } => Some(at),
        FailureState::Waiting { .. } | FailureState::Behind { .. } => {
            failure.attempts.last().map(|attempt| attempt.at)
        }
    };
    let open = Happened::Open { failure: failure.id.clone(), state: failure.state };
    let step = Some(Step::ErrorReconciler);
    failed.chain([Station { at, step, happened: open }]).collect()
}

#[cfg(test)]
mod tests;
