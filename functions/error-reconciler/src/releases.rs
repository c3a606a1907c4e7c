//! The second chance of what was held for the next version of program or configuration.

use crate::{ErrorReconciler, Records};
use domain::{FailureState, Release};
use jiff::Timestamp;
use runtime::{Alarms, Clock, Outbox};
use state::{Settings, StoreError};
use tracing::info;

/// How many one tick looks at.
const PER_TICK: u32 = 100;

impl<S, O, R, A, C> ErrorReconciler<S, O, R, A, C>
where
    S: Records,
    O: Outbox,
    R: Settings,
    A: Alarms,
    C: Clock,
{
    /// What is in force now.
    pub(crate) async fn release(&self) -> Release {
        let config = self.rules.current().await.map_or(0, |rules| rules.version());
        Release { build: Some(self.deployed.build.clone()), config }
    }

    /// Makes due what was held for another release than the one in force, oldest first. What fails
    /// under this one as well is held for the next.
    pub(crate) async fn release_held(&self) -> Result<(), StoreError> {
        let release = self.release().await;
        if self.deployed.seen.borrow().as_ref() == Some(&release) {
            return Ok(());
        }
        let ids = self.store.failures_in("held", Timestamp::MAX, PER_TICK).await?;
        let mut released = 0;
        for id in &ids {
            let Some(mut record) = self.store.failure(id).await?.map(|failure| failure.record)
            else {
                continue;
            };
            let read = record.state;
            if matches!(read, FailureState::Held { .. }) && record.release.is_replaced_by(&release)
            {
                record.ask_again(self.clock.now());
                released += u32::from(self.store.advance_failure(read, &record).await?);
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
            self.deployed.seen.replace(Some(release));
        }
        Ok(())
    }
}
