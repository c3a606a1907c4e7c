//! Whether a destination is called at all.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A circuit breaker's state, shared by all workers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Circuit {
    /// Effects go out.
    #[default]
    Closed,
    /// None goes out.
    Open {
        /// Then one worker may try with one effect.
        until: Timestamp,
        /// How many such tries have failed so far.
        failed_probes: u32,
    },
    /// Half open: one worker tries with one effect.
    Probing {
        /// Then the worker is taken for dead, and another may try.
        until: Timestamp,
        /// How many tries failed before this one.
        failed_probes: u32,
    },
}

impl Circuit {
    /// Until when nothing goes out, if that is not over.
    #[must_use]
    pub fn shut_until(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Closed => None,
            Self::Open { until, .. } | Self::Probing { until, .. } => {
                (now < until).then_some(until)
            }
        }
    }

    /// How many probes failed since it was last closed.
    pub(crate) fn failed_probes(self) -> u32 {
        match self {
            Self::Closed => 0,
            Self::Open { failed_probes, .. } | Self::Probing { failed_probes, .. } => failed_probes,
        }
    }
}
