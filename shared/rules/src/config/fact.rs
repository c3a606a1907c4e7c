//! What is measured of a customer over a sliding window.

use super::{CounterRule, Duration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A measure of what happened lately: `customer.facts.<name>`. It is exact up to 256 events in
/// its window; of more, the newest 256 are measured.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactRule {
    /// The name under which conditions and templates read it.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub name: String,
    /// What is measured.
    pub of: Measure,
    /// Which events are: a condition over `event` alone, so that the measure does not depend on
    /// the order of arrival.
    pub when: String,
    /// What each event tells: an expression over `event` alone. `sum` and `distinct` need it;
    /// `first` and `last` tell the event's time without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// How far back it looks: from an hour to a year.
    pub window: Duration,
}

/// What is measured of the events in a window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How many there are.
    Count,
    /// The sum of their values, as decimal numbers, to nine places.
    Sum,
    /// The first one's value.
    First,
    /// The last one's value.
    Last,
    /// Their different values, as a list in the order in which they were first told.
    Distinct,
    /// How long they lasted together, in seconds.
    Duration,
}

impl FactRule {
    /// A count is a counter.
    pub(crate) fn counter(&self) -> Option<CounterRule> {
        let Self { name, when, window, .. } = self;
        let counter = CounterRule { name: name.clone(), when: when.clone(), window: *window };
        (self.of == Measure::Count).then_some(counter)
    }
}
