//! The second chance of what was held for the next version of program or configuration.

use crate::{ErrorReconciler, Records};
use domain::{FailureState, Release};
use jiff::{SignedDuration, Timestamp};
use runtime::{Alarms, Clock, Outbox};
use state::{FailureRecords, Settings, StoreError};
use tracing::{error, info};

/// How many are read at once: what DynamoDB takes in one request.
const BATCH: usize = 100;
/// After how many one tick leaves the rest to the next.
const PER_TICK: u32 = 1_000;
/// How long it is taken for granted that nothing is held for another release than the one in force.
/// The receiver holds by itself what it cannot read, for up to half a minute by the rules before.
const SEEN: SignedDuration = SignedDuration::from_mins(10);
/// Longer than it takes any function to pick up the configuration in force.
pub(crate) const CATCHING_UP: SignedDuration = SignedDuration::from_secs(45);

impl<S, O, R, A, C> ErrorReconciler<S, O, R, A, C>
where
    S: Records,
    O: Outbox,
    R: Settings,
    A: Alarms,
    C: Clock,
{
    /// What is in force now, as far as it can be told.
    pub(crate) async fn release(&self) -> Option<Release> {
        let config = self.rules.current().await.ok()?.version();
        Some(Release { build: Some(self.deployed.build.clone()), config })
    }

    /// Makes due what was held for another release than the one in force, oldest first. What fails
    /// under this one as well is held for the next.
    pub(crate) async fn release_held(&self) -> Result<(), StoreError> {
        let (Some(release), now) = (self.release().await, self.clock.now()) else {
            return Ok(());
        };
        let seen = self.deployed.seen.borrow().clone();
        if seen.is_some_and(|(seen, at)| seen == release && now.duration_since(at) < SEEN) {
            return Ok(());
        }
        let ids = self.store.failures_in("held", Timestamp::MAX, u32::MAX).await?;
        let mut released = 0;
        for batch in ids.chunks(BATCH) {
            let FailureRecords { records, unreadable } =
                self.store.readable_failures(batch).await?;
            for id in unreadable {
                error!(failure = id.as_str(), "another version wrote it: left alone");
            }
            for mut record in records {
                let read = record.state;
                if matches!(read, FailureState::Held { .. })
                    && record.release.is_replaced_by(&release)
                {
                    record.ask_again(now);
                    released += u32::from(self.store.advance_failure(read, &record).await?);
                }
            }
            if released >= PER_TICK {
                break;
            }
        }
        if released > 0 {
            info!(
                released,
                build = self.deployed.build,
                config = release.config,
                "tried once more"
            );
        } else {
            self.deployed.seen.replace(Some((release, now)));
        }
        Ok(())
    }
}
