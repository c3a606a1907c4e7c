//! What a stored event is, as the queue before a step carries it.

use super::dismissed::Dismissed;
use crate::trouble::Trouble;
use domain::{Carried, Effect, EffectKey, EventKind, Matched, Outbound, Replay, Step, queue_group};
use jiff::Timestamp;
use runtime::{Parcel, SendError};
use serde::Serialize;
use state::{EffectState, Histories, TimelineEntry};

/// The messages of some events.
#[derive(Debug, Default)]
pub(super) struct Packed {
    pub(super) parcels: Vec<Parcel>,
    /// Effects of which nobody knows whether they happened: they are left alone.
    pub(super) in_doubt: Vec<EffectKey>,
    /// Events, or effects, that a person dismissed: they are left alone as well.
    pub(super) dismissed: usize,
}

/// Packs events for a step, in their order.
pub(super) async fn pack(
    store: &impl Histories,
    entries: &[&TimelineEntry],
    step: Step,
    mark: &Replay,
    dismissed: &Dismissed,
    now: Timestamp,
) -> Result<Packed, Trouble> {
    if step == Step::OutboundDelivery {
        return undone(store, entries, mark, dismissed, now).await;
    }
    let (left, meant): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| dismissed.event(&entry.tagged.event.id));
    let parcels = meant.into_iter().filter_map(|entry| event(entry, step, mark).transpose());
    let parcels = parcels.collect::<Result<_, _>>().map_err(unpackable)?;
    Ok(Packed { parcels, dismissed: left.len(), ..Packed::default() })
}

fn event(entry: &TimelineEntry, step: Step, mark: &Replay) -> Result<Option<Parcel>, SendError> {
    let tagged = &entry.tagged;
    let (event, customer) = (&tagged.event, tagged.customer.id.as_str());
    let group = match step {
        // Who rang is not a question of handles.
        Step::IdentityMatch if event.kind == EventKind::Timer => return Ok(None),
        Step::IdentityMatch => event.queue_group(),
        Step::TagUpdate | Step::TriggerDispatcher => customer.to_owned(),
        Step::WebhookReceiver | Step::OutboundDelivery | Step::ErrorReconciler => return Ok(None),
    };
    let deduplication = format!("{}-{}", event.id, mark.id);
    if step == Step::IdentityMatch {
        return parcel(group, deduplication, event.clone(), mark).map(Some);
    }
    if step == Step::TriggerDispatcher {
        return parcel(group, deduplication, tagged.clone(), mark).map(Some);
    }
    let (customer, decision) = (tagged.home.clone(), entry.decision.clone());
    let matched =
        Matched { event: event.clone(), customer, decision, matched_at: entry.matched_at };
    parcel(group, deduplication, matched, mark).map(Some)
}

fn parcel<M: Serialize>(
    group: String,
    deduplication: String,
    message: M,
    mark: &Replay,
) -> Result<Parcel, SendError> {
    Parcel::new(group, deduplication, &Carried { message, replay: Some(mark.clone()) })
}

/// The effects that were decided and are not done.
async fn undone(
    store: &impl Histories,
    entries: &[&TimelineEntry],
    mark: &Replay,
    dismissed: &Dismissed,
    now: Timestamp,
) -> Result<Packed, Trouble> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.tagged.event.id.clone()).collect();
    let records = store.events(&ids).await?;
    let decided: Vec<Effect> = records.into_iter().flat_map(|record| record.effects).collect();
    let keys: Vec<_> = decided.iter().map(|effect| effect.key.clone()).collect();
    let tried = store.effects(&keys).await?;
    let mut packed = Packed::default();
    for effect in decided {
        let record = tried.iter().find(|record| record.id == effect.key);
        match record.map(|record| record.state) {
            Some(EffectState::Done) => continue,
            Some(EffectState::Leased | EffectState::Released) | None
                if dismissed.effect(&effect) =>
            {
                packed.dismissed += 1;
                continue;
            }
            Some(EffectState::Leased) if !effect.action.is_repeatable() => {
                let lapsed = record.is_some_and(|record| record.lease_until < now);
                packed.in_doubt.extend(lapsed.then_some(effect.key));
                continue;
            }
            Some(EffectState::Leased | EffectState::Released) | None => {}
        }
        let group = queue_group(&[&effect.action.destination(), effect.customer.as_str()]);
        let deduplication = format!("{}-{}", effect.key, mark.id);
        let parcel = Parcel::new(group, deduplication, &Outbound(effect)).map_err(unpackable)?;
        packed.parcels.push(parcel);
    }
    Ok(packed)
}

fn unpackable(error: SendError) -> Trouble {
    Trouble::Output(std::io::Error::other(error))
}
