//! The state in memory, for replays and tests: same rules as the real store, faults on demand.

mod consents;
mod controls;
mod erasure;
mod extraction;
mod failures;
mod hints;
mod identities;
mod journal;
mod ledger;
mod lines;
mod recent;
mod replays;
mod replicas;
mod settings;
mod sweeps;
mod timeline;
mod visit;

use crate::{
    ConfigVersion, Cursor, EffectRecord, Erasure, EventRecord, Extraction, Firings, HintList,
    Replica, ReplicaKey, Report, Run, StoreError, TimelineEntry,
};
use delivery::Control;
use domain::{
    Consent, ConsentId, Customer, CustomerId, EffectKey, ErasureId, EventId, ExtractionId, Failure,
    FailureId, Line, LineId, MergeId, ReplayId, ReviewId,
};
use identity::{Links, Merge, Review};
use jiff::Timestamp;
use std::cell::{Cell, Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Everything that the tables hold.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Contents {
    /// Handles.
    pub links: Links,
    /// Customers.
    pub customers: BTreeMap<CustomerId, Customer>,
    /// Merges.
    pub merges: BTreeMap<MergeId, Merge>,
    /// Questions for people.
    pub reviews: BTreeMap<ReviewId, Review>,
    /// Extractions.
    pub extractions: BTreeMap<ExtractionId, Extraction>,
    /// Replays.
    pub runs: BTreeMap<ReplayId, Run>,
    /// Receipts of erasures.
    pub erasures: BTreeMap<ErasureId, Erasure>,
    /// Entries by profile, then by time of occurrence.
    pub timeline: BTreeMap<(CustomerId, String), TimelineEntry>,
    /// Event records.
    pub events: BTreeMap<EventId, EventRecord>,
    /// What is remembered of rules having fired.
    pub firings: BTreeMap<CustomerId, Firings>,
    /// Effect records.
    pub effects: BTreeMap<EffectKey, EffectRecord>,
    /// Failure records.
    pub failures: BTreeMap<FailureId, Failure>,
    /// Who stands behind a failure.
    pub lines: BTreeMap<LineId, Line>,
    /// Who wants to be written to.
    pub consents: BTreeMap<ConsentId, Consent>,
    /// Hints for agents, by profile.
    pub hints: BTreeMap<CustomerId, HintList>,
    /// What is known of each destination.
    pub controls: BTreeMap<String, Control>,
    /// What each CRM record is to hold.
    pub replicas: BTreeMap<ReplicaKey, Replica>,
    /// How far each source was compared.
    pub cursors: BTreeMap<String, Cursor>,
    /// What sweeps found, by source and end.
    pub reports: BTreeMap<(String, Timestamp), Report>,
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
    swaps: Rc<Cell<usize>>,
    controls_closed: Rc<Cell<bool>>,
    fault: Rc<Cell<Option<(usize, Fault)>>>,
}

impl From<Contents> for Store {
    fn from(contents: Contents) -> Self {
        Self { contents: Rc::new(RefCell::new(contents)), ..Self::default() }
    }
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
