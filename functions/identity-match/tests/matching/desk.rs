//! The step with a CRM's directory that a test writes.

use domain::{
    Assurance, CrmLink, CustomerId, Handle, HandleKey, HandleKind, InboundEvent, Matched,
};
use identity_match::{Directory, IdentityMatch};
use rules::RuleSet;
use runtime::memory::{Queue, Rules, START, message};
use runtime::{FixedClock, QueueStep, RuleBook, StepFailure};
use state::Identities;
use state::memory::Store;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
"#;

thread_local! {
    /// Compiled once for every interleaving.
    static RULES: RuleBook<Store, Rc<FixedClock>> = {
        let rules = Rules::none(&Rc::new(FixedClock::new(START)));
        rules.apply(CONFIG);
        rules.book()
    };
}

/// A CRM's records by handle. Its clones share everything.
#[derive(Clone, Default)]
pub(crate) struct Phonebook {
    records: Rc<RefCell<BTreeMap<HandleKey, String>>>,
    asked: Rc<Cell<usize>>,
    closed: Rc<Cell<bool>>,
}

impl Phonebook {
    /// Makes the handles lead to the record.
    pub(crate) fn enter(&self, record: &str, handles: &[Handle]) {
        let entries = handles.iter().map(|handle| (handle.key(), record.to_owned()));
        self.records.borrow_mut().extend(entries);
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.get()
    }

    /// Closes it, or opens it.
    pub(crate) fn close(&self, closed: bool) {
        self.closed.set(closed);
    }
}

impl Directory for Phonebook {
    async fn find(&self, _: &RuleSet, handles: &[Handle]) -> Result<Option<CrmLink>, StepFailure> {
        self.asked.set(self.asked.get() + 1);
        if self.closed.get() {
            return Err(StepFailure::retry("crm_unreachable", "the test asked for it"));
        }
        let records = self.records.borrow();
        let found = handles.iter().find_map(|handle| records.get(&handle.key()));
        Ok(found.map(|id| CrmLink { crm: "tryton".into(), id: id.clone() }))
    }
}

/// The step's surroundings.
pub(crate) struct Desk<S = Store, D = Phonebook> {
    step: IdentityMatch<S, D, Queue, Store, Rc<FixedClock>>,
    pub(crate) store: Store,
    pub(crate) phonebook: Phonebook,
    pub(crate) queue: Queue,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::over(Clone::clone, Clone::clone)
    }
}

impl<S: Identities, D: Directory> Desk<S, D> {
    /// The step over what the two make of store and directory.
    pub(crate) fn over(
        store_seen: impl FnOnce(&Store) -> S,
        directory_seen: impl FnOnce(&Phonebook) -> D,
    ) -> Self {
        let (store, phonebook, queue) = (Store::default(), Phonebook::default(), Queue::default());
        let (seen, directory) = (store_seen(&store), directory_seen(&phonebook));
        let step = IdentityMatch::new(seen, directory, queue.clone(), RULES.with(Clone::clone));
        Self { step, store, phonebook, queue }
    }

    pub(crate) async fn handle(&self, event: InboundEvent) -> Result<(), StepFailure> {
        self.step.handle(event).await.map(drop)
    }

    /// Handles a message by whoever bears these handles; returns what goes to the next step.
    pub(crate) async fn matched(&self, number: i64, handles: &[Handle]) -> Matched {
        self.handle(message(number, handles)).await.unwrap();
        self.queue.messages::<Matched>().pop().unwrap()
    }

    /// The customer to whom the handle leads.
    pub(crate) fn owner(&self, handle: &Handle) -> CustomerId {
        self.store.contents().identities[&handle.key()].clone()
    }
}

pub(crate) fn phone(last: u8) -> Handle {
    Handle::phone(&format!("+120255501{last:02}"), "US", Assurance::Attested).unwrap()
}

pub(crate) fn email(name: &str) -> Handle {
    Handle::email(&format!("{name}@example.com"), Assurance::Attested).unwrap()
}

pub(crate) fn record(id: &str) -> Handle {
    Handle::account(HandleKind::Crm, "tryton", id, Assurance::Attested).unwrap()
}
