//! The events by source and hour.

use super::{EventSum, HourSum, Place};
use crate::audit::evidence::Origin;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The sums so far.
#[derive(Debug, Default)]
pub(super) struct Hours(BTreeMap<(String, Timestamp), EventSum>);

impl Hours {
    /// The sum to which events of this origin belong.
    pub(super) fn of(&mut self, source: &str, received_at: Timestamp) -> &mut EventSum {
        self.0.entry((source.to_owned(), beginning(received_at))).or_default()
    }

    /// Counts an event that only a failed message tells of.
    pub(super) fn put(&mut self, origin: Option<&Origin>, place: Place) {
        if let Some(Origin { source, received_at }) = origin {
            self.of(source, *received_at).put(place, 1);
        }
    }

    /// All of them, each with its total.
    pub(super) fn sums(self) -> Vec<HourSum> {
        let sums = self.0.into_iter().map(|((source, hour), mut events)| {
            events.total();
            HourSum { source, hour, events }
        });
        sums.collect()
    }
}

/// When the hour of an instant began.
pub(super) fn beginning(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(3_600)).unwrap_or(at)
}
