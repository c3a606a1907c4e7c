//! Who stands behind whom, where what comes later is to wait for what has failed.

use crate::FailureId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The messages of one queue group at one step that have failed, or stand behind one that has, in
/// the order in which they are to be handled. Only the first may be.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Line {
    places: Vec<FailureId>,
    /// When the first place last changed hands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved_at: Option<Timestamp>,
}

/// A message's standing in its group's line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It is the first.
    First,
    /// Another comes before it.
    Behind,
    /// It is not in the line.
    Outside,
}

impl Line {
    /// Places of one line: its record stays small enough to be rewritten with each of them. What
    /// finds it full is kept back without a place: those that stand in it are not overtaken, but
    /// which of the rest comes first is left open.
    pub const MOST: usize = 1_000;

    /// Everyone, in order.
    #[must_use]
    pub fn places(&self) -> &[FailureId] {
        &self.places
    }

    /// Whether nobody stands in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether it takes nobody in any more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.places.len() >= Self::MOST
    }

    /// When the first place last changed hands.
    #[must_use]
    pub fn moved_at(&self) -> Option<Timestamp> {
        self.moved_at
    }

    /// How a message stands.
    #[must_use]
    pub fn standing(&self, id: &FailureId) -> Standing {
        match self.places.iter().position(|place| place == id) {
            Some(0) => Standing::First,
            Some(_) => Standing::Behind,
            None => Standing::Outside,
        }
    }

    /// The line with the message at its end, unless it has a place.
    #[must_use]
    pub fn joined(&self, id: &FailureId, now: Timestamp) -> Self {
        let mut after = self.clone();
        if after.is_empty() {
            after.moved_at = Some(now);
        }
        if !after.places.contains(id) {
            after.places.push(id.clone());
        }
        after
    }

    /// The line without the message.
    #[must_use]
    pub fn left(&self, id: &FailureId, now: Timestamp) -> Self {
        let mut after = self.clone();
        if after.standing(id) == Standing::First {
            after.moved_at = Some(now);
        }
        after.places.retain(|place| place != id);
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_joins_stands_last_and_whoever_leaves_makes_room() {
        let (one, two) = (FailureId::new("step", "1"), FailureId::new("step", "2"));
        let [start, later] = [0, 60].map(|seconds| Timestamp::from_second(seconds).unwrap());
        let line = Line::default().joined(&one, start).joined(&two, later).joined(&one, later);
        assert_eq!(line.places(), [one.clone(), two.clone()]);
        assert_eq!((line.standing(&one), line.standing(&two)), (Standing::First, Standing::Behind));
        assert_eq!(line.moved_at(), Some(start));
        let moved = line.left(&one, later);
        assert_eq!((moved.standing(&two), moved.moved_at()), (Standing::First, Some(later)));
        assert_eq!(moved.standing(&one), Standing::Outside);
        assert_eq!(line.left(&two, later).moved_at(), Some(start));
    }
}
