//! What became new between two looks.

use super::line::{Line, What};
use crate::trouble::Trouble;
use domain::{CustomerId, Effect, EffectKey, EventId};
use jiff::{SignedDuration, Timestamp};
use state::{EffectRecord, EffectState, EventRecord, Histories, Looked, Recent};
use std::collections::{BTreeMap, BTreeSet};

/// How far behind the last look the next one begins: clocks differ, and a read may lag.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);
/// How long before it is decided on an event may have happened, where one customer is watched.
const LATENESS: SignedDuration = SignedDuration::from_hours(24);
/// For how long an effect that is not done is looked at.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// What is watched, with what was seen of it.
#[derive(Debug)]
pub(super) struct Watch {
    profiles: Option<Vec<CustomerId>>,
    rule: Option<String>,
    start: Timestamp,
    last: Timestamp,
    /// Decided events that were shown, by the time of their decision.
    seen: BTreeSet<(Timestamp, EventId)>,
    /// Effects that were not done when they were last shown.
    open: BTreeMap<EffectKey, (EventRecord, Effect, What)>,
}

/// What one look found.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// In the order of time.
    pub(super) lines: Vec<Line>,
    /// What reading the ledger took.
    pub(super) read_units: f64,
}

impl Watch {
    /// Decisions from `start` on: of these profiles, or of all.
    pub(super) fn new(
        profiles: Option<Vec<CustomerId>>,
        rule: Option<String>,
        start: Timestamp,
    ) -> Self {
        let (seen, open) = (BTreeSet::new(), BTreeMap::new());
        Self { profiles, rule, start, last: start, seen, open }
    }

    /// Everything that is new.
    pub(super) async fn look(
        &mut self,
        store: &(impl Recent + Histories),
        now: Timestamp,
    ) -> Result<Look, Trouble> {
        let from = (self.last - OVERLAP).max(self.start);
        let Looked { mut records, read_units } = self.decided(store, from).await?;
        self.seen.retain(|(at, _)| *at >= from);
        records.retain(|record| {
            record.applied_at.is_some_and(|at| self.seen.insert((at, record.id.clone())))
        });
        let mut keys: Vec<EffectKey> = self.open.keys().cloned().collect();
        let new = records.iter().flat_map(|record| &record.effects);
        keys.extend(new.filter(|it| self.follows(&it.rule.name)).map(|effect| effect.key.clone()));
        let effects = store.effects(&keys).await?;
        let tried: BTreeMap<_, _> = effects.into_iter().map(|it| (it.id.clone(), it)).collect();
        let mut lines = self.moved(&tried, now);
        records.sort_by_key(|record| (record.applied_at, record.id.clone()));
        for record in records {
            lines.extend(self.told(&record, &tried));
        }
        lines.sort_by_key(|line| line.at);
        self.last = now;
        Ok(Look { lines, read_units })
    }

    async fn decided(
        &self,
        store: &(impl Recent + Histories),
        from: Timestamp,
    ) -> Result<Looked, Trouble> {
        let Some(profiles) = &self.profiles else { return Ok(store.decided_since(from).await?) };
        let mut looked = Looked::default();
        for profile in profiles {
            let events = store.occurred_since(profile, self.start - LATENESS).await?;
            looked.records.extend(store.events(&events).await?);
        }
        looked.records.retain(|record| record.applied_at.is_some_and(|at| at >= from));
        Ok(looked)
    }

    fn follows(&self, rule: &str) -> bool {
        self.rule.as_ref().is_none_or(|only| only == rule)
    }

    /// What was decided about one event.
    fn told(
        &mut self,
        record: &EventRecord,
        tried: &BTreeMap<EffectKey, EffectRecord>,
    ) -> Vec<Line> {
        let at = record.applied_at.unwrap_or(self.last);
        let mut lines = Vec::new();
        for effect in &record.effects {
            if !self.follows(&effect.rule.name) {
                continue;
            }
            let what = stands(effect, tried.get(&effect.key));
            lines.push(Line::of_effect(at, record, effect, what.clone()));
            if !what.is_final() {
                let open = (record.clone(), effect.clone(), what);
                self.open.insert(effect.key.clone(), open);
            }
        }
        let refusals = record.refusals.iter().filter(|refusal| self.follows(&refusal.rule.name));
        lines.extend(refusals.map(|refusal| Line::of_refusal(at, record, refusal)));
        lines
    }

    /// What became of the effects that were open.
    fn moved(&mut self, tried: &BTreeMap<EffectKey, EffectRecord>, now: Timestamp) -> Vec<Line> {
        let mut lines = Vec::new();
        self.open.retain(|key, (record, effect, before)| {
            let what = stands(effect, tried.get(key));
            if what != *before {
                let at = match &what {
                    What::Done { at, .. } => *at,
                    What::Decided { .. } | What::Tried { .. } | What::Refused { .. } => now,
                };
                lines.push(Line::of_effect(at, record, effect, what.clone()));
            }
            *before = what;
            let since = effect.not_before.unwrap_or(effect.decided_at);
            !before.is_final() && now.duration_since(since) < PATIENCE
        });
        lines
    }
}

fn stands(effect: &Effect, record: Option<&EffectRecord>) -> What {
    let Some(record) = record else { return What::Decided { not_before: effect.not_before } };
    let outcome = record.attempts.iter().next_back().map(|attempt| attempt.outcome.clone());
    match (record.state, record.done_at) {
        (EffectState::Done, Some(at)) => What::Done { tries: record.attempt, at },
        (EffectState::Done | EffectState::Leased | EffectState::Released, _) => {
            What::Tried { tries: record.attempt, outcome }
        }
    }
}
