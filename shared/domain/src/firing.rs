//! What is remembered of a customer's rules having fired.

use crate::{Counter, EventId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One firing of a rule that is limited for each customer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Firing {
    /// The rule's name.
    pub rule: String,
    /// The event that set it off.
    pub event: EventId,
    /// When it was decided.
    pub at: Timestamp,
    /// From when on no limit of the rule looks back at it.
    pub forget_at: Timestamp,
}

/// The earlier firings of one customer's limited rules, as far as they are remembered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fired(BTreeMap<String, Counter>);

impl Fired {
    /// Takes in a firing. The same event fires a rule once.
    pub fn record(&mut self, firing: &Firing) {
        let counter = self.0.entry(firing.rule.clone()).or_default();
        if !counter.occurrences().any(|(_, event)| *event == firing.event) {
            counter.record(firing.at, &firing.event);
        }
    }

    /// What several profiles remember, as one.
    #[must_use]
    pub fn of_all<'f>(profiles: impl IntoIterator<Item = &'f Self>) -> Self {
        let mut all = Self::default();
        for profile in profiles {
            for (rule, counter) in &profile.0 {
                all.0.entry(rule.clone()).or_default().absorb(counter);
            }
        }
        all
    }

    /// Since when `rule` has fired how often for other events than this: the times within
    /// `window` before `now`, oldest first. A time after `now` is within, too: clocks differ.
    pub fn within<'f>(
        &'f self,
        rule: &str,
        this: &'f EventId,
        now: Timestamp,
        window: SignedDuration,
    ) -> impl Iterator<Item = Timestamp> + use<'f> {
        let start = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        let times = self.0.get(rule).into_iter().flat_map(Counter::occurrences);
        times.filter(move |(at, event)| *at > start && *event != this).map(|(at, _)| at)
    }
}

impl FromIterator<Firing> for Fired {
    fn from_iter<I: IntoIterator<Item = Firing>>(firings: I) -> Self {
        let mut fired = Self::default();
        for firing in firings {
            fired.record(&firing);
        }
        fired
    }
}
