//! The audit's arithmetic: which records and messages explain which events and effects.

mod effects;
mod events;

use super::evidence::{Evidence, OpenFailure};
use domain::{EffectKey, EventId, Step};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Where everything is that was accepted, and what is nowhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Balance {
    pub(super) events: EventSum,
    pub(super) effects: EffectSum,
    pub(super) breaches: Vec<Breach>,
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
    Event { received_at: Timestamp, event: EventId },
    /// An effect was decided and not done.
    Effect { decided_at: Timestamp, effect: EffectKey, event: EventId, destination: String },
}

/// Draws the balance at a time. What is younger than `grace` may be between two steps.
pub(super) fn balance(evidence: &Evidence, now: Timestamp, grace: SignedDuration) -> Balance {
    let fresh = |at: Timestamp| now.duration_since(at) < grace;
    let mut breaches = Vec::new();
    let (events, unused) = events::count(evidence, fresh, &mut breaches);
    let effects = effects::count(evidence, now, fresh, unused, &mut breaches);
    Balance { events, effects, breaches }
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
