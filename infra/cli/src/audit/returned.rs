//! What went back into the queues after its step had written.

use super::evidence::{Event, Issued};
use domain::{EffectKey, EventId, FailureRecord};
use jiff::Timestamp;
use state::Run;
use std::collections::HashMap;

/// When each event and each effect was last put into a queue once more.
#[derive(Clone, Debug, Default)]
pub(super) struct Returned {
    events: HashMap<EventId, Timestamp>,
    effects: HashMap<EffectKey, Timestamp>,
    /// The replays with effects: without, nothing reaches the last two queues.
    runs: Vec<Run>,
}

impl Returned {
    /// Takes in a failure that went back to its queue.
    pub(super) fn add(&mut self, failure: FailureRecord) {
        let at = failure.state.time();
        let before = match (failure.about.effect, failure.about.event) {
            (Some(effect), _) => self.effects.entry(effect).or_insert(at),
            (None, Some(event)) => self.events.entry(event).or_insert(at),
            (None, None) => return,
        };
        *before = at.max(*before);
    }

    /// Takes in a replay.
    pub(super) fn add_run(&mut self, run: Run) {
        if run.plan.effects {
            self.runs.push(run);
        }
    }

    /// When an event came last into a queue, as far as the state tells.
    pub(super) fn event(&self, event: &Event) -> Timestamp {
        let means = |run: &&Run| run.plan.covers(&event.source, event.received_at);
        let runs = self.runs.iter().filter(means).map(|run| run.moved_at);
        let known = [Some(event.received_at), event.tagged_at, self.events.get(&event.id).copied()];
        runs.chain(known.into_iter().flatten()).max().unwrap_or(event.received_at)
    }

    /// When an effect came last into a queue, or its event before it.
    pub(super) fn effect(&self, event: &Event, effect: &Issued) -> Timestamp {
        let known = self.effects.get(&effect.key).copied();
        known.into_iter().chain([effect.decided_at, self.event(event)]).max().unwrap_or_default()
    }
}
