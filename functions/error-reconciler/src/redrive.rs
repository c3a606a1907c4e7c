//! The way back into the pipeline.

use crate::ErrorReconciler;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::{Context, Delivery, Verified};
use domain::{
    Attempt, Class, Disposition, Failure, FailureId, FailureState, Fault, Payload, Release, Step,
};
use jiff::Timestamp;
use runtime::{Alarms, Clock, Metric, Outbox, Parcel, StepFailure, count};
use state::{Failures, Settings, StoreError};
use tracing::{error, info, warn};

/// How many failures one tick sends back: a destination that has just recovered is not flooded.
const PER_TICK: u32 = 100;

/// The queues of the pipeline.
#[derive(Debug)]
pub struct Queues<O> {
    /// Feeds `identity-match`.
    pub inbound: O,
    /// Feeds `tag-update`.
    pub matched: O,
    /// Feeds `trigger-dispatcher`.
    pub tagged: O,
    /// Feeds `outbound-delivery`.
    pub outbound: O,
}

impl<O> Queues<O> {
    /// The queue whose messages the step reads, if it reads a queue.
    fn feeding(&self, step: Step) -> Option<&O> {
        match step {
            Step::IdentityMatch => Some(&self.inbound),
            Step::TagUpdate => Some(&self.matched),
            Step::TriggerDispatcher => Some(&self.tagged),
            Step::OutboundDelivery => Some(&self.outbound),
            Step::WebhookReceiver | Step::ErrorReconciler => None,
        }
    }
}

impl<S, O, R, A, C> ErrorReconciler<S, O, R, A, C>
where
    S: Failures,
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
            let Some(mut failure) = self.store.failure(id).await? else { continue };
            let read = failure.state;
            if matches!(read, FailureState::Held { .. }) && failure.release.is_replaced_by(&release)
            {
                failure.state = FailureState::Waiting { retry_at: self.clock.now() };
                released += u32::from(self.store.advance_failure(read, &failure).await?);
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

    /// Sends back what is due. A record that cannot be read holds up no other.
    pub(crate) async fn redrive_due(&self) -> Result<(), StoreError> {
        for id in self.store.failures_in("waiting", self.clock.now(), PER_TICK).await? {
            match self.take_up(&id).await {
                Err(fault) if fault.disposition() == Disposition::Park => {
                    let reason = fault.reason();
                    let id = id.as_str();
                    error!(failure = id, code = reason.code, detail = reason.detail, "left alone");
                }
                outcome => outcome?,
            }
        }
        Ok(())
    }

    /// Sends one message back, if it is still due. It is sent before its record says so: after a
    /// crash it is sent again, which changes nothing. It may have failed anew by the time that the
    /// record is written; then that stands.
    async fn take_up(&self, id: &FailureId) -> Result<(), StoreError> {
        let Some(mut failure) = self.store.failure(id).await? else { return Ok(()) };
        let (read, now) = (failure.state, self.clock.now());
        if read.retry_at().is_none_or(|retry_at| retry_at > now) {
            return Ok(());
        }
        match self.redrive(&failure).await {
            Ok(()) => {
                failure.state = FailureState::Redriven { at: now };
                count(Metric::Redriven(failure.step), 1);
                info!(failure = id.as_str(), step = %failure.step, "redriven");
            }
            Err(StepFailure {
                disposition: Disposition::Retry { .. } | Disposition::Hold { .. },
                reason,
                ..
            }) => {
                warn!(failure = id.as_str(), code = reason.code, "stays: next minute again");
                return Ok(());
            }
            Err(StepFailure { disposition: Disposition::Park, reason, class }) => {
                failure.attempts.push(Attempt { at: now, reason, class, receives: 1, held: false });
                failure.state = FailureState::given_up(class, now);
                failure.release = self.release().await;
                if !self.tell(&failure).await {
                    return Ok(());
                }
            }
        }
        if !self.store.advance_failure(read, &failure).await? {
            info!(failure = id.as_str(), "changed meanwhile: left as it is");
        }
        Ok(())
    }

    async fn redrive(&self, failure: &Failure) -> Result<(), StepFailure> {
        match &failure.payload {
            Payload::Message { body, group } => {
                let queue = self.queues.feeding(failure.step).ok_or_else(|| {
                    StepFailure::park(
                        Class::Ours,
                        "no_queue",
                        "no queue feeds the step that failed",
                    )
                })?;
                // The queue would drop a message that it saw minutes ago; but what is sent twice
                // at the end of one wait, because the first sender died, is one message.
                let due = failure.state.time().as_millisecond();
                let deduplication = format!("{}-{due}", failure.id);
                let parcel = Parcel { group: group.clone(), deduplication, body: body.clone() };
                Ok(queue.send(parcel).await?)
            }
            Payload::Webhook { .. } => {
                let parcels = self.read_again(&failure.payload).await?;
                Ok(self.queues.inbound.send_all(parcels).await?)
            }
        }
    }

    /// Parses a parked delivery with the configuration of today.
    async fn read_again(&self, payload: &Payload) -> Result<Vec<Parcel>, StepFailure> {
        let Payload::Webhook { source, content_type, delivery_id, received_at, body } = payload
        else {
            return Ok(Vec::new());
        };
        let rules = self.rules.current().await?;
        let settings = rules.config().sources.get(source).ok_or_else(|| {
            StepFailure::park(
                Class::Configuration,
                "source_unconfigured",
                "its source left omnicord.yaml",
            )
        })?;
        let body = STANDARD.decode(body).map_err(|_| {
            StepFailure::park(
                Class::Ours,
                "record_damaged",
                "the stored body is not what was written",
            )
        })?;
        let verified = Verified::vouched(body, content_type.clone(), delivery_id.clone());
        let region = settings.region.as_deref().unwrap_or(&rules.config().company.region);
        let context = Context { source, region, received_at: *received_at };
        match settings.channel.parse(&verified, &context) {
            Ok(Delivery::Events(events)) => {
                Ok(events.iter().map(Parcel::inbound).collect::<Result<_, _>>()?)
            }
            Ok(Delivery::Challenge(_) | Delivery::Ignored { .. }) => Ok(Vec::new()),
            Err(malformed) => {
                Err(StepFailure::park(malformed.class(), malformed.code(), malformed.to_string()))
            }
        }
    }
}
