//! What stands behind another, and was not called.

use crate::{ErrorReconciler, Records, left_alone};
use domain::{Failure, FailureId, FailureState, Standing};
use jiff::{SignedDuration, Timestamp};
use rules::Later;
use runtime::{Alarms, Clock, Outbox};
use state::{Settings, StoreError, lines};

/// How many one tick looks at.
const PER_TICK: u32 = 100;
/// How long each stands before it is looked at again: the one before it calls it as a rule.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);
/// After this time what went back and did not leave its line is sent back again.
const OVERDUE: SignedDuration = SignedDuration::from_hours(1);
/// Longer than any queue keeps a message: what stands first for so long without a record is gone.
const GONE: SignedDuration = SignedDuration::from_hours(15 * 24);

impl<S, O, R, A, C> ErrorReconciler<S, O, R, A, C>
where
    S: Records,
    O: Outbox,
    R: Settings,
    A: Alarms,
    C: Clock,
{
    /// Looks after lines that do not move although they could: a worker may have died between
    /// leaving one and calling the next, a record may have been erased, the configuration may have
    /// changed.
    pub(crate) async fn move_lines(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let until = now.checked_sub(PAUSE).unwrap_or(Timestamp::MIN);
        for id in self.store.failures_in("behind", until, PER_TICK).await? {
            left_alone(&id, self.look_after(&id, now).await)?;
        }
        Ok(())
    }

    async fn look_after(&self, id: &FailureId, now: Timestamp) -> Result<(), StoreError> {
        let Some(mut failure) = self.store.failure(id).await? else { return Ok(()) };
        let read = failure.record.state;
        if !matches!(read, FailureState::Behind { .. }) {
            return Ok(());
        }
        if self.stands_behind(&failure).await? {
            self.urge_first(&failure, now).await?;
            failure.record.state = FailureState::Behind { at: now };
        } else {
            failure.record.ask_again(now);
        }
        self.store.advance_failure(read, &failure.record).await.map(drop)
    }

    /// Whether another comes before it, and is not to be overtaken.
    pub(crate) async fn stands_behind(&self, failure: &Failure) -> Result<bool, StoreError> {
        let Some(line) = failure.line() else { return Ok(false) };
        let rules = self.rules.current().await.ok();
        let destination = failure.record.about.destination.as_deref();
        if rules.is_some_and(|rules| rules.config().later(destination) == Later::Overtake) {
            let (id, now) = (&failure.record.id, self.clock.now());
            lines::leave(&self.store, &line, id, now).await?;
            return Ok(false);
        }
        Ok(self.store.line(&line).await?.standing(&failure.record.id) == Standing::Behind)
    }

    async fn urge_first(&self, behind: &Failure, now: Timestamp) -> Result<(), StoreError> {
        let Some(id) = behind.line() else { return Ok(()) };
        let line = self.store.line(&id).await?;
        let Some(first) = line.places().first() else { return Ok(()) };
        let Some(mut failure) = self.store.failure(first).await? else {
            let gone = line.moved_at().is_none_or(|at| now.duration_since(at) > GONE);
            return if gone { lines::leave(&self.store, &id, first, now).await } else { Ok(()) };
        };
        let read = failure.record.state;
        match read {
            FailureState::Redriven { at } if now.duration_since(at) <= OVERDUE => Ok(()),
            FailureState::Redriven { .. } | FailureState::Behind { .. } => {
                failure.record.ask_again(now);
                self.store.advance_failure(read, &failure.record).await.map(drop)
            }
            FailureState::Dismissed { .. } => lines::leave(&self.store, &id, first, now).await,
            FailureState::Waiting { .. }
            | FailureState::Held { .. }
            | FailureState::Parked { .. } => Ok(()),
        }
    }
}
