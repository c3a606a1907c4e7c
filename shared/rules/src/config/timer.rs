//! What is to be remembered at a time.

use super::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A time at which a customer is looked at again. A timer that is due becomes an event of the kind
/// `timer` whose topic is the timer's name.
///
/// When it is due follows from what is known of the customer: a date that changes moves it, one
/// that goes away, or a `when` that no longer holds, stops it. For each due time it rings once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimerRule {
    /// The name, which is the topic of its events.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_-]*$"))]
    pub name: String,
    /// The time that it is anchored to: an expression over `customer` that gives epoch seconds, an
    /// RFC 3339 time, or a date such as `2027-01-31`, which begins in the customer's time zone.
    /// Nothing, or something else, means that there is no such time.
    pub at: String,
    /// How long before that time it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Duration>,
    /// How long after that time it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Duration>,
    /// The condition, over `customer` alone; always, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How long after each due time it is due again. Of several that have gone by without a ring,
    /// the latest counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
}
