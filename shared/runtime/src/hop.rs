//! One hop of the pipeline: a step behind its queue, its retries, its dead letters.

use crate::{
    Broken, Clock, Environment, Inlet, Metric, MissingVariable, Outbox, Outcome, Parcel, Place,
    Record, RecordHandler, SendError, SqsInlet, SqsOutbox, StepFailure, SystemClock, count,
};
use aws_sdk_sqs::Client;
use domain::{About, Action, Class, CustomerId, DeadLetter, Disposition, EventId, Step};
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use state::{Failures, Lines};
use std::hash::{DefaultHasher, Hash, Hasher};
use tracing::{error, info, warn};

/// How a message was settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// For the first time.
    Fresh,
    /// Again: the state already held what it asked for.
    Repeated,
}

/// A step that handles one message at a time.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait QueueStep {
    /// What its queue carries.
    type Message: DeserializeOwned;
    /// Its name.
    const STEP: Step;

    /// Whom and what the message concerns.
    fn about(message: &Self::Message) -> About;

    /// Handles one message; handling it again changes nothing.
    async fn handle(&self, message: Self::Message) -> Result<Settled, StepFailure>;

    /// The version of the configuration that the last message met.
    fn config(&self) -> Option<u64>;

    /// Whether what comes later in the message's queue group waits while the message has failed;
    /// none is one that cannot be read.
    async fn keeps_order(&self, _message: Option<&Self::Message>) -> Result<bool, StepFailure> {
        Ok(false)
    }

    /// A scheduled call. Only a step with a schedule gets one.
    async fn tick(&self) {}
}

/// A step with the queue that feeds it and the one that takes what it gives up.
#[derive(Debug)]
pub struct Hop<S, L, I = SqsInlet, O = SqsOutbox> {
    step: S,
    lines: L,
    inlet: I,
    dead_letters: O,
    most_receives: u32,
}

impl<S: QueueStep, L: Lines + Failures> Hop<S, L> {
    pub(crate) fn new(
        step: S,
        lines: L,
        client: Client,
        environment: Environment,
    ) -> Result<Self, MissingVariable> {
        let dead_letter_url = environment.required("QUEUE_DEAD_LETTER")?;
        let most_receives = environment.required("MAX_RECEIVES")?;
        let inlet = SqsInlet::new(client.clone(), environment.required("QUEUE_OWN")?);
        let dead_letters = SqsOutbox::new(client, dead_letter_url);
        Ok(Self::over(step, lines, inlet, dead_letters, most_receives.parse().unwrap_or(5)))
    }
}

impl<S: QueueStep, L: Lines + Failures, I: Inlet, O: Outbox> Hop<S, L, I, O> {
    /// Takes from `inlet`, whose queue hands a message out so many times, and gives up to
    /// `dead_letters`. Where order is kept, `lines` know who waits for whom.
    pub fn over(step: S, lines: L, inlet: I, dead_letters: O, most_receives: u32) -> Self {
        Self { step, lines, inlet, dead_letters, most_receives }
    }

    /// Hands a message to the dead-letter queue with the reason, which SQS by itself would not
    /// keep, and before SQS does it to the messages that wait behind.
    async fn dead_letter(
        &self,
        record: &Record,
        about: About,
        failure: StepFailure,
    ) -> Result<(), SendError> {
        let letter = DeadLetter {
            step: S::STEP,
            reason: failure.reason,
            class: failure.class,
            disposition: failure.disposition,
            receives: record.receives,
            config: self.step.config(),
            about,
            body: record.body.clone(),
        };
        self.dead_letters.send(Parcel::new(&record.group, &record.id, &letter)?).await
    }

    async fn give_up(
        &self,
        record: &Record,
        about: About,
        place: Option<&Place>,
        failure: StepFailure,
    ) -> Result<(), StepFailure> {
        if let Some(place) = place.filter(|_| !failure.yields) {
            place.take(&self.lines, SystemClock.now()).await?;
        }
        Ok(self.dead_letter(record, about, failure).await?)
    }

    /// The message's place in its group's line, where order is kept.
    async fn place(
        &self,
        record: &Record,
        message: Option<&S::Message>,
    ) -> Result<Option<Place>, StepFailure> {
        let kept = self.step.keeps_order(message).await?;
        Ok(kept.then(|| Place::of(S::STEP, &record.group, &record.body)))
    }

    /// Handles the message, if it is its turn; then it is the next one's.
    async fn in_turn(
        &self,
        record: &Record,
        message: S::Message,
        place: Option<&Place>,
    ) -> Result<Settled, StepFailure> {
        let Some(place) = place else { return self.step.handle(message).await };
        let turn = place.turn(&self.lines, record.receives, SystemClock.now()).await?;
        let settled = self.step.handle(message).await?;
        place.leave(&self.lines, turn, SystemClock.now()).await?;
        Ok(settled)
    }

    /// `place` is the message's place in its group's line, where order is kept: it takes it before
    /// it is dead-lettered, so that nothing overtakes it, unless a later one has to.
    async fn fail(
        &self,
        record: &Record,
        mut about: About,
        place: Option<&Place>,
        failure: StepFailure,
    ) -> Outcome {
        about.destination =
            about.destination.or_else(|| failure.of_crm.then(|| Action::CRM.to_owned()));
        let class = failure.class;
        count(Metric::Failed(S::STEP, class), 1);
        warn!(
            step = %S::STEP, message_id = record.id, receives = record.receives,
            event = about.event.as_ref().map(EventId::as_str),
            customer = about.customer.as_ref().map(CustomerId::as_str),
            code = failure.reason.code, detail = failure.reason.detail, "not handled"
        );
        let wait = match failure.disposition {
            Disposition::Retry { after }
                if record.receives < self.most_receives && !is_long(after) =>
            {
                let asked = after.map_or(0, |after| after.as_secs().clamp(0, MOST_WAIT.into()));
                backoff(record).max(i32::try_from(asked).unwrap_or(MOST_WAIT))
            }
            Disposition::Retry { .. }
            | Disposition::Hold { .. }
            | Disposition::Behind
            | Disposition::Park => match self.give_up(record, about, place, failure).await {
                Ok(()) => {
                    count(Metric::DeadLettered(S::STEP, class), 1);
                    return Outcome::Delete;
                }
                Err(StepFailure { reason, .. }) => {
                    let (code, detail) = (reason.code, reason.detail);
                    error!(step = %S::STEP, message_id = record.id, code, detail, "no dead letter");
                    backoff(record)
                }
            },
        };
        self.inlet.wait(record, wait).await;
        Outcome::Keep
    }
}

/// Seconds. Longer waits are the reconciler's: a waiting message holds up its group.
const MOST_WAIT: i32 = 30;
/// A wait that no number of receives of that length would come to.
const LONG_WAIT: SignedDuration = SignedDuration::from_mins(10);

fn is_long(after: Option<SignedDuration>) -> bool {
    after.is_some_and(|after| after > LONG_WAIT)
}

/// Full jitter below 2, 4, 8 … seconds, from the message's own id: no two wait alike.
fn backoff(record: &Record) -> i32 {
    let mut hasher = DefaultHasher::new();
    (&record.id, record.receives).hash(&mut hasher);
    let ceiling = 1i32.checked_shl(record.receives.min(5)).unwrap_or(MOST_WAIT).min(MOST_WAIT);
    1 + i32::try_from(hasher.finish() % u64::from(ceiling.unsigned_abs())).unwrap_or(0)
}

impl<S: QueueStep, L: Lines + Failures, I: Inlet, O: Outbox> RecordHandler for Hop<S, L, I, O> {
    async fn broke(&self, record: &Record, how: Broken) -> Outcome {
        let message = serde_json::from_str::<S::Message>(&record.body).ok();
        let about = message.as_ref().map(S::about).unwrap_or_default();
        let place = self.place(record, message.as_ref()).await.ok().flatten();
        let failure = match how {
            Broken::Panicked => StepFailure::retry(
                "function_panicked",
                "this is a bug: please report it with the log of this message",
            )
            .of(Class::Ours),
            Broken::TimedOut => {
                StepFailure::retry("function_timed_out", "it took longer than the function may run")
            }
        };
        self.fail(record, about, place.as_ref(), failure).await
    }

    async fn delete(&self, records: &[Record]) {
        for record in records {
            self.inlet.delete(record).await;
        }
    }

    async fn line_up(&self, group: &[Record]) {
        for record in group {
            let message = serde_json::from_str::<S::Message>(&record.body).ok();
            let taken = match self.place(record, message.as_ref()).await {
                Ok(Some(place)) => {
                    let taken = place.take(&self.lines, SystemClock.now()).await;
                    taken.map(drop).map_err(StepFailure::from)
                }
                Ok(None) => Ok(()),
                Err(failure) => Err(failure),
            };
            if let Err(StepFailure { reason, .. }) = taken {
                let (code, detail) = (reason.code, reason.detail);
                warn!(step = %S::STEP, message_id = record.id, code, detail, "not in line");
                break;
            }
        }
    }

    async fn hand_back(&self, records: &[Record]) {
        for record in records {
            // What fails for one is likely to fail, slowly, for all.
            if !self.inlet.wait(record, 0).await {
                break;
            }
        }
    }

    async fn tick(&self) {
        self.step.tick().await;
    }

    async fn settle(&self, record: &Record) -> Outcome {
        let message = match serde_json::from_str::<S::Message>(&record.body) {
            Ok(message) => message,
            Err(source) => {
                let detail = format!(
                    "not a message of this version (line {}, column {})",
                    source.line(),
                    source.column()
                );
                let failure = StepFailure::park(Class::Ours, "unreadable_message", detail);
                let place = match self.place(record, None).await {
                    Ok(place) => place,
                    Err(failure) => {
                        return self.fail(record, About::default(), None, failure).await;
                    }
                };
                return self.fail(record, About::default(), place.as_ref(), failure).await;
            }
        };
        let about = S::about(&message);
        let place = match self.place(record, Some(&message)).await {
            Ok(place) => place,
            Err(failure) => return self.fail(record, about, None, failure).await,
        };
        match self.in_turn(record, message, place.as_ref()).await {
            Ok(settled) => {
                count(Metric::Handled(S::STEP), 1);
                info!(
                    step = %S::STEP, message_id = record.id, receives = record.receives,
                    event = about.event.as_ref().map(EventId::as_str),
                    customer = about.customer.as_ref().map(CustomerId::as_str),
                    ?settled, "handled"
                );
                Outcome::Delete
            }
            Err(failure) => self.fail(record, about, place.as_ref(), failure).await,
        }
    }
}
