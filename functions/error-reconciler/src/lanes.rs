//! The ways back, side by side: each destination has its own, and so has each step.

use crate::budget::{behind_circuit, in_this_minute};
use crate::{ErrorReconciler, Records, left_alone};
use domain::Step;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use rules::{FailureRules, RuleSet};
use runtime::{Alarms, Clock, Outbox};
use state::{Due, Settings, StoreError};

/// How many of a lane are put in order: about 2 MB of the index. Of more, those that have been due
/// for longest.
const MOST_READ: u32 = 10_000;
/// How many of a lane are parked at one tick because they have waited long enough.
const MOST_AGED: u32 = 100;
/// How long a tick goes on, well below the function's timeout.
const LONGEST: SignedDuration = SignedDuration::from_secs(40);

impl<S, O, R, A, C> ErrorReconciler<S, O, R, A, C>
where
    S: Records,
    O: Outbox,
    R: Settings,
    A: Alarms,
    C: Clock,
{
    /// Sends back what is due, in each lane the oldest first and as many as its budget allows: what
    /// waits for one destination neither floods it nor holds up what waits for another.
    pub(crate) async fn redrive_due(&self) -> Result<(), StoreError> {
        let rules = self.rules.current().await.ok();
        let lanes = self.store.waiting_lanes().await?;
        let redriving = lanes.iter().map(|lane| self.redrive_lane(lane, rules.as_deref()));
        join_all(redriving).await.into_iter().collect()
    }

    async fn redrive_lane(&self, lane: &str, rules: Option<&RuleSet>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut left = self.granted(lane, rules, now).await?;
        let mut due = self.store.due_in_lane(lane, now, MOST_READ).await?;
        due.sort();
        let policy = rules.map(|rules| rules.config().failures.clone()).unwrap_or_default();
        let oldest = now.checked_sub(policy.park_after()).unwrap_or(Timestamp::MIN);
        let mut aged = 0;
        for Due { first_at, id } in due {
            let is_aged = first_at <= oldest && aged < MOST_AGED;
            aged += u32::from(is_aged);
            if !is_aged && left == 0 || self.clock.now().duration_since(now) > LONGEST {
                break;
            }
            match left_alone(&id, self.take_up(&id, left, oldest).await)? {
                Some(Some(sent)) => left = left.saturating_sub(sent),
                Some(None) => break,
                None => {}
            }
        }
        Ok(())
    }

    async fn granted(
        &self,
        lane: &str,
        rules: Option<&RuleSet>,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let destination =
            Some(lane).filter(|lane| Step::ALL.iter().all(|step| step.as_str() != *lane));
        let rate = rules.map(|rules| rules.config().redrive(destination));
        let granted = in_this_minute(rate.unwrap_or(FailureRules::REDRIVE), now);
        let Some(destination) = destination else { return Ok(granted) };
        let control = self.store.control(destination).await?;
        Ok(behind_circuit(granted, control.as_ref(), now))
    }
}
