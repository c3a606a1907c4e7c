//! What each attempt at an effect came to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One attempt at an effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempted {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took_ms: u64,
    /// `delivered`, or the reason's code.
    pub outcome: String,
    /// The HTTP status, where an endpoint answered with one that is no success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The beginning of that answer's body, without what tells of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

/// The last attempts at an effect, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attempts(Vec<Attempted>);

impl Attempts {
    /// More are not kept: the effect's `attempt` still counts them.
    pub const MOST: usize = 10;

    /// Adds the newest, and drops the oldest where there are too many.
    pub fn add(&mut self, attempted: Attempted) {
        self.0.push(attempted);
        let surplus = self.0.len().saturating_sub(Self::MOST);
        self.0.drain(..surplus);
    }

    /// Oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Attempted> {
        self.0.iter()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_ten_are_kept_in_order() {
        let mut attempts = Attempts::default();
        for number in 0..25 {
            let outcome = number.to_string();
            let at = Timestamp::UNIX_EPOCH;
            attempts.add(Attempted { at, took_ms: 1, outcome, status: None, excerpt: None });
        }
        let kept: Vec<&str> = attempts.iter().map(|attempt| &*attempt.outcome).collect();
        assert_eq!(kept, ["15", "16", "17", "18", "19", "20", "21", "22", "23", "24"]);
    }
}
