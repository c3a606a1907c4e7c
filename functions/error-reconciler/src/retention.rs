//! The end of failures that nobody has settled.

use crate::{ErrorReconciler, Records, left_alone};
use domain::FailureId;
use jiff::{SignedDuration, Timestamp};
use runtime::{Alarms, Clock, Measure, Metric, Outbox, count, measure};
use state::{Settings, StoreError, lines};
use tracing::{info, warn};

/// The states that no time moves on.
const AT_REST: [&str; 4] = ["parked", "held", "dismissed", "redriven"];
/// How many of each one hour takes away.
const PER_HOUR: u32 = 1_000;
/// How long before their end people are told.
const NOTICE: SignedDuration = SignedDuration::from_hours(14 * 24);

impl<S, O, R, A, C> ErrorReconciler<S, O, R, A, C>
where
    S: Records,
    O: Outbox,
    R: Settings,
    A: Alarms,
    C: Clock,
{
    /// In the first minute of each hour, takes away what has been kept for as long as is
    /// configured, and tells how many others soon will be. Each is counted and named in the log:
    /// nothing goes silently.
    pub(crate) async fn clear(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        if now.as_second().div_euclid(60) % 60 != 0 {
            return Ok(());
        }
        let rules = self.rules.current().await.ok();
        let policy = rules.map(|rules| rules.config().failures.clone()).unwrap_or_default();
        let end = now.checked_sub(policy.keep_for()).unwrap_or(Timestamp::MIN);
        for state in AT_REST {
            for id in self.store.failures_in(state, end, PER_HOUR).await? {
                left_alone(&id, self.take_away(&id, end, now).await)?;
            }
        }
        let mut expiring = 0;
        for state in ["parked", "held"] {
            expiring += self.store.failures_in(state, end + NOTICE, PER_HOUR).await?.len();
        }
        measure(Measure::Expiring { failures: expiring.try_into().unwrap_or(u64::MAX) });
        Ok(())
    }

    async fn take_away(
        &self,
        id: &FailureId,
        end: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(failure) = self.store.failure(id).await? else { return Ok(()) };
        let (step, state) = (failure.record.step, failure.record.state);
        if !AT_REST.contains(&state.name()) || state.time() > end {
            return Ok(());
        }
        if let Some(line) = failure.line() {
            lines::leave(&self.store, &line, id, now).await?;
        }
        if self.store.remove_failure(state, id).await? {
            count(Metric::Expired(step), 1);
            let (failure, was) = (id.as_str(), state.name());
            if was == "redriven" {
                info!(failure, step = %step, was, "its time is over");
            } else {
                warn!(failure, step = %step, was, "its time is over: nobody has settled it");
            }
        }
        Ok(())
    }
}
