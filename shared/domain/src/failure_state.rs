//! What became of a failure.

use crate::Class;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum FailureState {
    /// Goes back to its queue at this time.
    Waiting {
        /// Not before.
        retry_at: Timestamp,
    },
    /// Went back to its queue; a new failure of the same message reopens this record.
    Redriven {
        /// When.
        at: Timestamp,
    },
    /// Waits for the next version of the program or of the configuration, by which it goes back to
    /// its queue once.
    Held {
        /// Since when.
        at: Timestamp,
    },
    /// Stands in line behind another of its queue group, and goes back to its queue after that one.
    Behind {
        /// When that was last looked at.
        at: Timestamp,
    },
    /// Waits for a person.
    Parked {
        /// Since when.
        at: Timestamp,
    },
    /// A person has decided that it is not to be done.
    Dismissed {
        /// When.
        at: Timestamp,
    },
}

/// What was in force when a message failed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Release {
    /// The version of the program, where that is known to matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// The version of the configuration; none is 0.
    pub config: u64,
}

impl FailureState {
    /// The names of the states in which a failure is not settled.
    pub const OPEN: [&str; 4] = ["parked", "held", "waiting", "behind"];
    /// The names of the states in which a message is in its record alone, and in no queue.
    pub const KEPT: [&str; 5] = ["parked", "held", "waiting", "behind", "dismissed"];

    /// The state of a message that is not tried again by itself: what a release may mend waits for
    /// one, the rest for a person.
    #[must_use]
    pub fn given_up(class: Class, at: Timestamp) -> Self {
        if class.is_mended_by_release() { Self::Held { at } } else { Self::Parked { at } }
    }

    /// The state's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Redriven { .. } => "redriven",
            Self::Held { .. } => "held",
            Self::Behind { .. } => "behind",
            Self::Parked { .. } => "parked",
            Self::Dismissed { .. } => "dismissed",
        }
    }

    /// The time that the state names.
    #[must_use]
    pub fn time(self) -> Timestamp {
        match self {
            Self::Waiting { retry_at } => retry_at,
            Self::Redriven { at }
            | Self::Held { at }
            | Self::Behind { at }
            | Self::Parked { at }
            | Self::Dismissed { at } => at,
        }
    }

    /// When it goes back to its queue, if it waits for that.
    #[must_use]
    pub fn retry_at(self) -> Option<Timestamp> {
        match self {
            Self::Waiting { retry_at } => Some(retry_at),
            Self::Redriven { .. }
            | Self::Held { .. }
            | Self::Behind { .. }
            | Self::Parked { .. }
            | Self::Dismissed { .. } => None,
        }
    }

    /// Whether neither time nor another message moves it: a release, a person, or nobody at all.
    #[must_use]
    pub fn is_set_aside(self) -> bool {
        match self {
            Self::Held { .. } | Self::Parked { .. } | Self::Dismissed { .. } => true,
            Self::Waiting { .. } | Self::Redriven { .. } | Self::Behind { .. } => false,
        }
    }
}

impl Release {
    /// Whether what failed under this release is worth another try under that one.
    #[must_use]
    pub fn is_replaced_by(&self, now: &Self) -> bool {
        self.config != now.config || self.build.is_some() && self.build != now.build
    }
}
