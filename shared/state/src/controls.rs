//! What all workers know of each destination.

use crate::StoreError;
use delivery::Control;

/// What became of a replacement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Swapped {
    /// It is in force.
    Written,
    /// Another worker was faster: this is in force.
    Lost(Box<Control>),
}

/// The shared state of destinations.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Controls {
    /// Replaces a destination's control by the one that follows it: that of the version before
    /// `after`'s. One request, whether it is written or lost.
    async fn swap_control(&self, destination: &str, after: &Control)
    -> Result<Swapped, StoreError>;
}
