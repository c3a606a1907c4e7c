//! Timers' calls in memory.

use super::Closed;
use crate::{TimerError, Timers, Wake};
use domain::WakeId;
use jiff::Timestamp;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Calls that wait for a test to let their time come. Its clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Schedules {
    set: Rc<RefCell<BTreeMap<WakeId, Wake>>>,
    taken: Rc<Cell<usize>>,
    closed: Rc<Cell<Option<Closed>>>,
}

impl Schedules {
    /// Every call that is set, the earliest first.
    #[must_use]
    pub fn waiting(&self) -> Vec<Wake> {
        let mut waiting: Vec<_> = self.set.borrow().values().cloned().collect();
        waiting.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        waiting
    }

    /// Takes out the earliest call, if its time has come.
    #[must_use]
    pub fn pop(&self, now: Timestamp) -> Option<Wake> {
        let first = self.waiting().into_iter().next().filter(|wake| wake.at <= now)?;
        self.set.borrow_mut().remove(&first.id)
    }

    /// How many calls the scheduler was asked for, those that were set already included.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.taken.get()
    }

    /// Closes the scheduler, or opens it.
    pub fn close(&self, closed: Option<Closed>) {
        self.closed.set(closed);
    }
}

impl Timers for Schedules {
    async fn set(&self, wake: Wake) -> Result<(), TimerError> {
        let (code, source) = ("injected".to_owned(), "the test asked for it".into());
        match self.closed.get() {
            None => {
                self.taken.set(self.taken.get() + 1);
                self.set.borrow_mut().entry(wake.id.clone()).or_insert(wake);
                Ok(())
            }
            Some(Closed::Unavailable) => Err(TimerError::Unavailable { code, source }),
            Some(Closed::Rejecting) => Err(TimerError::Rejected { code, source }),
        }
    }
}
