//! Waiting for a condition.

use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Looks again and again until there is something to return.
///
/// # Panics
/// After `seconds`, with what was waited for.
pub async fn until<T>(what: &str, seconds: u64, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let mut pulse = interval(Duration::from_millis(250));
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "after {seconds} s still waiting: {what}");
    }
}
