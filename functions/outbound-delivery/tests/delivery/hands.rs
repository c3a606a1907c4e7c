//! The step with a destination that does as it is told.

use domain::{Action, CustomerId, Effect, EffectKey, EventId, Outbound, RuleRef};
use jiff::{SignedDuration, Timestamp};
use outbound_delivery::{Deliver, OutboundDelivery, Undelivered};
use rules::RuleSet;
use runtime::memory::{Rules, START};
use runtime::{
    Clock, Email, EmailSender, FixedClock, MessagingError, Push, PushSender, QueueStep, Settled,
    Sms, SmsSender, StepFailure,
};
use state::memory::Store;
use state::{Claim, EffectRecord, Lease, Ledger};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

pub(crate) const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
"#;

/// A destination that ends each attempt as it is told to, then well.
#[derive(Clone, Default)]
pub(crate) struct Hands {
    outcomes: Rc<RefCell<VecDeque<Undelivered>>>,
    performed: Rc<RefCell<Vec<EffectKey>>>,
}

impl Hands {
    pub(crate) fn fail_next(&self, outcome: Undelivered) {
        self.outcomes.borrow_mut().push_back(outcome);
    }

    /// How many attempts were made.
    pub(crate) fn attempts(&self) -> usize {
        self.performed.borrow().len()
    }
}

impl Deliver for Hands {
    async fn deliver(
        &self,
        _: &RuleSet,
        effect: &Effect,
        _: Timestamp,
    ) -> Result<String, Undelivered> {
        self.performed.borrow_mut().push(effect.key.clone());
        self.outcomes.borrow_mut().pop_front().map_or_else(|| Ok("receipt-1".into()), Err)
    }
}

/// Nobody sends texts here.
pub(crate) struct NoTexts;

impl SmsSender for NoTexts {
    async fn send_sms(&self, _: Sms<'_>) -> Result<String, MessagingError> {
        panic!("no text was asked for")
    }
}

impl PushSender for NoTexts {
    async fn send_push(&self, _: Push<'_>) -> Result<String, MessagingError> {
        panic!("no notification was asked for")
    }
}

impl EmailSender for NoTexts {
    async fn send_email(&self, _: Email<'_>) -> Result<String, MessagingError> {
        panic!("no e-mail was asked for")
    }
}

/// The step's surroundings.
pub(crate) struct Bench<D> {
    step: OutboundDelivery<Store, D, Store, Rc<FixedClock>>,
    pub(crate) store: Store,
    pub(crate) rules: Rules,
    clock: Rc<FixedClock>,
}

impl<D: Deliver> Bench<D> {
    pub(crate) fn new(destinations: D) -> Self {
        Self::over(Store::default(), destinations, CONFIG)
    }

    /// Over this store, with these rules in force; none, where the text is empty.
    pub(crate) fn over(store: Store, destinations: D, config: &str) -> Self {
        let clock = Rc::new(FixedClock::new(START));
        let rules = Rules::none(&clock);
        if !config.is_empty() {
            rules.apply(config);
        }
        let (book, time) = (rules.book(), Rc::clone(&clock));
        let step = OutboundDelivery::new(store.clone(), destinations, book, time);
        Self { step, store, rules, clock }
    }

    pub(crate) async fn handle(&self, effect: &Effect) -> Result<Settled, StepFailure> {
        self.step.handle(Outbound(effect.clone())).await
    }

    /// A minute has passed.
    pub(crate) async fn tick(&self) {
        self.step.tick().await;
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.set(self.clock.now() + time);
    }

    /// Begins the effect as a worker does that then dies or is slow.
    pub(crate) async fn begin(&self, effect: &Effect) -> Lease {
        let lease = SignedDuration::from_secs(90);
        match self.store.claim(effect, self.clock.now(), lease).await.unwrap() {
            Claim::Granted(lease) => lease,
            Claim::Done | Claim::Busy { .. } => panic!("taken already"),
        }
    }

    /// How far the effect has come.
    pub(crate) fn record(&self, effect: &Effect) -> EffectRecord {
        self.store.contents().effects[&effect.key].clone()
    }
}

/// An effect on the customer of a known phone number.
pub(crate) fn effect(action: Action) -> Effect {
    let event = EventId::new("test", "1");
    Effect {
        key: EffectKey::new(&event, "rule", action.name()),
        event,
        customer: CustomerId::new("phone::+12025550123"),
        rule: RuleRef { name: "rule".into(), config_version: 1 },
        decided_at: START,
        not_before: None,
        action,
    }
}

pub(crate) fn sms() -> Effect {
    effect(Action::Sms { to: "+12025550123".into(), text: "on its way".into() })
}

pub(crate) fn email() -> Effect {
    let (to, subject, text) = ("anna@example.com".into(), "Your order".into(), "shipped".into());
    effect(Action::Email { to, subject, text })
}

pub(crate) fn note() -> Effect {
    effect(Action::CrmNote { text: "called about a cup".into() })
}

/// A note on this customer.
pub(crate) fn note_on(customer: &CustomerId) -> Effect {
    Effect { customer: customer.clone(), ..note() }
}
