//! What becomes of what has failed.

use super::{Config, Duration};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What becomes of what has failed. Every setting has a default.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FailureRules {
    /// What becomes of a customer's later messages while an earlier one waits: `overtake`, if left
    /// out. An effect's destination may say otherwise.
    pub later: Later,
    /// How long a message is tried again before it is left to a person; `7d`, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub park_after: Option<Duration>,
    /// How long the record of a failure is kept that nobody has settled, from `30d` to `400d`;
    /// `400d`, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_for: Option<Duration>,
}

/// What becomes of what comes later for the same customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Later {
    /// It goes on: what comes late changes nothing that is newer.
    #[default]
    Overtake,
    /// It waits until the earlier one has gone through, or a person has dismissed it.
    Wait,
}

const PARK_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// As long as the ledger remembers what was done: what is tried again later might be done twice.
const MOST_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Shorter would leave people no time to see to what waits for them.
const LEAST_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
impl FailureRules {
    /// How fast failures go back to one destination, or to one step, where nothing is configured.
    pub const REDRIVE: delivery::Rate =
        delivery::Rate { count: 100, per: SignedDuration::from_mins(1), at_once: None };

    /// How long a message is tried again before it is left to a person.
    #[must_use]
    pub fn park_after(&self) -> SignedDuration {
        self.park_after.map_or(PARK_AFTER, SignedDuration::from)
    }

    /// How long the record of a failure is kept.
    #[must_use]
    pub fn keep_for(&self) -> SignedDuration {
        self.keep_for.map_or(MOST_KEPT, SignedDuration::from)
    }

    /// What its values cannot be, by the setting.
    pub(crate) fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let (park_after, keep_for) = (self.park_after(), self.keep_for());
        [
            (
                keep_for > MOST_KEPT,
                "keep_for",
                "what was done is remembered for 400 days, and what is tried again later might be \
                 done twice; write up to 400d",
            ),
            (keep_for < LEAST_KEPT, "keep_for", "people need time to see to it; write 30d or more"),
            (park_after >= keep_for, "park_after", "write less than `keep_for`"),
        ]
        .into_iter()
        .filter_map(|(wrong, setting, message)| wrong.then_some((setting, message)))
        .collect()
    }
}

impl Config {
    /// What becomes of what comes later for the same customer, at a step or, for effects, at a
    /// destination.
    #[must_use]
    pub fn later(&self, destination: Option<&str>) -> Later {
        let own = destination.and_then(|name| self.destinations.get(name)?.later);
        let general = destination.and_then(|_| self.destinations.get("default")?.later);
        own.or(general).unwrap_or(self.failures.later)
    }

    /// How fast failures go back to a destination, or, without one, to a step: as configured, or
    /// else half of the destination's `rate`, so that what is new gets through as well, or else 100
    /// a minute.
    #[must_use]
    pub fn redrive(&self, destination: Option<&str>) -> delivery::Rate {
        let own = destination.and_then(|name| self.destinations.get(name));
        let mut levels = [own, self.destinations.get("default")].into_iter().flatten();
        let told = levels.find_map(|level| level.redrive);
        let told =
            told.map(|rate| delivery::Rate { count: rate.count(), per: rate.per(), at_once: None });
        let half = |rate: delivery::Rate| delivery::Rate { per: rate.per + rate.per, ..rate };
        let granted = destination.and_then(|name| self.delivery(name).rate);
        told.or(granted.map(half)).unwrap_or(FailureRules::REDRIVE)
    }
}
