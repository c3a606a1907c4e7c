//! A message from a dead-letter queue, with what it tells about its failure.

use crate::schedule::next_state;
use crate::step_of;
use domain::{
    About, Attempt, Class, DeadLetter, Disposition, Failure, FailureId, FailureRecord,
    FailureState, Outbound, Payload, Reason, Release, Step,
};
use jiff::{SignedDuration, Timestamp};
use runtime::Record;
use serde::Deserialize;

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
        let told = if let Ok(letter) = serde_json::from_str(&record.body) {
            letter
        } else {
            let step = step_of(&record.queue)?;
            strange(record, step).unwrap_or_else(|| bare(record, step))
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
        in_force: Option<Release>,
        park_after: SignedDuration,
        now: Timestamp,
    ) -> Failure {
        let id = self.failure_id();
        let told = self.told;
        // Without rules nobody can tell; then any release counts as another.
        let in_force = in_force.unwrap_or_default();
        let release = Release { config: told.config.unwrap_or(in_force.config), ..in_force };
        let (class, disposition) = (told.class, told.disposition);
        let held = matches!(disposition, Disposition::Hold { .. } | Disposition::Behind);
        let (reason, receives) = (told.reason, told.receives);
        let attempt = Attempt { at: self.sent_at, class, reason, receives, held };
        let known = known.map(|known| known.record);
        let is_news = known.as_ref().is_none_or(|known| !known.attempts.contains(&attempt));
        let (attempts, asked_at, state) = known.map_or((Vec::new(), None, None), |known| {
            (known.attempts, known.asked_at, Some(known.state))
        });
        let mut record = FailureRecord {
            id,
            step: told.step,
            about: told.about,
            disposition,
            attempts,
            state: state.unwrap_or(FailureState::Parked { at: now }),
            asked_at,
            because: None,
            release,
        };
        if is_news {
            remember(&mut record.attempts, attempt);
            record.state = next_state(&record, park_after, now);
        }
        Failure { record, payload: Payload::Message { body: told.body, group: self.group } }
    }
}

/// Keeps the first attempts and the last ones: what waits for the outside may fail for years.
pub(crate) fn remember(attempts: &mut Vec<Attempt>, attempt: Attempt) {
    if attempts.len() >= MOST_ATTEMPTS {
        attempts.remove(FIRST_ATTEMPTS);
    }
    attempts.push(attempt);
}

/// A letter of another version of the program, which says something that this one does not know:
/// the message in it is what goes back, not the letter.
fn strange(record: &Record, step: Step) -> Option<DeadLetter> {
    #[derive(Deserialize)]
    struct Strange {
        step: String,
        reason: Reason,
        body: String,
    }
    let letter: Strange = serde_json::from_str(&record.body).ok()?;
    if letter.step != step.as_str() {
        return None;
    }
    let inner = Record { body: letter.body, ..record.clone() };
    Some(DeadLetter { reason: letter.reason, ..bare(&inner, step) })
}

fn bare(record: &Record, step: Step) -> DeadLetter {
    let known: Option<serde_json::Value> = serde_json::from_str(&record.body).ok();
    let id = |path: &str| {
        let text = known.as_ref()?.pointer(path)?.as_str()?;
        Some(text.to_owned())
    };
    let (source, event, customer, effect) = match step {
        Step::IdentityMatch => (id("/source"), id("/id"), None, None),
        Step::TagUpdate => (id("/event/source"), id("/event/id"), id("/customer"), None),
        Step::TriggerDispatcher => (id("/event/source"), id("/event/id"), id("/customer/id"), None),
        Step::OutboundDelivery => (None, id("/event"), id("/customer"), id("/key")),
        Step::WebhookReceiver | Step::ErrorReconciler => (None, None, None, None),
    };
    let destination = serde_json::from_str::<Outbound>(&record.body)
        .ok()
        .map(|Outbound(effect)| effect.action.destination());
    let about = About {
        source,
        destination,
        event: event.map(domain::EventId::from_stored),
        customer: customer.map(domain::CustomerId::from_stored),
        effect: effect.map(domain::EffectKey::from_stored),
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
        config: None,
        about,
        body: record.body.clone(),
    }
}
