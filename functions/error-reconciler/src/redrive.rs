//! The way of one message back into the pipeline.

use crate::letter::remember;
use crate::{ErrorReconciler, Records};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::{Context, Delivery, Verified};
use domain::{
    Attempt, Class, Disposition, Failure, FailureId, FailureRecord, FailureState, Payload, Step,
};
use jiff::Timestamp;
use runtime::{Alarms, Clock, Metric, Outbox, Parcel, StepFailure, count};
use state::{Settings, StoreError};
use tracing::{info, warn};

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
    S: Records,
    O: Outbox,
    R: Settings,
    A: Alarms,
    C: Clock,
{
    /// Sends one message back, if it is still due and `most` allows it, and with one that has come
    /// to the head of its line those that stand behind it, up to `most`. What has waited since
    /// before `oldest` is parked. Returns how many were sent; none, where the queue takes nothing.
    ///
    /// A message is sent before its record says so: after a crash it is sent again, which changes
    /// nothing. It may have failed anew by the time that the record is written; then that stands.
    pub(crate) async fn take_up(
        &self,
        id: &FailureId,
        most: u32,
        oldest: Timestamp,
    ) -> Result<Option<u32>, StoreError> {
        let Some(mut failure) = self.store.failure(id).await? else { return Ok(Some(0)) };
        let (read, now) = (failure.record.state, self.clock.now());
        if read.retry_at().is_none_or(|retry_at| retry_at > now) {
            return Ok(Some(0));
        }
        if failure.record.waiting_since() <= oldest {
            let class = failure.record.attempts.last().map(|attempt| attempt.class);
            failure.record.state = FailureState::given_up(class.unwrap_or_default(), now);
            info!(failure = id.as_str(), "has waited long enough");
            return self.give_up(read, &failure.record).await.map(|()| Some(0));
        }
        if most == 0 {
            return Ok(Some(0));
        }
        match self.send(&failure).await {
            Ok(()) => {
                self.sent(&mut failure).await?;
                let behind = match failure.record.disposition {
                    Disposition::Behind => self.follow(&failure, most - 1).await?,
                    Disposition::Retry { .. } | Disposition::Hold { .. } | Disposition::Park => 0,
                };
                Ok(Some(1 + behind))
            }
            Err(StepFailure {
                disposition:
                    Disposition::Retry { .. } | Disposition::Hold { .. } | Disposition::Behind,
                reason,
                ..
            }) => {
                warn!(failure = id.as_str(), code = reason.code, "stays: next minute again");
                Ok(None)
            }
            Err(StepFailure { disposition: Disposition::Park, reason, class, .. }) => {
                let attempt = Attempt { at: now, reason, class, receives: 1, held: false };
                remember(&mut failure.record.attempts, attempt);
                failure.record.state = FailureState::given_up(class, now);
                failure.record.release = self.release().await.unwrap_or_default();
                self.give_up(read, &failure.record).await.map(|()| Some(0))
            }
        }
    }

    /// Sends those behind the head of a line in their order: the queue keeps it, and where one of
    /// them fails the rest stand in line again.
    async fn follow(&self, head: &Failure, most: u32) -> Result<u32, StoreError> {
        let Some(line) = head.line() else { return Ok(0) };
        let line = self.store.line(&line).await?;
        let after = line.places().iter().skip_while(|place| **place != head.record.id).skip(1);
        let mut sent = 0;
        for id in after.take(usize::try_from(most).unwrap_or(usize::MAX)) {
            let Some(mut next) = self.store.failure(id).await? else { break };
            let waits = matches!(next.record.state, FailureState::Behind { .. });
            if !waits || self.send(&next).await.is_err() {
                break;
            }
            self.sent(&mut next).await?;
            sent += 1;
        }
        Ok(sent)
    }

    async fn sent(&self, failure: &mut Failure) -> Result<(), StoreError> {
        let (read, record) = (failure.record.state, &mut failure.record);
        record.state = FailureState::Redriven { at: self.clock.now() };
        count(Metric::Redriven(record.step), 1);
        info!(failure = record.id.as_str(), step = %record.step, "redriven");
        self.advance(read, record).await
    }

    /// Parks or holds it, once people were told.
    async fn give_up(&self, read: FailureState, record: &FailureRecord) -> Result<(), StoreError> {
        if self.tell(record).await { self.advance(read, record).await } else { Ok(()) }
    }

    async fn advance(&self, read: FailureState, record: &FailureRecord) -> Result<(), StoreError> {
        if !self.store.advance_failure(read, record).await? {
            info!(failure = record.id.as_str(), "changed meanwhile: left as it is");
        }
        Ok(())
    }

    async fn send(&self, failure: &Failure) -> Result<(), StepFailure> {
        match &failure.payload {
            Payload::Message { body, group } => {
                let queue = self.queues.feeding(failure.record.step).ok_or_else(|| {
                    StepFailure::park(
                        Class::Ours,
                        "no_queue",
                        "no queue feeds the step that failed",
                    )
                })?;
                // The queue would drop a message that it saw minutes ago; but what is sent twice
                // at the end of one wait, because the first sender died, is one message.
                let due = failure.record.state.time().as_millisecond();
                let deduplication = format!("{}-{due}", failure.record.id);
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
