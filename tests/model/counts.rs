//! How often what went wrong.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Every way in which a run may be troubled. The name is that of the fault's row in the report.
pub(crate) const CLASSES: [&str; 30] = [
    "worker_killed",
    "worker_frozen",
    "worker_panicked",
    "worker_poisoned",
    "request_lost",
    "answer_lost",
    "message_repeated",
    "message_reordered",
    "message_truncated",
    "clock_skewed",
    "version_deployed",
    "configuration_changed",
    "alarm_not_taken",
    "crm_unreachable",
    "crm_unanswered",
    "crm_timeout",
    "crm_intercepted",
    "crm_400_refused",
    "crm_401_unauthorised",
    "crm_403_forbidden",
    "crm_404_missing",
    "crm_409_outpaced",
    "crm_429_busy",
    "crm_500_broken",
    "crm_unknown_customer",
    "text_not_now",
    "text_unanswered",
    "text_refused",
    "endpoint_unavailable",
    "endpoint_unanswered",
];

/// Counts of one run, or of many.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) seeds: u64,
    /// Runs that show something wrong.
    pub(crate) wrong: u64,
    pub(crate) events: u64,
    pub(crate) requests: u64,
    pub(crate) redrives: u64,
    pub(crate) parked: u64,
    /// How often each fault struck, by class.
    pub(crate) times: BTreeMap<&'static str, u64>,
    /// How many violating runs each fault struck, by class.
    pub(crate) violations: BTreeMap<&'static str, u64>,
}

impl Counts {
    pub(crate) fn add(&mut self, class: &'static str, times: u64) {
        debug_assert!(CLASSES.contains(&class), "{class}");
        *self.times.entry(class).or_default() += times;
    }

    /// Takes in those of another run.
    pub(crate) fn absorb(&mut self, other: &Self, violated: bool) {
        self.seeds += 1;
        self.wrong += u64::from(violated);
        self.events += other.events;
        self.requests += other.requests;
        self.redrives += other.redrives;
        self.parked += other.parked;
        for (class, times) in &other.times {
            *self.times.entry(class).or_default() += times;
            *self.violations.entry(class).or_default() += u64::from(violated);
        }
    }

    /// Classes that never struck.
    pub(crate) fn missing(&self) -> BTreeSet<&'static str> {
        CLASSES.into_iter().filter(|class| !self.times.contains_key(class)).collect()
    }
}
