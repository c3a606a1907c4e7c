//! One failure with all of its attempts.

use super::list::state;
use crate::output::View;
use crate::page::{Page, printable, title};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{
    Attempt, CustomerId, EffectKey, EventId, Failure, FailureRecord, FailureState, Payload,
};
use serde::Serialize;

/// A failure; its payload only where that was asked for.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    record: FailureRecord,
    on_retry: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Payload>,
}

impl Shown {
    pub(super) fn new(failure: Failure, on_retry: String, with_payload: bool) -> Self {
        let Failure { record, payload } = failure;
        Self { record, on_retry, payload: with_payload.then_some(payload) }
    }
}

impl View for Shown {
    fn text(&self, page: &Page) -> String {
        let record = &self.record;
        let or_none = |text: Option<String>| text.unwrap_or_default();
        let facts = page.facts([
            ("failure", record.id.to_string()),
            ("step", record.step.to_string()),
            ("source", or_none(record.about.source.clone())),
            ("destination", or_none(record.about.destination.clone())),
            ("state", state(page, record.state)),
            ("because", or_none(record.because.clone())),
            ("event", or_none(record.about.event.as_ref().map(EventId::to_string))),
            ("customer", or_none(record.about.customer.as_ref().map(CustomerId::to_string))),
            ("effect", or_none(record.about.effect.as_ref().map(EffectKey::to_string))),
        ]);
        let mut attempts = page.table(["at", "receives", "class", "reason", "detail"]);
        for Attempt { at, class, reason, receives, .. } in &record.attempts {
            let (code, detail) = (reason.code.clone(), reason.detail.clone());
            attempts.row([page.time(*at), receives.to_string(), class.to_string(), code, detail]);
        }
        let end = match (&self.payload, record.state) {
            (Some(payload), _) => title("\nPayload") + &readable(payload),
            (None, FailureState::Redriven { .. }) => String::new(),
            (
                None,
                FailureState::Waiting { .. }
                | FailureState::Held { .. }
                | FailureState::Behind { .. }
                | FailureState::Parked { .. }
                | FailureState::Dismissed { .. },
            ) => format!(
                "\nonce its cause is gone: omnicord failures retry {id}\n\
                 if it is not to be done: omnicord failures dismiss {id} --because …\n\
                 the message itself: omnicord failures show {id} --payload\n",
                id = record.id
            ),
        };
        let outlook = title("\nOn retry") + &self.on_retry + "\n";
        [facts, title("\nAttempts"), attempts.to_string(), outlook, end].concat()
    }
}

/// JSON indented, other bytes as text.
fn readable(payload: &Payload) -> String {
    let text = match payload {
        Payload::Message { body, .. } => body.clone(),
        Payload::Webhook { body, .. } => match STANDARD.decode(body) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => body.clone(),
        },
    };
    let json = serde_json::from_str::<serde_json::Value>(&text);
    printable(&json.map_or(text, |json| format!("{json:#}")))
}

#[cfg(test)]
mod tests;
