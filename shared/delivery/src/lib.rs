//! The rules of sending things out, without sending any.

mod address;
mod circuit;
mod control;
mod guard;
mod mask;
mod policy;
mod share;
mod window;

pub use address::{Reach, reach};
pub use circuit::Circuit;
pub use control::{Ask, Control, Grant, Refusal, Tally};
pub use guard::{Forbidden, Guard};
pub use mask::mask;
pub use policy::{Breaker, MOST_PERMITS, Policy, Rate};
pub use share::{Outcome, Pass, Share};
