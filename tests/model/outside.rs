//! What the pipeline reaches, which remembers what was done to it.

use crate::moods::{DECLINED, Ill, Moods, Place, TEXT_DECLINED};
use crate::weather::Pace;
use domain::{Action, CrmLink, CustomerId, Effect, EffectKey, Handle};
use identity::Record;
use identity_match::{Directory, Standing};
use jiff::Timestamp;
use outbound_delivery::{Deliver, Undelivered, as_they_stand};
use rules::RuleSet;
use runtime::StepFailure;
use state::Customers;
use state::memory::Store;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A CRM that knows nobody, if it answers at all.
#[derive(Clone, Debug)]
pub(crate) struct NoCrm(pub(crate) Option<(Rc<RefCell<Moods>>, Pace)>);

impl Directory for NoCrm {
    async fn find(&self, _: &RuleSet, _: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        let Some((moods, pace)) = &self.0 else { return Ok(Vec::new()) };
        pace.pause().await;
        let ill = moods.borrow().of(Place::Crm).filter(Ill::is_of_all);
        if let Some(ill) = ill {
            pace.weather.count(ill.class);
            return Err(ill.answer().failure().clone());
        }
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
pub(crate) struct Outside {
    pub(crate) store: Store,
    pub(crate) done: Rc<RefCell<Done>>,
    pub(crate) moods: Rc<RefCell<Moods>>,
    pub(crate) pace: Pace,
}

impl Deliver for Outside {
    async fn deliver(
        &self,
        rules: &RuleSet,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<String, Undelivered> {
        self.pace.pause().await;
        let effect = &self.as_it_stands(rules, effect).await?;
        self.pace.weather.counts.borrow_mut().requests += 1;
        let ill = self.moods.borrow().towards(effect);
        if ill.is_none_or(|ill| ill.does) {
            self.done.borrow_mut().take(effect, now);
        }
        self.pace.pause().await;
        let Some(ill) = ill else { return Ok("receipt".into()) };
        self.pace.weather.count(ill.class);
        Err(ill.answer())
    }
}

impl Outside {
    /// The effect with the tags as the customer bears them by now.
    async fn as_it_stands(&self, rules: &RuleSet, effect: &Effect) -> Result<Effect, Undelivered> {
        let Action::CrmTag { add, remove } = &effect.action else { return Ok(effect.clone()) };
        let group = self.store.group(&effect.customer).await?.unwrap();
        self.pace.pause().await;
        let (add, remove) = as_they_stand(rules, &rules.combine(&group), add, remove);
        Ok(Effect { action: Action::CrmTag { add, remove }, ..effect.clone() })
    }
}

impl Moods {
    fn towards(&self, effect: &Effect) -> Option<Ill> {
        let place = match &effect.action {
            Action::CrmTag { .. }
            | Action::CrmNote { .. }
            | Action::CrmTicket { .. }
            | Action::CrmTask { .. }
            | Action::CrmField { .. } => Place::Crm,
            Action::Webhook { .. } | Action::AgentHint { .. } => Place::Endpoint,
            Action::Sms { .. }
            | Action::Email { .. }
            | Action::Push { .. }
            | Action::WechatTemplate { .. }
            | Action::WechatMessage { .. }
            | Action::WecomMessage { .. }
            | Action::WhatsappTemplate { .. } => Place::Texts,
        };
        let declined = effect.key.turn(100) < self.declines;
        match place {
            Place::Crm if declined => Some(DECLINED[effect.key.turn(DECLINED.len())]),
            Place::Texts if declined => Some(TEXT_DECLINED),
            Place::Crm | Place::Texts | Place::Endpoint => self.of(place),
        }
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
