//! The state in memory, for tests of the steps: same rules as the real store, faults on demand.

use crate::{
    Application, Claim, ConfigVersion, Customers, Dispatch, Dispatched, EffectRecord, EffectState,
    EventRecord, Failures, Identities, Lease, Ledger, Linked, Owners, Seen, Settings, Settlement,
    Stage, StoreError, Timeline, TimelineEntry,
};
use domain::{
    CrmLink, Customer, CustomerId, Effect, EffectKey, EventId, Failure, FailureId, FailureState,
    HandleKey,
};
use jiff::{SignedDuration, Timestamp};
use std::cell::{Cell, Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Everything that the tables hold.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Contents {
    /// Handle → customer.
    pub identities: Owners,
    /// Customers.
    pub customers: BTreeMap<CustomerId, Customer>,
    /// Entries by customer, then by time of occurrence.
    pub timeline: BTreeMap<(CustomerId, String), TimelineEntry>,
    /// Event records.
    pub events: BTreeMap<EventId, EventRecord>,
    /// Effect records.
    pub effects: BTreeMap<EffectKey, EffectRecord>,
    /// Failure records.
    pub failures: BTreeMap<FailureId, Failure>,
    /// Configuration versions; the last is in force.
    pub configs: Vec<ConfigVersion>,
}

/// When an injected fault strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The write does not happen.
    Before,
    /// The write happens, its answer is lost.
    After,
}

/// A store that a test can look into and make fail. Its clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Store {
    contents: Rc<RefCell<Contents>>,
    reads: Rc<Cell<usize>>,
    writes: Rc<Cell<usize>>,
    fault: Rc<Cell<Option<(usize, Fault)>>>,
}

impl Store {
    /// A copy of everything.
    #[must_use]
    pub fn contents(&self) -> Contents {
        self.contents.borrow().clone()
    }

    /// Puts a configuration in force.
    pub fn apply_config(&self, config: ConfigVersion) {
        self.contents.borrow_mut().configs.push(config);
    }

    /// How many reads were made so far, those of the configuration apart.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.reads.get()
    }

    /// How many writes were tried so far.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.writes.get()
    }

    /// Makes the write with this number (from 0, counted from the store's beginning) fail.
    pub fn fail_write(&self, number: usize, fault: Fault) {
        self.fault.set(Some((number, fault)));
    }

    fn read(&self) -> Ref<'_, Contents> {
        self.reads.set(self.reads.get() + 1);
        self.contents.borrow()
    }

    fn write<T>(&self, change: impl FnOnce(&mut Contents) -> T) -> Result<T, StoreError> {
        let number = self.writes.replace(self.writes.get() + 1);
        let struck = self.fault.get().filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        let unavailable = || StoreError::Unavailable {
            code: "injected".into(),
            source: "the test asked for it".into(),
        };
        if struck == Some(Fault::Before) {
            return Err(unavailable());
        }
        let outcome = change(&mut self.contents.borrow_mut());
        if struck == Some(Fault::After) { Err(unavailable()) } else { Ok(outcome) }
    }
}

fn take(contents: &mut Contents, customer: &CustomerId, handles: &[HandleKey]) -> Linked {
    let foreign = |key| contents.identities.get(key).is_some_and(|owner| owner != customer);
    if handles.iter().any(foreign) {
        return Linked::Lost;
    }
    contents.identities.extend(handles.iter().map(|key| (key.clone(), customer.clone())));
    Linked::Taken
}

impl Identities for Store {
    async fn owners(&self, keys: &[HandleKey]) -> Result<Owners, StoreError> {
        let contents = self.read();
        let owner = |key: &HandleKey| contents.identities.get_key_value(key);
        Ok(keys.iter().filter_map(owner).map(|(k, c)| (k.clone(), c.clone())).collect())
    }

    async fn create(&self, customer: &Customer) -> Result<Linked, StoreError> {
        self.write(|contents| {
            if contents.customers.contains_key(&customer.id) {
                return Linked::Lost;
            }
            let handles: Vec<_> = customer.handles.iter().cloned().collect();
            let linked = take(contents, &customer.id, &handles);
            if linked == Linked::Taken {
                contents.customers.insert(customer.id.clone(), customer.clone());
            }
            linked
        })
    }

    async fn link(
        &self,
        customer: &CustomerId,
        handles: &[HandleKey],
        crm: Option<&CrmLink>,
    ) -> Result<Linked, StoreError> {
        self.write(|contents| {
            if !contents.customers.contains_key(customer) {
                return Linked::Lost;
            }
            let linked = take(contents, customer, handles);
            if let (Linked::Taken, Some(known)) = (linked, contents.customers.get_mut(customer)) {
                known.handles.extend(handles.iter().cloned());
                known.crm = known.crm.take().or_else(|| crm.cloned());
            }
            linked
        })
    }
}

impl Customers for Store {
    async fn customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        Ok(self.read().customers.get(id).cloned())
    }
}

impl Timeline for Store {
    async fn load(&self, customer: &CustomerId, event: &EventId) -> Result<Seen, StoreError> {
        let contents = self.read();
        Ok(Seen {
            customer: contents.customers.get(customer).cloned(),
            event: contents.events.get(event).cloned(),
        })
    }

    async fn apply(
        &self,
        entry: &TimelineEntry,
        read_version: u64,
    ) -> Result<Application, StoreError> {
        self.write(|contents| {
            let (event, after) = (&entry.tagged.event, &entry.tagged.customer);
            let customer = contents.customers.get_mut(&after.id);
            let Some(customer) = customer.filter(|stored| stored.version == read_version) else {
                return Application::Stale;
            };
            if contents.events.contains_key(&event.id) {
                return Application::Stale;
            }
            customer.profile = after.profile.clone();
            customer.version = after.version;
            let key = TimelineEntry::key(event);
            let record = EventRecord::tagged(event, &after.id);
            contents.events.insert(event.id.clone(), record);
            contents.timeline.insert((after.id.clone(), key), entry.clone());
            Application::Applied
        })
    }

    async fn entry(&self, event: &EventRecord) -> Result<Option<TimelineEntry>, StoreError> {
        let key = (event.customer.clone(), event.entry.clone());
        Ok(self.read().timeline.get(&key).cloned())
    }
}

impl Ledger for Store {
    async fn dispatch(
        &self,
        event: &EventId,
        decision: Dispatch,
        at: Timestamp,
    ) -> Result<Dispatched, StoreError> {
        self.write(|contents| match contents.events.get_mut(event) {
            Some(record) if record.stage == Stage::Applied => {
                Ok(Dispatched { effects: record.effects.clone(), first: false })
            }
            Some(record) => {
                record.stage = Stage::Applied;
                record.applied_at = Some(at);
                record.effects.clone_from(&decision.effects);
                record.refusals = decision.refusals;
                Ok(Dispatched { effects: decision.effects, first: true })
            }
            None => Err(StoreError::Rejected {
                code: "ConditionalCheckFailedException".into(),
                source: "the event was never tagged".into(),
            }),
        })?
    }

    async fn claim(
        &self,
        effect: &Effect,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Claim, StoreError> {
        self.write(|contents| {
            let before = contents.effects.get(&effect.key);
            match before {
                Some(record) if record.state == EffectState::Done => return Claim::Done,
                Some(record)
                    if record.state == EffectState::Leased && record.lease_until >= now =>
                {
                    return Claim::Busy { until: record.lease_until };
                }
                Some(_) | None => {}
            }
            let granted = Lease {
                key: effect.key.clone(),
                attempt: before.map_or(0, |record| record.attempt) + 1,
                interrupted: before.is_some_and(|record| record.state == EffectState::Leased),
            };
            let record = EffectRecord {
                id: effect.key.clone(),
                event: effect.event.clone(),
                destination: effect.action.destination(),
                state: EffectState::Leased,
                attempt: granted.attempt,
                lease_until: now.checked_add(lease).unwrap_or(Timestamp::MAX),
                receipt: None,
                done_at: None,
            };
            contents.effects.insert(effect.key.clone(), record);
            Claim::Granted(granted)
        })
    }

    async fn settle(&self, lease: Lease, settlement: Settlement) -> Result<(), StoreError> {
        self.write(|contents| {
            let record = contents.effects.get_mut(&lease.key);
            let held = |record: &&mut EffectRecord| {
                record.attempt == lease.attempt && record.state == EffectState::Leased
            };
            let Some(record) = record.filter(held) else { return };
            match settlement {
                Settlement::Done { receipt, at } => {
                    record.state = EffectState::Done;
                    record.receipt = Some(receipt);
                    record.done_at = Some(at);
                }
                Settlement::Released => record.state = EffectState::Released,
            }
        })
    }
}

impl Failures for Store {
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError> {
        Ok(self.read().failures.get(id).cloned())
    }

    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError> {
        self.write(|contents| {
            contents.failures.insert(failure.id.clone(), failure.clone());
        })
    }

    async fn advance_failure(
        &self,
        read: FailureState,
        failure: &Failure,
    ) -> Result<bool, StoreError> {
        self.write(|contents| match contents.failures.get_mut(&failure.id) {
            Some(stored) if stored.state == read => {
                let payload = stored.payload.clone();
                *stored = Failure { payload, ..failure.clone() };
                true
            }
            Some(_) | None => false,
        })
    }

    async fn due_failures(&self, now: Timestamp, most: u32) -> Result<Vec<FailureId>, StoreError> {
        let contents = self.read();
        let waiting = contents.failures.values().filter_map(|f| Some((f.state.retry_at()?, &f.id)));
        let mut due: Vec<_> = waiting.filter(|(retry_at, _)| *retry_at <= now).collect();
        due.sort();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(due.into_iter().take(most).map(|(_, id)| id.clone()).collect())
    }
}

impl Settings for Store {
    async fn current_version(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.contents.borrow().configs.last().map(|config| config.version))
    }

    async fn config(&self, version: u64) -> Result<Option<ConfigVersion>, StoreError> {
        let contents = self.contents.borrow();
        Ok(contents.configs.iter().find(|config| config.version == version).cloned())
    }
}
