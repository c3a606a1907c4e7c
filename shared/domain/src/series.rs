//! What events told of one thing over time.

use crate::EventId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value that one event told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// When the event happened.
    pub at: Timestamp,
    /// The event.
    pub by: EventId,
    /// The value.
    pub value: Value,
}

/// The values that events told of one thing, each with its time, newest last.
///
/// Bounded to the newest [`Series::MOST`] values of at most [`Series::MOST_BYTES`] each, that is
/// 36 KB; a sum or number of different values over a full series means "at least as much", and
/// its first is the first remembered.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Series(Vec<Told>);

impl Series {
    /// How many values are kept; the oldest fall off first.
    pub const MOST: usize = 256;

    /// The longest text that is kept.
    pub const MOST_BYTES: usize = 64;

    /// Records a value; the same event tells once. A value that is no number, no truth value and
    /// no text of [`Series::MOST_BYTES`] tells nothing.
    pub fn record(&mut self, at: Timestamp, by: &EventId, value: Value) {
        let fits = match &value {
            Value::Bool(_) | Value::Number(_) => true,
            Value::String(text) => text.len() <= Self::MOST_BYTES,
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        };
        if fits {
            self.insert(Told { at, by: by.clone(), value });
            self.bound();
        }
    }

    /// Forgets what no window that ends at or after `now` can still hold.
    pub fn forget_before(&mut self, now: Timestamp, window: SignedDuration) {
        let start = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        self.0.retain(|told| told.at > start);
    }

    /// What was told in the window that ends at `now`, oldest first.
    pub fn within(&self, now: Timestamp, window: SignedDuration) -> impl Iterator<Item = &Told> {
        let start = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        self.0.iter().filter(move |told| told.at > start && told.at <= now)
    }

    /// Takes in what another series remembers.
    pub fn absorb(&mut self, other: &Self) {
        other.0.iter().cloned().for_each(|told| self.insert(told));
        self.bound();
    }

    /// Everything remembered, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Told> {
        self.0.iter()
    }

    /// Whether older values may have fallen off.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MOST
    }

    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn insert(&mut self, told: Told) {
        let place =
            self.0.binary_search_by(|known| (known.at, &known.by).cmp(&(told.at, &told.by)));
        if let Err(place) = place {
            self.0.insert(place, told);
        }
    }

    fn bound(&mut self) {
        let excess = self.0.len().saturating_sub(Self::MOST);
        self.0.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn series(order: &[i64]) -> Series {
        let mut series = Series::default();
        for second in order {
            let at = Timestamp::from_second(*second / 2).unwrap();
            series.record(at, &EventId::new("s", &second.to_string()), (*second).into());
        }
        series
    }

    proptest! {
        #[test]
        fn a_series_depends_on_what_was_told_not_on_its_order(
            seconds in prop::collection::vec(0i64..1_000, 1..600), cut in 0usize..600
        ) {
            let mut backwards = seconds.clone();
            backwards.reverse();
            backwards.extend(&seconds);
            let whole = series(&seconds);
            prop_assert_eq!(&whole, &series(&backwards));
            prop_assert!(whole.iter().count() <= Series::MOST);
            let (one, other) = seconds.split_at(cut.min(seconds.len()));
            let mut joined = series(other);
            joined.absorb(&series(one));
            prop_assert_eq!(whole, joined);
        }
    }

    #[test]
    fn what_is_too_long_tells_nothing() {
        let mut series = Series::default();
        let (at, by) = (Timestamp::UNIX_EPOCH, EventId::new("s", "1"));
        for value in [Value::Null, "x".repeat(65).into(), Value::Array(vec![])] {
            series.record(at, &by, value);
        }
        assert!(series.is_empty());
        series.record(at, &by, "x".repeat(64).into());
        assert_eq!(series.iter().count(), 1);
    }
}
