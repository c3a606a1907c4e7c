//! What all workers know of each destination.

use crate::StoreError;
use delivery::{Control, Pass, Policy, Refusal, Share};
use jiff::Timestamp;

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
    /// What is known of a destination; none, where nobody has called it yet. It may lag behind.
    async fn control(&self, destination: &str) -> Result<Option<Control>, StoreError>;

    /// Replaces a destination's control by the one that follows it: that of the version before
    /// `after`'s. One request, whether it is written or lost.
    async fn swap_control(&self, destination: &str, after: &Control)
    -> Result<Swapped, StoreError>;
}

/// What came of asking for a pass.
#[derive(PartialEq, Eq, Debug)]
#[must_use]
pub enum Admission {
    /// There is one.
    Passed(Pass),
    /// There is none for now.
    Refused(Refusal),
    /// Other workers kept asking, and were faster.
    Contended,
}

/// How often a lost race is run again: all workers write to one record.
const RACES: usize = 20;

/// A pass out of a worker's share, for which the share is filled up where it is empty. While it
/// holds passes, or knows until when there are none, nobody is asked.
pub async fn admit(
    store: &impl Controls,
    destination: &str,
    policy: &Policy,
    share: &mut Share,
    waiting: u32,
    now: impl Fn() -> Timestamp,
) -> Result<Admission, StoreError> {
    for _ in 0..RACES {
        let now = now();
        if let Some(pass) = share.enter(now) {
            return Ok(Admission::Passed(pass));
        }
        let (after, grant) = match share.ask(policy, waiting, now) {
            Ok(granted) => granted,
            Err(refusal) => return Ok(Admission::Refused(refusal)),
        };
        match store.swap_control(destination, &after).await? {
            Swapped::Written => share.granted(after, grant),
            Swapped::Lost(control) => share.learned(*control),
        }
    }
    Ok(Admission::Contended)
}
