//! The step with a store in which others write at the worst moment.

use domain::{
    Assurance, Carried, Consent, ConsentId, ConsentTold, Customer, CustomerId, Effect, EventId,
    Handle, HandleKind, InboundEvent, Matched, Tagged,
};
use identity::{Change, Group, join, part};
use runtime::memory::{self, Queue, Rules, START, Schedules, matched_by, message};
use runtime::{FixedClock, QueueStep, Settled, StepFailure};
use state::memory::{Contents, Store};
use state::{
    Application, Applied, Committed, Consents, Customers, EventRecord, Firings, Identities,
    Remaking, Replays, Seen, StoreError, Timeline, TimelineEntry,
};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use tag_update::TagUpdate;

const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
classify: { issues: [{ name: quality, any: [broken] }] }
counters: [{ name: complaints, when: 'event.issue == "quality"', window: 30d }]
tags: [{ name: high_care, when: customer.counts.complaints >= 2 }]
"#;

/// Who comes between load and write.
pub(crate) enum Rival {
    /// Another instance of the step, with this event.
    Event(Box<Matched>),
    /// Somebody who changes the graph.
    Change(Change),
}

/// A store in which one rival comes after each load.
#[derive(Clone)]
pub(crate) struct Contended {
    store: Store,
    rules: Rules,
    schedules: Schedules,
    clock: Rc<FixedClock>,
    rivals: Rc<RefCell<VecDeque<Rival>>>,
    forgetful: Rc<Cell<bool>>,
}

impl Timeline for Contended {
    async fn load(&self, profile: &CustomerId, event: &EventId) -> Result<Seen, StoreError> {
        let seen = self.store.load(profile, event).await?;
        let rival = self.rivals.borrow_mut().pop_front();
        match rival {
            Some(Rival::Event(matched)) => {
                let (store, timers) = (self.store.clone(), self.schedules.clone());
                let (rules, clock) = (self.rules.book(), Rc::clone(&self.clock));
                let step = TagUpdate::new(store, Queue::default(), timers, rules, clock);
                assert_eq!(step.handle((*matched).into()).await, Ok(Settled::Fresh));
            }
            Some(Rival::Change(change)) => {
                assert_eq!(self.store.commit(&change).await?, Committed::Written);
            }
            None => {}
        }
        let event = seen.event.filter(|_| !self.forgetful.get());
        Ok(Seen { event, ..seen })
    }

    async fn apply(&self, applied: &Applied<'_>) -> Result<Application, StoreError> {
        self.store.apply(applied).await
    }

    async fn entry(&self, event: &EventRecord) -> Result<Option<TimelineEntry>, StoreError> {
        self.store.entry(event).await
    }
}

impl Replays for Contended {
    async fn record(&self, event: &EventId) -> Result<Option<EventRecord>, StoreError> {
        if self.forgetful.get() { Ok(None) } else { self.store.record(event).await }
    }

    async fn history(&self, profile: &CustomerId) -> Result<Vec<InboundEvent>, StoreError> {
        self.store.history(profile).await
    }

    async fn remake(&self, remaking: &Remaking<'_>) -> Result<Application, StoreError> {
        self.store.remake(remaking).await
    }

    async fn amend(
        &self,
        read: &EventRecord,
        effects: &[Effect],
        firings: Option<&Firings>,
    ) -> Result<Committed, StoreError> {
        self.store.amend(read, effects, firings).await
    }
}

impl Consents for Contended {
    async fn tell_consent(&self, told: &ConsentTold) -> Result<bool, StoreError> {
        self.store.tell_consent(told).await
    }

    async fn consent(&self, of: &ConsentId) -> Result<Option<Consent>, StoreError> {
        self.store.consent(of).await
    }
}

impl Customers for Contended {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        self.store.group(profile).await
    }
}

/// The step's surroundings.
pub(crate) struct Bench {
    step: TagUpdate<Contended, Queue, Schedules, Store, Rc<FixedClock>>,
    pub(crate) store: Store,
    pub(crate) queue: Queue,
    pub(crate) schedules: Schedules,
    pub(crate) rules: Rules,
    pub(crate) clock: Rc<FixedClock>,
    rivals: Rc<RefCell<VecDeque<Rival>>>,
    /// Whether the ledger has forgotten every event.
    pub(crate) forgetful: Rc<Cell<bool>>,
}

impl Bench {
    /// With nobody in the store.
    pub(crate) fn new() -> Self {
        Self::following(CONFIG)
    }

    /// With nobody in the store, and these rules.
    pub(crate) fn following(config: &str) -> Self {
        let clock = Rc::new(FixedClock::new(START));
        let rules = Rules::none(&clock);
        rules.apply(config);
        let (store, queue, schedules) = (Store::default(), Queue::default(), Schedules::default());
        let (rivals, forgetful) = (Rc::default(), Rc::default());
        let seen = Contended {
            store: store.clone(),
            rules: rules.clone(),
            schedules: schedules.clone(),
            clock: Rc::clone(&clock),
            rivals: Rc::clone(&rivals),
            forgetful: Rc::clone(&forgetful),
        };
        let (next, timers, time) = (queue.clone(), schedules.clone(), Rc::clone(&clock));
        let step = TagUpdate::new(seen, next, timers, rules.book(), time);
        Self { step, store, queue, schedules, rules, clock, rivals, forgetful }
    }

    /// With these profiles in the store, each a customer by itself.
    pub(crate) async fn with(profiles: &[&[Handle]]) -> Self {
        Self::new().and(profiles).await
    }

    /// The same with these profiles in the store.
    pub(crate) async fn and(self, profiles: &[&[Handle]]) -> Self {
        let bench = self;
        for handles in profiles {
            let customer = memory::customer(handles);
            assert_eq!(memory::enter(&bench.store, customer).await.unwrap(), Committed::Written);
        }
        bench
    }

    /// Lets a rival come after the next load, or after that of the rival before.
    pub(crate) fn expect(&self, rival: Rival) {
        self.rivals.borrow_mut().push_back(rival);
    }

    /// Handles an event of this profile.
    pub(crate) async fn handle(
        &self,
        profile: &Handle,
        event: InboundEvent,
    ) -> Result<Settled, StepFailure> {
        self.handle_matched(matched(profile, event)).await
    }

    /// Handles a message of the queue.
    pub(crate) async fn handle_matched(&self, message: Matched) -> Result<Settled, StepFailure> {
        self.handle_carried(message.into()).await
    }

    /// Handles a message that may belong to a replay.
    pub(crate) async fn handle_carried(
        &self,
        message: Carried<Matched>,
    ) -> Result<Settled, StepFailure> {
        self.step.handle(message).await
    }

    /// Handles a complaint of this number by the profile; returns what was sent on.
    pub(crate) async fn complain(&self, number: i64, profile: &Handle) -> Tagged {
        let event = message(number, std::slice::from_ref(profile));
        assert_eq!(self.handle(profile, event).await, Ok(Settled::Fresh));
        self.sent().pop().unwrap()
    }

    /// What would make one customer of two profiles.
    pub(crate) async fn joining(&self, one: &Handle, other: &Handle) -> Change {
        let mut groups = Vec::new();
        for handle in [one, other] {
            groups.extend(self.store.group(&id(handle)).await.unwrap());
        }
        let by = ("pat".to_owned(), START);
        join(&groups, &self.contents().links, (id(one), id(other)), Vec::new(), by, 1).unwrap()
    }

    /// What would take the only merge away.
    pub(crate) async fn parting(&self) -> Change {
        let merge = self.contents().merges.into_values().next().unwrap();
        let group = self.store.group(&merge.survivor).await.unwrap().unwrap();
        part(&group, &self.contents().links, merge, ("pat".into(), START)).unwrap()
    }

    pub(crate) async fn commit(&self, change: Change) {
        assert_eq!(self.store.commit(&change).await.unwrap(), Committed::Written);
    }

    pub(crate) fn contents(&self) -> Contents {
        self.store.contents()
    }

    pub(crate) fn sent(&self) -> Vec<Tagged> {
        self.queue.messages()
    }

    /// The profile as it is stored.
    pub(crate) fn stored(&self, profile: &Handle) -> Customer {
        self.contents().customers[&id(profile)].clone()
    }
}

/// An event of this profile, as `identity-match` sends it.
pub(crate) fn matched(profile: &Handle, event: InboundEvent) -> Matched {
    Matched { event, customer: id(profile), decision: matched_by(profile), matched_at: None }
}

pub(crate) fn phone() -> Handle {
    Handle::phone("+12025550123", "US", Assurance::Attested).unwrap()
}

pub(crate) fn email() -> Handle {
    Handle::email("anna@example.com", Assurance::Attested).unwrap()
}

pub(crate) fn record() -> Handle {
    Handle::account(HandleKind::Crm, "tryton", "7", Assurance::Attested).unwrap()
}

/// The profile that this handle began.
pub(crate) fn id(first: &Handle) -> CustomerId {
    CustomerId::new(first.key().as_str())
}
