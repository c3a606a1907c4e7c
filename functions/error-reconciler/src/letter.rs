//! A message from a dead-letter queue, with what it tells about its failure.

use crate::schedule::next_state;
use crate::step_of;
use domain::{
    Attempt, Class, DeadLetter, Disposition, Failure, FailureId, Payload, Reason, Release, Step,
};
use jiff::Timestamp;
use runtime::Record;

/// How many attempts a record keeps.
const MOST_ATTEMPTS: usize = 100;
/// How many of them are the first ones.
const FIRST_ATTEMPTS: usize = 10;

/// One dead letter.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Letter {
    told: DeadLetter,
    group: String,
    sent_at: Timestamp,
}

impl Letter {
    /// Reads a step's own dead letter, or a bare message that the queue moved by itself because
    /// its function died before it could say why.
    pub(crate) fn read(record: &Record) -> Option<Self> {
        let told = match serde_json::from_str(&record.body) {
            Ok(letter) => letter,
            Err(_) => bare(record, step_of(&record.queue)?),
        };
        Some(Self { told, group: record.group.clone(), sent_at: record.sent_at })
    }

    /// The same message failing again is the same failure.
    pub(crate) fn failure_id(&self) -> FailureId {
        FailureId::new(self.told.step.as_str(), &self.told.body)
    }

    /// The record with this attempt in it, once however often the letter is delivered.
    pub(crate) fn add_to(
        self,
        known: Option<Failure>,
        release: Release,
        now: Timestamp,
    ) -> Failure {
        let id = self.failure_id();
        let DeadLetter {
            step,
            reason,
            class,
            disposition,
            receives,
            event,
            customer,
            effect,
            body,
        } = self.told;
        let held = matches!(disposition, Disposition::Hold { .. });
        let attempt = Attempt { at: self.sent_at, class, reason, receives, held };
        let (mut attempts, known) =
            known.map_or((Vec::new(), None), |known| (known.attempts, Some(known.state)));
        let state = match known {
            Some(state) if attempts.contains(&attempt) => state,
            Some(_) | None => {
                remember(&mut attempts, attempt);
                let alike = attempts.iter().filter(|attempt| attempt.held == held).count();
                next_state(class, disposition, alike, id.as_str(), now)
            }
        };
        let payload = Payload::Message { body, group: self.group };
        Failure {
            id,
            step,
            event,
            customer,
            effect,
            disposition,
            attempts,
            state,
            release,
            payload,
        }
    }
}

/// Keeps the first attempts and the last ones: what waits for the outside may fail for years.
fn remember(attempts: &mut Vec<Attempt>, attempt: Attempt) {
    if attempts.len() >= MOST_ATTEMPTS {
        attempts.remove(FIRST_ATTEMPTS);
    }
    attempts.push(attempt);
}

fn bare(record: &Record, step: Step) -> DeadLetter {
    let known: Option<serde_json::Value> = serde_json::from_str(&record.body).ok();
    let id = |path: &str| {
        let text = known.as_ref()?.pointer(path)?.as_str()?;
        Some(text.to_owned())
    };
    let (event, customer, effect) = match step {
        Step::IdentityMatch => (id("/id"), None, None),
        Step::TagUpdate => (id("/event/id"), id("/customer"), None),
        Step::TriggerDispatcher => (id("/event/id"), id("/customer/id"), None),
        Step::OutboundDelivery => (id("/event"), id("/customer"), id("/key")),
        Step::WebhookReceiver | Step::ErrorReconciler => (None, None, None),
    };
    DeadLetter {
        step,
        reason: Reason {
            code: "function_died".into(),
            detail: "the function ended without a word each time: a crash, out of memory, timeout"
                .into(),
        },
        class: Class::Ours,
        disposition: Disposition::Retry { after: None },
        receives: record.receives,
        event: event.map(domain::EventId::from_stored),
        customer: customer.map(domain::CustomerId::from_stored),
        effect: effect.map(domain::EffectKey::from_stored),
        body: record.body.clone(),
    }
}
