//! How often what went wrong in the model.

use std::collections::BTreeMap;

use serde::Deserialize;

/// As the model prints them.
#[derive(Clone, Default, Deserialize)]
pub(crate) struct Counts {
    pub(crate) seeds: u64,
    /// Seeds that show something wrong.
    pub(crate) wrong: u64,
    pub(crate) events: u64,
    pub(crate) requests: u64,
    pub(crate) redrives: u64,
    pub(crate) parked: u64,
    /// How often each fault struck, by class.
    pub(crate) times: BTreeMap<String, u64>,
    /// How many of the wrong seeds each fault struck, by class.
    pub(crate) violations: BTreeMap<String, u64>,
}

impl Counts {
    /// All of these together.
    pub(crate) fn sum(parts: &[Self]) -> Self {
        let mut sum = Self::default();
        for part in parts {
            sum.seeds += part.seeds;
            sum.wrong += part.wrong;
            sum.events += part.events;
            sum.requests += part.requests;
            sum.redrives += part.redrives;
            sum.parked += part.parked;
            add(&mut sum.times, &part.times);
            add(&mut sum.violations, &part.violations);
        }
        sum
    }

    /// How often a fault struck.
    pub(crate) fn times(&self, class: &str) -> u64 {
        self.times.get(class).copied().unwrap_or_default()
    }
}

fn add(sum: &mut BTreeMap<String, u64>, part: &BTreeMap<String, u64>) {
    for (class, times) in part {
        *sum.entry(class.clone()).or_default() += times;
    }
}
