//! What an audit reads, reduced to what it counts.

use super::batches::Batches;
use super::returned::Returned;
use crate::queues::Depths;
use domain::{EffectKey, EventId, FailureRecord, Payload, Step};
use jiff::Timestamp;
use serde_json::Value;
use state::dynamo::LedgerRecord;
use state::{EffectRecord, EffectState, EventRecord, Stage};
use std::collections::HashMap;
use std::ops::Range;

/// All that is known of the pipeline at one time.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// What was received earlier is left out: the failures that would explain it may be gone.
    pub(super) kept_since: Timestamp,
    /// The ledger's events.
    pub(super) events: Vec<Event>,
    /// The ledger's effects.
    pub(super) deliveries: HashMap<EffectKey, Delivery>,
    /// The failure records that are parked or waiting.
    pub(super) failures: Vec<OpenFailure>,
    /// What was put into the queues once more.
    pub(super) returned: Returned,
    /// The changes that wait for a batch.
    pub(super) batches: Batches,
    /// What the queues hold.
    pub(super) depths: Depths,
}

/// An event of the ledger.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) source: String,
    pub(super) received_at: Timestamp,
    /// When it entered its customer's history, where that is kept.
    pub(super) tagged_at: Option<Timestamp>,
    /// Whether it was received in the time that is audited.
    pub(super) meant: bool,
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
    /// It was not to happen: the customer does not want it.
    Withheld,
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
    /// Where its event came from, if the message alone tells.
    pub(super) origin: Option<Origin>,
}

/// Where an event came from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Origin {
    pub(super) source: String,
    pub(super) received_at: Timestamp,
}

impl Evidence {
    /// Takes in a record of the ledger; what is audited was received in this time.
    pub(super) fn add(&mut self, record: LedgerRecord, time: &Range<Timestamp>) {
        match record {
            LedgerRecord::Event(record) if record.received_at < self.kept_since => {}
            LedgerRecord::Event(record) => {
                let meant = time.contains(&record.received_at);
                self.events.push(Event { meant, ..Event::from(*record) });
            }
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
            source: record.source,
            received_at: record.received_at,
            tagged_at: record.tagged_at,
            meant: true,
            applied: record.stage == Stage::Applied,
            effects: record.effects.into_iter().map(issued).collect(),
        }
    }
}

impl From<&EffectRecord> for Delivery {
    fn from(record: &EffectRecord) -> Self {
        match record.state {
            EffectState::Done if record.withheld.is_some() => Self::Withheld,
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
            parked: record.state.is_set_aside(),
            event: record.about.event,
            effect: record.about.effect,
            origin: None,
        }
    }
}

impl Origin {
    /// What the message tells of it; effects do not.
    pub(super) fn of(payload: &Payload) -> Option<Self> {
        match payload {
            Payload::Webhook { source, received_at, .. } => {
                Some(Self { source: source.clone(), received_at: *received_at })
            }
            Payload::Message { body, .. } => {
                let message: Value = serde_json::from_str(body).ok()?;
                let event = message.get("event").filter(|event| event.is_object());
                let event = event.unwrap_or(&message);
                let text = |name: &str| event.get(name).and_then(Value::as_str);
                let (source, received_at) = (text("source")?.to_owned(), text("received_at")?);
                Some(Self { source, received_at: received_at.parse().ok()? })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::balance::balance;
    use domain::{Action, CustomerId, Effect, EventKind, RuleRef, Withheld};
    use jiff::SignedDuration;

    const ALWAYS: Range<Timestamp> = Timestamp::MIN..Timestamp::MAX;

    fn effect(number: usize) -> Effect {
        let event = EventId::new("shop", "1");
        Effect {
            key: EffectKey::new(&event, "answer", &number.to_string()),
            event,
            customer: CustomerId::new("phone::+12025550101"),
            rule: RuleRef { name: "answer".into(), config_version: 1 },
            decided_at: Timestamp::UNIX_EPOCH,
            not_before: None,
            action: Action::Sms { to: "+12025550101".into(), text: "thank you".into() },
        }
    }

    /// An event with two effects, of which nobody has tried the second.
    fn record(stage: Stage) -> EventRecord {
        EventRecord {
            id: EventId::new("shop", "1"),
            source: "shop".into(),
            kind: EventKind::Message,
            customer: CustomerId::new("phone::+12025550101"),
            entry: "1970-01-01T00:00:00.000Z#evt".into(),
            stage,
            received_at: Timestamp::UNIX_EPOCH,
            tagged_at: None,
            applied_at: None,
            effects: vec![effect(1), effect(2)],
            refusals: Vec::new(),
        }
    }

    fn drawn(records: Vec<LedgerRecord>) -> (usize, [usize; 2]) {
        let mut evidence = Evidence::default();
        for record in records {
            evidence.add(record, &ALWAYS);
        }
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let drawn = balance(&evidence, now, SignedDuration::from_secs(60));
        (drawn.breaches.len(), [drawn.events.applied, drawn.effects.issued])
    }

    #[test]
    fn what_was_erased_is_applied_and_owes_nothing() {
        let now = Timestamp::UNIX_EPOCH;
        for stage in [Stage::Tagged, Stage::Applied] {
            let event = |record| LedgerRecord::Event(Box::new(record));
            let (breaches, _) = drawn(vec![event(record(stage))]);
            assert!(breaches > 0, "without an erasure, something is missing");
            let mut erased = vec![event(record(stage).tombstone(now))];
            let tombstone = |number| EffectRecord::tombstone(&effect(number), now);
            erased.extend([1, 2].map(|number| LedgerRecord::Effect(tombstone(number))));
            assert_eq!(drawn(erased), (0, [1, 0]));
        }
    }

    #[test]
    fn what_is_older_than_any_failure_that_is_kept_is_left_out() {
        for (later, breaches) in [(0, 2), (1, 0)] {
            let kept_since = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(later);
            let mut evidence = Evidence { kept_since, ..Evidence::default() };
            evidence.add(LedgerRecord::Event(Box::new(record(Stage::Applied))), &ALWAYS);
            let now = kept_since + SignedDuration::from_hours(1);
            let drawn = balance(&evidence, now, SignedDuration::from_secs(60));
            assert_eq!(drawn.breaches.len(), breaches);
        }
    }

    #[test]
    fn what_was_withheld_is_explained() {
        let now = Timestamp::UNIX_EPOCH;
        let mut evidence = Evidence::default();
        evidence.add(LedgerRecord::Event(Box::new(record(Stage::Applied))), &ALWAYS);
        for number in [1, 2] {
            let withheld = Some(Withheld::OptedOut);
            let record = EffectRecord { withheld, ..EffectRecord::tombstone(&effect(number), now) };
            evidence.add(LedgerRecord::Effect(record), &ALWAYS);
        }
        let later = now + SignedDuration::from_hours(1);
        let drawn = balance(&evidence, later, SignedDuration::from_secs(60));
        assert!(drawn.breaches.is_empty());
        assert_eq!((drawn.effects.issued, drawn.effects.withheld, drawn.effects.done), (2, 2, 0));
    }

    #[test]
    fn a_message_tells_where_its_event_came_from() {
        let at = Timestamp::UNIX_EPOCH;
        let origin = Some(Origin { source: "shop".into(), received_at: at });
        let webhook = Payload::Webhook {
            source: "shop".into(),
            content_type: None,
            delivery_id: None,
            received_at: at,
            body: String::new(),
        };
        let message = |body: &str| Payload::Message { body: body.to_owned(), group: String::new() };
        let event = r#"{"source":"shop","received_at":"1970-01-01T00:00:00Z"}"#;
        for (payload, told) in [
            (webhook, origin.clone()),
            (message(event), origin.clone()),
            (message(&format!("{{\"event\":{event},\"customer\":\"cus_1\"}}")), origin),
            (message(r#"{"event":"evt_1","key":"eff_1"}"#), None),
            (message("not JSON"), None),
        ] {
            assert_eq!(Origin::of(&payload), told);
        }
    }
}
