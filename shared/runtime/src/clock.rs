//! Where the time comes from.

use jiff::Timestamp;
use std::cell::Cell;
use std::rc::Rc;

/// A source of the time, so that a test can hold or move it.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else takes")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands until it is moved.
#[derive(Clone, Debug)]
pub struct FixedClock(Cell<Timestamp>);

impl FixedClock {
    /// Stands at this time.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Cell::new(now))
    }

    /// Moves to this time.
    pub fn set(&self, now: Timestamp) {
        self.0.set(now);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0.get()
    }
}

impl<C: Clock> Clock for Rc<C> {
    fn now(&self) -> Timestamp {
        self.as_ref().now()
    }
}
