//! Looks after what failed: records it, sends it back in time, or parks it for a person.

mod letter;
mod redrive;
mod schedule;

pub use redrive::Queues;

use domain::{Attempt, Disposition, Failure, FailureState, Fault, Release, Step};
use letter::Letter;
use runtime::{
    Alarm, Alarms, Clock, Metric, Outbox, Outcome, Record, RecordHandler, RuleBook, count,
};
use state::{Failures, Settings};
use std::cell::RefCell;
use tracing::{error, info};

/// The step.
#[derive(Debug)]
pub struct ErrorReconciler<S, O, R, A, C> {
    /// The failure records.
    pub store: S,
    /// The queues that messages go back to.
    pub queues: Queues<O>,
    /// The configuration in force, for deliveries that are read again.
    pub rules: RuleBook<R, C>,
    /// Who hears of what was parked.
    pub alarms: A,
    /// The time.
    pub clock: C,
    /// What is deployed.
    pub deployed: Deployed,
}

/// The version of the program that is deployed, and the release that was looked after last.
#[derive(Clone, Debug, Default)]
pub struct Deployed {
    build: String,
    seen: RefCell<Option<Release>>,
}

impl Deployed {
    /// The program's own version.
    #[must_use]
    pub fn new(build: String) -> Self {
        Self { build, seen: RefCell::default() }
    }
}

impl<S, O, R, A, C> RecordHandler for ErrorReconciler<S, O, R, A, C>
where
    S: Failures,
    O: Outbox,
    R: Settings,
    A: Alarms,
    C: Clock,
{
    /// A message leaves its dead-letter queue once its record is written and, where it is parked,
    /// people were told.
    async fn settle(&self, record: &Record) -> Outcome {
        let Some(letter) = Letter::read(record) else {
            error!(queue = record.queue, "no step reads this queue's source: check the template");
            return Outcome::Keep;
        };
        match self.record(letter).await {
            Ok(true) => Outcome::Delete,
            Ok(false) => Outcome::Keep,
            Err(fault) => {
                let reason = fault.reason();
                error!(code = reason.code, detail = reason.detail, "failure not recorded");
                Outcome::Keep
            }
        }
    }

    async fn tick(&self) {
        let looked_after = match self.release_held().await {
            Ok(()) => self.redrive_due().await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = looked_after {
            let reason = fault.reason();
            error!(code = reason.code, detail = reason.detail, "not redriven: next minute again");
        }
    }
}

impl<S: Failures, O: Outbox, R: Settings, A: Alarms, C: Clock> ErrorReconciler<S, O, R, A, C> {
    /// Returns whether the record is written and people were told, where they have to be.
    async fn record(&self, letter: Letter) -> Result<bool, state::StoreError> {
        let id = letter.failure_id();
        let known = self.store.failure(&id).await?;
        let failure = letter.add_to(known, self.release().await, self.clock.now());
        self.store.put_failure(&failure).await?;
        let state = failure.state.name();
        info!(
            failure = id.as_str(), step = %failure.step, state,
            event = failure.event.as_ref().map(domain::EventId::as_str),
            attempts = failure.attempts.len(), "failure recorded"
        );
        Ok(self.tell(&failure).await)
    }

    /// Raises an alarm for a parked failure, and for one that has begun to wait for people.
    /// Returns whether nobody is left to be told.
    async fn tell(&self, failure: &Failure) -> bool {
        let Some(last) = failure.attempts.last() else { return true };
        match (failure.state, failure.disposition) {
            (FailureState::Parked { .. } | FailureState::Held { .. }, _) => {
                count(Metric::Parked(failure.step, last.class), 1);
            }
            (FailureState::Waiting { .. }, Disposition::Hold { tell: true })
                if is_first_of_its_reason(failure, last) => {}
            (FailureState::Waiting { .. } | FailureState::Redriven { .. }, _) => return true,
        }
        let alarm =
            Alarm { step: failure.step, failure: failure.id.as_str(), reason: &last.reason };
        self.alarms.raise(alarm).await
    }
}

/// Whether no other attempt failed for the same reason.
fn is_first_of_its_reason(failure: &Failure, attempt: &Attempt) -> bool {
    let same = failure.attempts.iter().filter(|other| other.reason.code == attempt.reason.code);
    same.count() == 1
}

/// The step whose dead-letter queue this is, by the end of its name: the stack's own name, which
/// stands before it, may hold any word.
fn step_of(queue: &str) -> Option<Step> {
    [
        ("-inbound-dead-letter.fifo", Step::IdentityMatch),
        ("-matched-dead-letter.fifo", Step::TagUpdate),
        ("-tagged-dead-letter.fifo", Step::TriggerDispatcher),
        ("-outbound-dead-letter.fifo", Step::OutboundDelivery),
    ]
    .into_iter()
    .find_map(|(ending, step)| queue.ends_with(ending).then_some(step))
}
