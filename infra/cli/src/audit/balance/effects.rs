//! The effects' part of the balance.

use super::{Breach, EffectSum, Place, nameless};
use crate::audit::evidence::{Delivery, Event, Evidence, Issued};
use domain::{EffectKey, EventId, Step};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Counts the effects of applied events. `repeats` messages of events that are applied already
/// wait before `trigger-dispatcher`, which sends all effects of such an event again.
pub(super) fn count(
    evidence: &Evidence,
    now: Timestamp,
    fresh: impl Fn(Timestamp) -> bool,
    repeats: usize,
    breaches: &mut Vec<Breach>,
) -> EffectSum {
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
                (Some(Delivery::Leased(until)), None) if *until >= now => sum.in_flight += 1,
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
    missing.sort_by_key(|(_, lost)| Reverse(lost.len()));
    let mut rest = missing.split_off(repeats.min(missing.len()));
    sum.in_flight += missing.iter().map(|(_, lost)| lost.len()).sum::<usize>();
    let mut unexplained = rest.iter().map(|(_, lost)| lost.len()).sum::<usize>();
    let supplies = [
        (Place::InFlight, evidence.depths.outbound.total()),
        (Place::InFlight, nameless(evidence, Step::OutboundDelivery, Place::InFlight)),
        (Place::Parked, nameless(evidence, Step::OutboundDelivery, Place::Parked)),
    ];
    for (place, supply) in supplies {
        let used = supply.min(unexplained);
        unexplained -= used;
        sum.put(place, used);
    }

    let mut oldest: Vec<_> = rest
        .drain(..)
        .flat_map(|(event, lost)| lost.into_iter().map(move |issued| (event, issued)))
        .collect();
    oldest.sort_by_key(|(_, issued)| (issued.decided_at, &issued.key));
    breaches.extend(oldest.into_iter().take(unexplained).map(|(event, issued)| Breach::Effect {
        decided_at: issued.decided_at,
        effect: issued.key.clone(),
        event: event.id.clone(),
        destination: issued.destination.clone(),
    }));
    sum.unexplained = unexplained;
    sum
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
