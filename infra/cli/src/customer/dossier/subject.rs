//! What tells that a record is about a person.

use super::Named;
use crate::config::in_force;
use crate::trouble::Trouble;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{
    Customer, CustomerId, EventId, Failure, HandleKey, InboundEvent, Mailboxes, Matched, Payload,
    Step,
};
use identity::{Inquiry, Merge, Review, handle_of};
use state::{Extraction, Settings, TimelineEntry};
use std::collections::BTreeSet;

/// Texts shorter than this are in messages that have nothing to do with the person.
const TELLING: usize = 6;

/// A person's profiles and handles, with the events that came by them.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Subject {
    pub(super) profiles: BTreeSet<CustomerId>,
    pub(super) handles: BTreeSet<HandleKey>,
    pub(super) events: BTreeSet<EventId>,
    /// How the handles are written, for messages that cannot be read.
    spellings: BTreeSet<String>,
    mailboxes: Mailboxes,
}

impl Subject {
    pub(super) async fn new(
        store: &impl Settings,
        named: &Named,
        profiles: &[Customer],
    ) -> Result<Self, Trouble> {
        let mailboxes = match store.current_version().await? {
            Some(_) => in_force(store).await?.identity().mailboxes.clone(),
            None => Mailboxes::default(),
        };
        let mut subject = Self {
            profiles: profiles.iter().map(|profile| profile.id.clone()).collect(),
            handles: profiles.iter().flat_map(|profile| profile.handles.keys().cloned()).collect(),
            events: BTreeSet::new(),
            spellings: BTreeSet::new(),
            mailboxes,
        };
        match named {
            Named::Profile(id) => drop(subject.profiles.insert(id.clone())),
            Named::Handle(key) => drop(subject.handles.insert(key.clone())),
        }
        let values: Vec<_> = subject.handles.iter().map(|key| key.value().to_owned()).collect();
        for value in &values {
            subject.spell(value);
        }
        Ok(subject)
    }

    /// Takes in what the person's history tells.
    pub(super) fn learn(&mut self, history: &[TimelineEntry]) {
        for entry in history {
            let event = &entry.tagged.event;
            self.events.insert(event.id.clone());
            let own = event.handles.iter().filter(|handle| {
                self.handles.contains(&(*handle).clone().in_mailbox(&self.mailboxes).key())
            });
            let originals: Vec<_> = own.map(|handle| handle.original.clone()).collect();
            for original in &originals {
                self.spell(original);
            }
        }
    }

    fn spell(&mut self, text: &str) {
        for spelling in [text, text.trim_start_matches('+')] {
            if spelling.chars().count() >= TELLING {
                self.spellings.insert(spelling.to_owned());
            }
        }
    }

    /// Whether any of these handles is the person's.
    fn holds<'h>(&self, mut handles: impl Iterator<Item = &'h HandleKey>) -> bool {
        handles.any(|key| self.handles.contains(key))
    }

    pub(super) fn merged(&self, merge: &Merge) -> bool {
        self.profiles.contains(&merge.joins.0)
            || self.profiles.contains(&merge.joins.1)
            || self.holds(merge.handles.iter())
    }

    pub(super) fn extracted(&self, extraction: &Extraction) -> bool {
        self.profiles.contains(&extraction.from)
            || self.profiles.contains(&extraction.to)
            || self.holds(extraction.handles.iter())
    }

    pub(super) fn asked(&self, review: &Review) -> bool {
        let about = match &review.inquiry {
            Inquiry::SamePerson { other, handles, .. } => {
                self.profiles.contains(other) || self.holds(handles.iter())
            }
            Inquiry::WhichRecord { handle, .. } => self.handles.contains(handle),
            Inquiry::UnknownRecord { record } => {
                handle_of(record).is_some_and(|handle| self.handles.contains(&handle.key()))
            }
            Inquiry::Admit { .. } => false,
        };
        about
            || review.customer.as_ref().is_some_and(|customer| self.profiles.contains(customer))
            || review.event.as_ref().is_some_and(|event| self.events.contains(event))
    }

    /// Before the customer is known, a failure is about whoever has one of the handles; later, an
    /// event belongs to one profile.
    pub(super) fn failed(&self, failure: &Failure) -> bool {
        let customer =
            failure.record.about.customer.as_ref().is_some_and(|id| self.profiles.contains(id));
        match failure.record.step {
            Step::TagUpdate => customer,
            Step::TriggerDispatcher | Step::OutboundDelivery => match &failure.record.about.event {
                Some(event) => self.events.contains(event),
                None => customer,
            },
            Step::WebhookReceiver | Step::IdentityMatch | Step::ErrorReconciler => {
                match event_of(failure) {
                    Some(event) => event.handles.into_iter().any(|handle| {
                        self.handles.contains(&handle.in_mailbox(&self.mailboxes).key())
                    }),
                    None => self.is_spelled_in(&text_of(&failure.payload)),
                }
            }
        }
    }

    fn is_spelled_in(&self, text: &str) -> bool {
        self.spellings.iter().any(|spelling| text.contains(spelling))
    }
}

/// The event that an early failure holds, where its message can be read.
pub(crate) fn event_of(failure: &Failure) -> Option<InboundEvent> {
    let Payload::Message { body, .. } = &failure.payload else { return None };
    match failure.record.step {
        Step::IdentityMatch => serde_json::from_str(body).ok(),
        Step::TagUpdate => serde_json::from_str::<Matched>(body).ok().map(|matched| matched.event),
        Step::WebhookReceiver
        | Step::TriggerDispatcher
        | Step::OutboundDelivery
        | Step::ErrorReconciler => None,
    }
}

fn text_of(payload: &Payload) -> String {
    match payload {
        Payload::Message { body, .. } => body.clone(),
        Payload::Webhook { body, .. } => match STANDARD.decode(body) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => body.clone(),
        },
    }
}
