//! What the pipeline reaches, which remembers what was done to it.

use crate::paced::Pauses;
use crate::queue::Queue;
use domain::{Action, CrmLink, CustomerId, Effect, EffectKey, Handle};
use identity::Record;
use identity_match::{Directory, Standing};
use jiff::Timestamp;
use outbound_delivery::{Deliver, Undelivered};
use rules::RuleSet;
use runtime::{Outbox, Parcel, SendError, StepFailure};
use state::memory::Fault;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A worker's way into a queue, which may fail before or after it took a message.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    pub(crate) queue: Rc<RefCell<Queue>>,
    pub(crate) fault: Rc<Cell<Option<Fault>>>,
    pub(crate) pauses: Pauses,
}

impl Outbox for Entrance {
    async fn send_all(&self, parcels: Vec<Parcel>) -> Result<(), SendError> {
        let fault = self.fault.take();
        self.pauses.pause().await;
        if fault != Some(Fault::Before) {
            for parcel in parcels {
                self.queue.borrow_mut().push(parcel);
                self.pauses.pause().await;
            }
        }
        if fault.is_none() {
            Ok(())
        } else {
            let source = "the test asked for it".into();
            Err(SendError::Unavailable { code: "injected".into(), source })
        }
    }
}

/// A CRM that knows nobody.
pub(crate) struct NoCrm;

impl Directory for NoCrm {
    async fn find(&self, _: &RuleSet, _: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        Ok(Vec::new())
    }

    async fn locate(&self, _: &RuleSet, _: &CrmLink) -> Result<Standing, StepFailure> {
        Ok(Standing::Unknown)
    }
}

/// What was done to the outside.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// When each text was sent: as often as it was asked for.
    pub(crate) texts: BTreeMap<EffectKey, Vec<Timestamp>>,
    /// What finds before it creates, or has a receiver that knows its id.
    pub(crate) written: BTreeSet<EffectKey>,
    /// The tags of the CRM's records.
    pub(crate) tags: BTreeMap<CustomerId, BTreeSet<String>>,
}

/// A worker's way to the destinations.
#[derive(Clone, Debug)]
pub(crate) struct Outside(pub(crate) Rc<RefCell<Done>>, pub(crate) Pauses);

impl Deliver for Outside {
    async fn deliver(
        &self,
        _: &RuleSet,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<String, Undelivered> {
        self.1.pause().await;
        self.0.borrow_mut().take(effect, now);
        self.1.pause().await;
        Ok("receipt".into())
    }
}

impl Done {
    fn take(&mut self, effect: &Effect, now: Timestamp) {
        let key = effect.key.clone();
        match &effect.action {
            Action::Sms { .. } | Action::Email { .. } => {
                self.texts.entry(key).or_default().push(now);
            }
            Action::CrmTag { add, remove } => {
                let tags = self.tags.entry(effect.customer.clone()).or_default();
                tags.extend(add.iter().cloned());
                tags.retain(|tag| !remove.contains(tag));
                self.written.insert(key);
            }
            Action::CrmNote { .. }
            | Action::CrmTicket { .. }
            | Action::CrmTask { .. }
            | Action::CrmField { .. }
            | Action::Push { .. }
            | Action::WechatTemplate { .. }
            | Action::WechatMessage { .. }
            | Action::WecomMessage { .. }
            | Action::WhatsappTemplate { .. }
            | Action::AgentHint { .. }
            | Action::Webhook { .. } => {
                self.written.insert(key);
            }
        }
    }
}
