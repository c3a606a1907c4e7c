//! The effects' part of the balance.

use super::unnamed::Unnamed;
use super::{Breach, EffectSum, Place, nameless};
use crate::audit::evidence::{Delivery, Event, Evidence, Issued};
use domain::{EffectKey, EventId, Step};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;

/// The times between which something may be in a queue.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) now: Timestamp,
    /// What came into its queue before this time is in none.
    pub(super) since: Timestamp,
}

/// The effects, counted.
pub(super) struct Counted {
    pub(super) sum: EffectSum,
    /// How many of them only the number of messages explains.
    pub(super) by_number: usize,
}

/// Counts the effects of applied events. `repeats` messages of events that are applied already
/// wait before `trigger-dispatcher`, which sends all effects of such an event again.
pub(super) fn count(
    evidence: &Evidence,
    span: Span,
    fresh: impl Fn(Timestamp) -> bool,
    repeats: usize,
    breaches: &mut Vec<Breach>,
) -> Counted {
    let open = Open::of(evidence);
    let mut sum = EffectSum::default();
    let mut missing: Vec<(&Event, Vec<&Issued>)> = Vec::new();
    for event in evidence.events.iter().filter(|event| event.meant) {
        let mut lost = Vec::new();
        for issued in &event.effects {
            sum.issued += 1;
            match (evidence.deliveries.get(&issued.key), open.place(event, issued)) {
                (Some(Delivery::Done), _) => sum.done += 1,
                (Some(Delivery::Withheld), _) => sum.withheld += 1,
                (_, Some(place)) => sum.put(place, 1),
                (Some(Delivery::Leased(until)), None) if *until >= span.now => sum.in_flight += 1,
                (Some(Delivery::Leased(_) | Delivery::Released) | None, None) => {
                    if fresh(issued.decided_at) { sum.in_flight += 1 } else { lost.push(issued) }
                }
            }
        }
        if !lost.is_empty() {
            missing.push((event, lost));
        }
    }

    // Messages explain by their number. A repeated event is taken for the one that lacks most.
    let latest = |(event, lost): &(&Event, Vec<&Issued>)| {
        lost.iter().map(|issued| evidence.returned.effect(event, issued)).max()
    };
    let (mut repeated, mut rest): (Vec<_>, Vec<_>) =
        missing.into_iter().partition(|one| latest(one).is_some_and(|at| at >= span.since));
    repeated.sort_by_key(|(_, lost)| Reverse(lost.len()));
    rest.extend(repeated.split_off(repeats.min(repeated.len())));
    let repeated = repeated.iter().map(|(_, lost)| lost.len()).sum::<usize>();
    let lost = rest.into_iter().flat_map(|(event, lost)| {
        let at = |issued| (evidence.returned.effect(event, issued), Missed::of(event, issued));
        lost.into_iter().map(at)
    });
    let mut missing = Unnamed::new(lost.collect(), span.since);
    let step = Step::OutboundDelivery;
    let in_flight = repeated
        + missing.queued(evidence.depths.outbound.total())
        + missing.failed(nameless(evidence, step, Place::InFlight));
    sum.put(Place::InFlight, in_flight);
    sum.put(Place::Parked, missing.failed(nameless(evidence, step, Place::Parked)));

    let (explained, mut lost) = missing.parted();
    lost.sort();
    sum.unexplained = lost.len();
    breaches.extend(lost.into_iter().map(|Missed { decided_at, effect, event, destination }| {
        Breach::Effect { decided_at, effect, event, destination }
    }));
    Counted { sum, by_number: repeated + explained.len() }
}

/// An effect that no record explains.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Missed {
    decided_at: Timestamp,
    effect: EffectKey,
    event: EventId,
    destination: String,
}

impl Missed {
    fn of(event: &Event, Issued { key, destination, decided_at }: &Issued) -> Self {
        let (effect, event, destination) = (key.clone(), event.id.clone(), destination.clone());
        Self { decided_at: *decided_at, effect, event, destination }
    }
}

/// The open failures that explain effects.
struct Open<'e> {
    effects: HashMap<&'e EffectKey, Place>,
    /// Decided events whose effects could not all be sent: a retry sends them all.
    events: HashMap<&'e EventId, Place>,
}

impl<'e> Open<'e> {
    fn of(evidence: &'e Evidence) -> Self {
        let mut open = Self { effects: HashMap::new(), events: HashMap::new() };
        for failure in &evidence.failures {
            let place = Place::from(failure);
            if let Some(effect) = &failure.effect {
                open.effects.insert(effect, place);
            } else if let (Step::TriggerDispatcher, Some(event)) = (failure.step, &failure.event) {
                open.events.insert(event, place);
            }
        }
        open
    }

    fn place(&self, event: &Event, issued: &Issued) -> Option<Place> {
        self.effects.get(&issued.key).or_else(|| self.events.get(&event.id)).copied()
    }
}

impl EffectSum {
    fn put(&mut self, place: Place, count: usize) {
        match place {
            Place::InFlight => self.in_flight += count,
            Place::Parked => self.parked += count,
        }
    }
}
