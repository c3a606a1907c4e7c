//! What an audit reads, reduced to what it counts.

use crate::queues::Depths;
use domain::{EffectKey, EventId, FailureState, Step};
use jiff::Timestamp;
use state::dynamo::{FailureRecord, LedgerRecord};
use state::{EffectRecord, EffectState, EventRecord, Stage};
use std::collections::HashMap;

/// All that is known of the pipeline at one time.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// The ledger's events.
    pub(super) events: Vec<Event>,
    /// The ledger's effects.
    pub(super) deliveries: HashMap<EffectKey, Delivery>,
    /// The failure records that are parked or waiting.
    pub(super) failures: Vec<OpenFailure>,
    /// What the queues hold.
    pub(super) depths: Depths,
}

/// An event of the ledger.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) received_at: Timestamp,
    pub(super) applied: bool,
    pub(super) effects: Vec<Issued>,
}

/// An effect that was decided.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) key: EffectKey,
    pub(super) destination: String,
    pub(super) decided_at: Timestamp,
}

/// How far a decided effect has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Delivery {
    /// It happened.
    Done,
    /// A worker has it until then.
    Leased(Timestamp),
    /// No worker has it.
    Released,
}

/// A failure that nobody and no time has settled yet.
#[derive(Clone, Debug)]
pub(super) struct OpenFailure {
    pub(super) step: Step,
    pub(super) parked: bool,
    pub(super) event: Option<EventId>,
    pub(super) effect: Option<EffectKey>,
}

impl Evidence {
    /// Takes in a record of the ledger.
    pub(super) fn add(&mut self, record: LedgerRecord) {
        match record {
            LedgerRecord::Event(record) => self.events.push(Event::from(*record)),
            LedgerRecord::Effect(record) => {
                let delivery = Delivery::from(&record);
                self.deliveries.insert(record.id, delivery);
            }
        }
    }
}

impl From<EventRecord> for Event {
    fn from(record: EventRecord) -> Self {
        let issued = |effect: domain::Effect| Issued {
            destination: effect.action.destination(),
            key: effect.key,
            decided_at: effect.decided_at,
        };
        Self {
            id: record.id,
            received_at: record.received_at,
            applied: record.stage == Stage::Applied,
            effects: record.effects.into_iter().map(issued).collect(),
        }
    }
}

impl From<&EffectRecord> for Delivery {
    fn from(record: &EffectRecord) -> Self {
        match record.state {
            EffectState::Done => Self::Done,
            EffectState::Leased => Self::Leased(record.lease_until),
            EffectState::Released => Self::Released,
        }
    }
}

impl From<FailureRecord> for OpenFailure {
    fn from(record: FailureRecord) -> Self {
        Self {
            step: record.step,
            parked: matches!(record.state, FailureState::Parked { .. }),
            event: record.event,
            effect: record.effect,
        }
    }
}
