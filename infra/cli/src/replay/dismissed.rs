//! What a person decided not to have done, which a replay does not do either.

use crate::failures::Backlog;
use domain::{Effect, EffectKey, EventId, Step};
use state::{Plan, StoreError};
use std::collections::BTreeSet;

/// What the dismissed failures name.
#[derive(Debug, Default)]
pub(super) struct Dismissed {
    /// Events about which nothing is to be decided, and none of whose effects is to be done.
    events: BTreeSet<EventId>,
    /// Effects that are not to be done.
    effects: BTreeSet<EffectKey>,
}

impl Dismissed {
    /// Reads what concerns a plan: without effects nothing is done that a person could have
    /// dismissed.
    pub(super) async fn read(store: &impl Backlog, plan: &Plan) -> Result<Self, StoreError> {
        let mut dismissed = Self::default();
        if !plan.effects {
            return Ok(dismissed);
        }
        for failure in store.records("dismissed").await? {
            match failure.step {
                Step::WebhookReceiver
                | Step::IdentityMatch
                | Step::TagUpdate
                | Step::TriggerDispatcher => dismissed.events.extend(failure.about.event),
                Step::OutboundDelivery => dismissed.effects.extend(failure.about.effect),
                Step::ErrorReconciler => {}
            }
        }
        Ok(dismissed)
    }

    /// Whether nothing is to be decided about the event.
    pub(super) fn event(&self, event: &EventId) -> bool {
        self.events.contains(event)
    }

    /// Whether the effect is not to be done.
    pub(super) fn effect(&self, effect: &Effect) -> bool {
        self.effects.contains(&effect.key) || self.event(&effect.event)
    }
}
