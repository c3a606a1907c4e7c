//! How far each event and each effect has come.

use crate::{Attempted, Attempts, Firings, StoreError, TimelineEntry};
use domain::{CustomerId, Effect, EffectKey, EventId, EventKind, InboundEvent, Refusal, Withheld};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far an event has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// In the customer's history; its triggers are still to be decided.
    Tagged,
    /// Decided: its effects, if any, are recorded with it.
    Applied,
}

/// The ledger's record of one event.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EventRecord {
    /// The event.
    pub id: EventId,
    /// The configured source.
    pub source: String,
    /// Its kind.
    pub kind: EventKind,
    /// Its customer.
    pub customer: CustomerId,
    /// Its sort key in the timeline.
    pub entry: String,
    /// How far it has come.
    pub stage: Stage,
    /// When the receiver accepted it.
    pub received_at: Timestamp,
    /// When it entered its customer's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagged_at: Option<Timestamp>,
    /// When its triggers were decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// What a rule asked for and did not get.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
}

/// What a set of rules made of an event.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Dispatch {
    /// What is to be done.
    pub effects: Vec<Effect>,
    /// What a rule asked for and does not get.
    pub refusals: Vec<Refusal>,
    /// The firings of the event's profile with those of this decision, where it adds any. They are
    /// remembered if, and only if, the decision is recorded.
    pub firings: Option<Firings>,
}

/// What counts about an event.
#[derive(Clone, PartialEq, Debug)]
pub struct Dispatched {
    /// The effects that were recorded first.
    pub effects: Vec<Effect>,
    /// Whether it was this call that recorded them.
    pub first: bool,
}

impl EventRecord {
    /// The record of an event that has just entered its customer's history.
    #[must_use]
    pub fn tagged(event: &InboundEvent, customer: &CustomerId, at: Option<Timestamp>) -> Self {
        Self {
            id: event.id.clone(),
            source: event.source.clone(),
            kind: event.kind,
            customer: customer.clone(),
            entry: TimelineEntry::key(event),
            stage: Stage::Tagged,
            received_at: event.received_at,
            tagged_at: at,
            applied_at: None,
            effects: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// What stays of the event once its customer is erased: so much that a repetition is known for
    /// one.
    #[must_use]
    pub fn tombstone(&self, erased_at: Timestamp) -> Self {
        Self {
            id: self.id.clone(),
            source: self.source.clone(),
            kind: self.kind,
            customer: CustomerId::erased(),
            entry: self.entry.clone(),
            stage: Stage::Applied,
            received_at: self.received_at,
            tagged_at: self.tagged_at,
            applied_at: Some(self.applied_at.unwrap_or(erased_at)),
            effects: Vec::new(),
            refusals: Vec::new(),
        }
    }
}

/// How far an effect has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// A worker has it; after `lease_until` another may take it over.
    Leased,
    /// An attempt failed cleanly; it may be tried again.
    Released,
    /// Done, or withheld. Never again.
    Done,
}

/// The ledger's record of one effect.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EffectRecord {
    /// Its idempotency key.
    pub id: EffectKey,
    /// The event that caused it.
    pub event: EventId,
    /// What it is delivered through.
    pub destination: String,
    /// How far it has come.
    pub state: EffectState,
    /// How often it was tried.
    pub attempt: u32,
    /// When the lease ends.
    pub lease_until: Timestamp,
    /// What the destination called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
    /// Why it was settled without being done, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
    /// What the last attempts came to.
    #[serde(default, skip_serializing_if = "Attempts::is_empty")]
    pub attempts: Attempts,
}

impl EffectRecord {
    /// What stays of an effect once its customer is erased: so much that nobody performs it.
    #[must_use]
    pub fn tombstone(effect: &Effect, erased_at: Timestamp) -> Self {
        Self {
            id: effect.key.clone(),
            event: effect.event.clone(),
            destination: effect.action.destination(),
            state: EffectState::Done,
            attempt: 0,
            lease_until: erased_at,
            attempts: Attempts::default(),
            receipt: None,
            withheld: None,
            done_at: Some(erased_at),
        }
    }
}

/// The right to perform an effect once. It is spent by settling it.
#[derive(Debug)]
#[must_use = "an effect that is not settled blocks until its lease ends"]
pub struct Lease {
    pub(crate) key: EffectKey,
    pub(crate) attempt: u32,
    pub(crate) interrupted: bool,
    pub(crate) attempts: Attempts,
}

impl Lease {
    /// Whether an earlier attempt ended without a word: the effect may have happened.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.interrupted
    }

    /// Takes down what the attempt came to; it is kept with the settlement.
    pub fn attempted(&mut self, attempted: Attempted) {
        self.attempts.add(attempted);
    }

    /// Gives the right up without a word, because nobody knows whether the effect happened. Every
    /// later claim is told that it was interrupted, until a person releases it.
    pub fn abandon(self) {}
}

/// The answer to a claim.
#[derive(Debug)]
#[must_use = "an effect must not be performed without a lease"]
pub enum Claim {
    /// Perform it, then settle.
    Granted(Lease),
    /// Performed before.
    Done,
    /// Another worker is at it.
    Busy {
        /// Until when at most.
        until: Timestamp,
    },
}

/// How an attempt ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// It happened.
    Done {
        /// What the destination called it.
        receipt: String,
        /// When.
        at: Timestamp,
    },
    /// It is not to happen: the customer does not want it. Never again.
    Withheld {
        /// Why.
        why: Withheld,
        /// When.
        at: Timestamp,
    },
    /// It certainly did not happen.
    Released,
    /// Nobody knows whether it happened. As with [`Lease::abandon`], every later claim is told
    /// that it was interrupted.
    InDoubt,
}

/// The ledger of `trigger-dispatcher` and `outbound-delivery`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Ledger {
    /// What is remembered of rules having fired, for each of these profiles that has a record.
    async fn firings(&self, profiles: &BTreeSet<CustomerId>) -> Result<Vec<Firings>, StoreError>;

    /// Records what was decided about an event, the first time only. Returns what counts: the
    /// effects that were recorded first, which a repetition has to send again. Where the profile's
    /// firings changed since they were read, nothing happens and the store is unavailable: the
    /// decision has to be made again.
    async fn dispatch(
        &self,
        event: &EventId,
        decision: Dispatch,
        at: Timestamp,
    ) -> Result<Dispatched, StoreError>;

    /// Asks for the right to perform an effect.
    async fn claim(
        &self,
        effect: &Effect,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Claim, StoreError>;

    /// Gives the right back. A lease that another worker took over changes nothing.
    async fn settle(&self, lease: Lease, settlement: Settlement) -> Result<(), StoreError>;
}
