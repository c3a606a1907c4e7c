//! The audit's arithmetic: which records and messages explain which events and effects.

mod effects;
mod events;
mod hours;
mod unnamed;

use super::evidence::{Evidence, OpenFailure};
use crate::queues::RETENTION;
use domain::{EffectKey, EventId, Step};
use hours::{Hours, beginning};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Where everything is that was accepted, and what is nowhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Balance {
    pub(super) events: EventSum,
    pub(super) effects: EffectSum,
    /// Of these, the ones that only the number of messages explains.
    pub(super) by_number: ByNumber,
    /// The events by source and hour, as far as it is known where they came from.
    pub(super) hours: Vec<HourSum>,
    pub(super) breaches: Vec<Breach>,
}

/// The events of one source that were received within one hour.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct HourSum {
    pub(super) source: String,
    /// When the hour began.
    pub(super) hour: Timestamp,
    #[serde(flatten)]
    pub(super) events: EventSum,
}

/// What is open and is taken for a message that nobody can read without taking it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(super) struct ByNumber {
    pub(super) events: usize,
    pub(super) effects: usize,
}

/// `accepted = applied + parked + in_flight + unexplained`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(super) struct EventSum {
    pub(super) accepted: usize,
    pub(super) applied: usize,
    pub(super) parked: usize,
    pub(super) in_flight: usize,
    pub(super) unexplained: usize,
}

/// `issued = done + withheld + parked + in_flight + unexplained`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(super) struct EffectSum {
    pub(super) issued: usize,
    pub(super) done: usize,
    pub(super) withheld: usize,
    pub(super) parked: usize,
    pub(super) in_flight: usize,
    pub(super) unexplained: usize,
}

/// Something that was accepted and that is neither applied, nor parked, nor in flight.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub(super) enum Breach {
    /// An event entered its customer's history; its triggers were never decided.
    Event { received_at: Timestamp, source: String, event: EventId },
    /// An effect was decided and not done.
    Effect { decided_at: Timestamp, effect: EffectKey, event: EventId, destination: String },
}

/// Draws the balance at a time. What is younger than `grace` may be between two steps.
pub(super) fn balance(evidence: &Evidence, now: Timestamp, grace: SignedDuration) -> Balance {
    let fresh = |at: Timestamp| now.duration_since(at) < grace;
    let since = now - RETENTION;
    let (mut hours, mut breaches) = (Hours::default(), Vec::new());
    let events = events::count(evidence, since, fresh, &mut hours, &mut breaches);
    let span = effects::Span { now, since };
    let effects = effects::count(evidence, span, fresh, events.unused, &mut breaches);
    let by_number = ByNumber { events: events.by_number, effects: effects.by_number };
    let (events, effects) = (events.sum, effects.sum);
    Balance { events, effects, by_number, hours: hours.sums(), breaches }
}

impl Balance {
    /// Takes for in flight what was not a breach before. Returns whether there was such.
    pub(super) fn forgive_unless_in(&mut self, before: &[Breach]) -> bool {
        let found = std::mem::take(&mut self.breaches);
        let (confirmed, forgiven): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|breach| before.contains(breach));
        for breach in &forgiven {
            let (unexplained, in_flight) = match breach {
                Breach::Event { .. } => (&mut self.events.unexplained, &mut self.events.in_flight),
                Breach::Effect { .. } => {
                    (&mut self.effects.unexplained, &mut self.effects.in_flight)
                }
            };
            *unexplained -= 1;
            *in_flight += 1;
            if let Breach::Event { received_at, source, .. } = breach {
                let hour = beginning(*received_at);
                let of = |sum: &&mut HourSum| sum.source == *source && sum.hour == hour;
                if let Some(sum) = self.hours.iter_mut().find(of) {
                    sum.events.unexplained -= 1;
                    sum.events.in_flight += 1;
                }
            }
        }
        self.breaches = confirmed;
        !forgiven.is_empty()
    }
}

/// Where a thing is that is explained.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Place {
    InFlight,
    Parked,
}

impl From<&OpenFailure> for Place {
    fn from(failure: &OpenFailure) -> Self {
        if failure.parked { Self::Parked } else { Self::InFlight }
    }
}

/// Failures of messages that could not be read far enough to name their event or effect.
fn nameless(evidence: &Evidence, step: Step, place: Place) -> usize {
    let matches = |failure: &&OpenFailure| {
        failure.step == step
            && failure.event.is_none()
            && failure.effect.is_none()
            && Place::from(*failure) == place
    };
    evidence.failures.iter().filter(matches).count()
}

#[cfg(test)]
mod tests;
