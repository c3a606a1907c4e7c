//! Looks after what failed: records it, sends it back in time, or parks it for a person.

mod behind;
mod budget;
mod lanes;
mod letter;
mod redrive;
mod releases;
mod retention;
mod schedule;

pub use redrive::Queues;

use domain::{Attempt, Disposition, FailureId, FailureRecord, FailureState, Fault, Release, Step};
use jiff::Timestamp;
use letter::Letter;
use releases::CATCHING_UP;
use runtime::{
    Alarm, Alarms, Clock, Metric, Outbox, Outcome, Record, RecordHandler, RuleBook, count,
};
use state::{Controls, Failures, Lines, Settings, StoreError};
use std::cell::RefCell;
use tracing::{error, info};

/// What it keeps books in.
pub trait Records: Failures + Lines + Controls {}

impl<S: Failures + Lines + Controls> Records for S {}

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

/// The version of the program that is deployed, and the release that was looked after last, with
/// the time.
#[derive(Clone, Debug, Default)]
pub struct Deployed {
    build: String,
    seen: RefCell<Option<(Release, Timestamp)>>,
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
    S: Records,
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
        log("not released", self.release_held().await);
        log("lines not moved", self.move_lines().await);
        log("not redriven", self.redrive_due().await);
        log("not cleared", self.clear().await);
    }
}

impl<S: Records, O: Outbox, R: Settings, A: Alarms, C: Clock> ErrorReconciler<S, O, R, A, C> {
    /// Returns whether the record is written and people were told, where they have to be.
    async fn record(&self, letter: Letter) -> Result<bool, StoreError> {
        let (id, now) = (letter.failure_id(), self.clock.now());
        let known = self.store.failure(&id).await?;
        let rules = self.rules.current().await.ok();
        let policy = rules.map(|rules| rules.config().failures.clone()).unwrap_or_default();
        let release = self.release().await;
        let mut failure = letter.add_to(known, release.clone(), policy.park_after(), now);
        let failed_under = &failure.record.release;
        if matches!(failure.record.state, FailureState::Held { .. })
            && release.is_some_and(|release| failed_under.is_replaced_by(&release))
        {
            // It met rules that were in force no more.
            failure.record.ask_again(now + CATCHING_UP);
        }
        if matches!(failure.record.state, FailureState::Behind { .. })
            && !self.stands_behind(&failure).await?
        {
            failure.record.state = FailureState::Waiting { retry_at: now };
        }
        self.store.put_failure(&failure).await?;
        let record = &failure.record;
        info!(
            failure = id.as_str(), step = %record.step, state = record.state.name(),
            event = record.about.event.as_ref().map(domain::EventId::as_str),
            attempts = record.attempts.len(), "failure recorded"
        );
        Ok(self.tell(record).await)
    }

    /// Raises an alarm for a parked failure, and for one that has begun to wait for people.
    /// Returns whether nobody is left to be told.
    async fn tell(&self, record: &FailureRecord) -> bool {
        let Some(last) = record.attempts.last() else { return true };
        match (record.state, record.disposition) {
            (FailureState::Parked { .. } | FailureState::Held { .. }, _) => {
                count(Metric::Parked(record.step, last.class), 1);
            }
            (FailureState::Waiting { .. }, Disposition::Hold { tell: true })
                if is_first_of_its_reason(record, last) => {}
            (
                FailureState::Waiting { .. }
                | FailureState::Redriven { .. }
                | FailureState::Behind { .. }
                | FailureState::Dismissed { .. },
                _,
            ) => return true,
        }
        let alarm = Alarm { step: record.step, failure: record.id.as_str(), reason: &last.reason };
        self.alarms.raise(alarm).await
    }
}

/// What came of one record, which holds up no other where this version cannot read it.
fn left_alone<T>(id: &FailureId, outcome: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(fault) if fault.disposition() == Disposition::Park => {
            let reason = fault.reason();
            let id = id.as_str();
            error!(failure = id, code = reason.code, detail = reason.detail, "left alone");
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

fn log(what: &str, outcome: Result<(), StoreError>) {
    if let Err(fault) = outcome {
        let reason = fault.reason();
        error!(code = reason.code, detail = reason.detail, "{what}: next minute again");
    }
}

/// Whether no other attempt failed for the same reason.
fn is_first_of_its_reason(record: &FailureRecord, attempt: &Attempt) -> bool {
    let same = record.attempts.iter().filter(|other| other.reason.code == attempt.reason.code);
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
