//! The calls of the last while.

use crate::{Breaker, Tally};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Calls counted together from a moment on, for the breaker's window; then from nothing again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Window {
    since: Timestamp,
    calls: u32,
    failures: u32,
}

impl Window {
    pub(crate) fn add(&mut self, tally: Tally, breaker: Breaker, now: Timestamp) {
        if now.duration_since(self.since) >= breaker.window {
            *self = Self { since: now, calls: 0, failures: 0 };
        }
        let calls = tally.successes.saturating_add(tally.failures);
        self.calls = self.calls.saturating_add(calls);
        self.failures = self.failures.saturating_add(tally.failures);
    }

    pub(crate) fn is_bad(&self, breaker: Breaker) -> bool {
        let (failures, calls) = (u64::from(self.failures), u64::from(self.calls));
        calls >= u64::from(Breaker::LEAST_CALLS)
            && failures * 100 >= calls * u64::from(breaker.share)
    }
}
