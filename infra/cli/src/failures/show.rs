//! One failure with all of its attempts.

use super::list::state;
use crate::output::View;
use crate::page::{Page, printable, title};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{
    Attempt, CustomerId, Disposition, EffectKey, EventId, Failure, FailureId, FailureState,
    Payload, Release, Step,
};
use serde::Serialize;

/// A failure; its payload only where that was asked for.
#[derive(Serialize)]
pub(super) struct Shown {
    id: FailureId,
    step: Step,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectKey>,
    disposition: Disposition,
    state: FailureState,
    attempts: Vec<Attempt>,
    release: Release,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Payload>,
}

impl Shown {
    pub(super) fn new(failure: Failure, with_payload: bool) -> Self {
        let Failure {
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
        } = failure;
        let payload = with_payload.then_some(payload);
        Self { id, step, event, customer, effect, disposition, state, attempts, release, payload }
    }
}

impl View for Shown {
    fn text(&self, page: &Page) -> String {
        let facts = page.facts([
            ("failure", self.id.to_string()),
            ("step", self.step.to_string()),
            ("state", state(page, self.state)),
            ("event", self.event.as_ref().map(EventId::to_string).unwrap_or_default()),
            ("customer", self.customer.as_ref().map(CustomerId::to_string).unwrap_or_default()),
            ("effect", self.effect.as_ref().map(EffectKey::to_string).unwrap_or_default()),
        ]);
        let mut attempts = page.table(["at", "receives", "class", "reason", "detail"]);
        for Attempt { at, class, reason, receives, .. } in &self.attempts {
            let (code, detail) = (reason.code.clone(), reason.detail.clone());
            attempts.row([page.time(*at), receives.to_string(), class.to_string(), code, detail]);
        }
        let end = match (&self.payload, self.state) {
            (Some(payload), _) => title("\nPayload") + &readable(payload),
            (None, FailureState::Redriven { .. }) => String::new(),
            (
                None,
                FailureState::Waiting { .. }
                | FailureState::Held { .. }
                | FailureState::Parked { .. },
            ) => format!(
                "\nonce its cause is gone: omnicord failures retry {id}\n\
                 the message itself: omnicord failures show {id} --payload\n",
                id = self.id
            ),
        };
        [facts, title("\nAttempts"), attempts.to_string(), end].concat()
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
