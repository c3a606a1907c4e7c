//! The ports in memory, for tests of the steps: they keep what they are given, and fail on demand.

mod schedules;

pub use schedules::Schedules;

use crate::{Alarm, Alarms, FixedClock, Outbox, Parcel, RuleBook, SecretError, SendError};
use channels::Secret;
use domain::{
    CrmLink, Customer, CustomerId, Direction, EventId, EventKind, FailureId, Handle, HandleKind,
    Held, InboundEvent, Match, MatchOutcome, Step,
};
use identity::{Change, CustomerWrite, Link, LinkWrite};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use state::memory::Store;
use state::{Committed, ConfigVersion, Identities, StoreError};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The time at which the tests begin.
pub const START: Timestamp = Timestamp::constant(1_790_000_000, 0);

/// A message of this number, by whoever bears these handles.
#[must_use]
pub fn message(number: i64, handles: &[Handle]) -> InboundEvent {
    let occurred_at = Timestamp::from_second(START.as_second() + number).unwrap_or(START);
    InboundEvent {
        id: EventId::new("test", &number.to_string()),
        source: "test".into(),
        channel: "standard-webhooks".into(),
        kind: EventKind::Message,
        topic: "text".into(),
        direction: Direction::Inbound,
        occurred_at,
        received_at: occurred_at,
        handles: handles.to_vec(),
        text: Some(format!("message {number}: it is broken")),
        duration_s: None,
        fields: BTreeMap::new(),
        checks: domain::Checks::default(),
    }
}

/// A profile that is a customer by itself and has held these handles since [`START`]. Its id is
/// that of the first.
#[must_use]
pub fn customer(handles: &[Handle]) -> Customer {
    let first = handles.first().map(Handle::key);
    let id = CustomerId::new(first.as_ref().map_or("nobody", domain::HandleKey::as_str));
    let mut customer = Customer::new(id, START);
    let held = |handle: &Handle| (handle.key(), Held::new(START, handle.assurance));
    customer.handles = handles.iter().map(held).collect();
    let record = handles.iter().find(|handle| handle.kind == HandleKind::Crm);
    customer.crm =
        record.map(|record| CrmLink { crm: record.scope.clone(), id: record.value.clone() });
    customer
}

/// Puts a profile into the store, as a customer by itself to whom its handles lead.
pub async fn enter(store: &Store, customer: Customer) -> Result<Committed, StoreError> {
    let link = |(key, held): (&domain::HandleKey, &Held)| {
        let (id, assurance, since) = (customer.id.clone(), held.assurance, held.since);
        let (home, contested) = (id.clone(), BTreeSet::new());
        let link =
            Link { customer: id, home, assurance, since, version: 1, shared: false, contested };
        LinkWrite { key: key.clone(), read: None, after: Some(link) }
    };
    let links = customer.handles.iter().map(link).collect();
    let customers = vec![CustomerWrite::Create(Box::new(customer))];
    store.commit(&Change { customers, links, ..Change::default() }).await
}

/// The decision about an event of a known customer that bears this handle.
#[must_use]
pub fn matched_by(handle: &Handle) -> Match {
    Match {
        outcome: MatchOutcome::Matched,
        by: Some(handle.key()),
        linked: Vec::new(),
        set_aside: Vec::new(),
        merges: Vec::new(),
        reviews: Vec::new(),
        config_version: 1,
    }
}

/// Why a queue takes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closed {
    /// It does not answer.
    Unavailable,
    /// It refuses whatever it is sent.
    Rejecting,
}

/// A queue that drops no repetition. Its clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    parcels: Rc<RefCell<Vec<Parcel>>>,
    closed: Rc<Cell<Option<Closed>>>,
}

impl Queue {
    /// Everything that was sent, in order.
    #[must_use]
    pub fn parcels(&self) -> Vec<Parcel> {
        self.parcels.borrow().clone()
    }

    /// The messages that were sent, in order; those that are none of this type left out.
    #[must_use]
    pub fn messages<M: DeserializeOwned>(&self) -> Vec<M> {
        let parcels = self.parcels.borrow();
        parcels.iter().filter_map(|parcel| serde_json::from_str(&parcel.body).ok()).collect()
    }

    /// Closes the queue, or opens it.
    pub fn close(&self, closed: Option<Closed>) {
        self.closed.set(closed);
    }
}

impl Outbox for Queue {
    async fn send_all(&self, parcels: Vec<Parcel>) -> Result<(), SendError> {
        let (code, source) = ("injected".to_owned(), "the test asked for it".into());
        match self.closed.get() {
            None => {
                self.parcels.borrow_mut().extend(parcels);
                Ok(())
            }
            Some(Closed::Unavailable) => Err(SendError::Unavailable { code, source }),
            Some(Closed::Rejecting) => Err(SendError::Rejected { code, source }),
        }
    }
}

/// Secrets, each as it is remembered and as it is. Its clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    remembered: Rc<RefCell<BTreeMap<String, String>>>,
    current: Rc<RefCell<BTreeMap<String, String>>>,
    closed: Rc<Cell<bool>>,
}

impl Secrets {
    /// Stores a secret: a JSON object of strings. One that is remembered is so until it is asked
    /// for afresh.
    pub fn put(&self, name: &str, json: &str) {
        self.remembered.borrow_mut().entry(name.to_owned()).or_insert_with(|| json.to_owned());
        self.current.borrow_mut().insert(name.to_owned(), json.to_owned());
    }

    /// Makes every secret unavailable, or available again.
    pub fn close(&self, closed: bool) {
        self.closed.set(closed);
    }

    fn take(&self, name: &str, json: Option<String>) -> Result<Rc<Secret>, SecretError> {
        let name = name.to_owned();
        if self.closed.get() {
            let source = "the test asked for it".into();
            return Err(SecretError::Unavailable { name, code: "injected".into(), source });
        }
        match json.map(|json| Secret::from_json(&json)) {
            Some(Ok(secret)) => Ok(Rc::new(secret)),
            Some(Err(_)) => Err(SecretError::Unusable { name, code: "malformed".into() }),
            None => Err(SecretError::Unusable { name, code: "ResourceNotFoundException".into() }),
        }
    }
}

impl crate::Secrets for Secrets {
    async fn secret(&self, name: &str) -> Result<Rc<Secret>, SecretError> {
        let json = self.remembered.borrow().get(name).cloned();
        self.take(name, json)
    }

    async fn fresh_secret(&self, name: &str) -> Result<Rc<Secret>, SecretError> {
        let json = self.current.borrow().get(name).cloned();
        if let Some(json) = &json {
            self.remembered.borrow_mut().insert(name.to_owned(), json.clone());
        }
        self.take(name, json)
    }
}

/// An alarm that was raised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raised {
    /// The step that it concerns.
    pub step: Step,
    /// The failure record to look at.
    pub failure: FailureId,
    /// The reason's code.
    pub code: String,
}

/// Somebody who is told. Its clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    raised: Rc<RefCell<Vec<Raised>>>,
    closed: Rc<Cell<bool>>,
}

impl Pager {
    /// The alarms that were taken, in order.
    #[must_use]
    pub fn raised(&self) -> Vec<Raised> {
        self.raised.borrow().clone()
    }

    /// Takes no more alarms, or takes them again.
    pub fn close(&self, closed: bool) {
        self.closed.set(closed);
    }
}

impl Alarms for Pager {
    async fn raise(&self, alarm: Alarm<'_>) -> bool {
        if self.closed.get() {
            return false;
        }
        let failure = FailureId::from_stored(alarm.failure);
        let code = alarm.reason.code.clone();
        self.raised.borrow_mut().push(Raised { step: alarm.step, failure, code });
        true
    }
}

/// The configuration in force, in a store of its own. Its clones share everything.
#[derive(Clone, Debug)]
pub struct Rules {
    store: Store,
    clock: Rc<FixedClock>,
}

impl Rules {
    /// No configuration yet, at this time.
    #[must_use]
    pub fn none(clock: &Rc<FixedClock>) -> Self {
        Self { store: Store::default(), clock: Rc::clone(clock) }
    }

    /// Puts a document in force as the next version.
    pub fn apply(&self, text: &str) {
        let version = u64::try_from(self.store.contents().configs.len()).unwrap_or(u64::MAX) + 1;
        let (text, applied_by) = (text.to_owned(), "test".to_owned());
        let applied_at = Timestamp::UNIX_EPOCH;
        self.store.apply_config(ConfigVersion { version, text, applied_at, applied_by });
    }

    /// What a step reads them through.
    #[must_use]
    pub fn book(&self) -> RuleBook<Store, Rc<FixedClock>> {
        RuleBook::new(self.store.clone(), Rc::clone(&self.clock))
    }
}
