//! What a source may deliver.

use super::Config;
use delivery::{Breaker, Policy};
use jiff::SignedDuration;

impl Config {
    /// What a source is granted, in the form of a destination; none where it has no limit.
    #[must_use]
    pub fn intake(&self, source: &str) -> Option<Policy> {
        let source = self.sources.get(source)?;
        let limit = source.limit?;
        let rate = delivery::Rate { count: limit.count(), per: limit.per(), at_once: source.burst };
        // Taking something in does not fail, and so opens no circuit.
        let (failures, share, window) = (u32::MAX, 100, SignedDuration::from_mins(1));
        Some(Policy {
            rate: Some(rate),
            quota: None,
            concurrency: None,
            timeout: SignedDuration::ZERO,
            deadline: None,
            breaker: Breaker { failures, share, window, open: window },
        })
    }
}
