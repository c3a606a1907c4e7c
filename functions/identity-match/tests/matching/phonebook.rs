//! A CRM's directory that a test writes.

use domain::{CrmLink, Handle, HandleKey};
use identity::Record;
use identity_match::{Directory, Standing};
use rules::RuleSet;
use runtime::StepFailure;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// One record.
#[derive(Clone, Default)]
struct Card {
    name: Option<String>,
    handles: BTreeSet<HandleKey>,
}

/// A CRM's records by id. Its clones share everything.
#[derive(Clone, Default)]
pub(crate) struct Phonebook {
    cards: Rc<RefCell<BTreeMap<String, Card>>>,
    moved: Rc<RefCell<BTreeMap<String, String>>>,
    asked: Rc<Cell<usize>>,
    located: Rc<Cell<usize>>,
    closed: Rc<Cell<bool>>,
}

impl Phonebook {
    /// Puts the handles on the record.
    pub(crate) fn enter(&self, record: &str, handles: &[Handle]) {
        let mut cards = self.cards.borrow_mut();
        let card = cards.entry(record.to_owned()).or_default();
        card.handles.extend(handles.iter().map(Handle::key));
    }

    /// Writes the name on the record.
    pub(crate) fn name(&self, record: &str, name: &str) {
        self.cards.borrow_mut().entry(record.to_owned()).or_default().name = Some(name.to_owned());
    }

    /// Lets another record stand for this one.
    pub(crate) fn merge(&self, record: &str, into: &str) {
        let handles = self.cards.borrow_mut().remove(record).unwrap_or_default().handles;
        self.cards.borrow_mut().entry(into.to_owned()).or_default().handles.extend(handles);
        self.moved.borrow_mut().insert(record.to_owned(), into.to_owned());
    }

    /// How often it was asked for handles.
    pub(crate) fn asked(&self) -> usize {
        self.asked.get()
    }

    /// How often it was asked where a record stands.
    pub(crate) fn located(&self) -> usize {
        self.located.get()
    }

    /// Closes it, or opens it.
    pub(crate) fn close(&self, closed: bool) {
        self.closed.set(closed);
    }

    fn open(&self) -> Result<(), StepFailure> {
        if self.closed.get() {
            return Err(StepFailure::retry("crm_unreachable", "the test asked for it"));
        }
        Ok(())
    }
}

impl Directory for Phonebook {
    async fn find(&self, _: &RuleSet, handles: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        self.asked.set(self.asked.get() + 1);
        self.open()?;
        let record = |(id, card): (&String, &Card)| Record {
            link: link(id),
            name: card.name.clone(),
            handles: card.handles.clone(),
        };
        let cards = self.cards.borrow();
        let bears = |card: &Card| handles.iter().any(|handle| card.handles.contains(&handle.key()));
        Ok(cards.iter().filter(|(_, card)| bears(card)).map(record).collect())
    }

    async fn locate(&self, _: &RuleSet, record: &CrmLink) -> Result<Standing, StepFailure> {
        self.located.set(self.located.get() + 1);
        self.open()?;
        if self.cards.borrow().contains_key(&record.id) {
            return Ok(Standing::Here);
        }
        let into = self.moved.borrow().get(&record.id).cloned();
        Ok(into.map_or(Standing::Unknown, |id| Standing::MovedTo(link(&id))))
    }
}

/// The record of this id.
pub(crate) fn link(id: &str) -> CrmLink {
    CrmLink { crm: "tryton".into(), id: id.into() }
}
