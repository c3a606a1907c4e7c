//! The receiving end of a FIFO queue, where each record of a batch is settled by itself.

mod record;

pub use record::Record;

use crate::Clock;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use futures_util::FutureExt;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::AssertUnwindSafe;
use tokio::time::timeout;
use tracing::warn;

/// What becomes of a record's message in its queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a record that is not kept is deleted from its queue"]
pub enum Outcome {
    /// It is settled: the queue deletes it.
    Delete,
    /// It stays: the queue hands it out again, and the rest of its group waits behind it.
    Keep,
}

/// How the settling of a record ended without an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// Our own code panicked.
    Panicked,
    /// It was still at it when the invocation was about to end.
    TimedOut,
}

/// Whatever settles records one by one.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait RecordHandler {
    /// Settles one record.
    async fn settle(&self, record: &Record) -> Outcome;

    /// Says what becomes of a record whose settling broke off, at whatever point.
    async fn broke(&self, _record: &Record, _how: Broken) -> Outcome {
        Outcome::Keep
    }

    /// Deletes settled records at once, before something is tried that may end the process. They
    /// are reported as settled besides, so a failure changes nothing.
    async fn delete(&self, _records: &[Record]) {}

    /// Lets the records of a group take their places, before one of them is tried that may end the
    /// process: the queue gives up all of them then, and what comes later is not to overtake them.
    async fn line_up(&self, _group: &[Record]) {}

    /// Hands records back that were not started. While one of a group is out, SQS hands out none
    /// of that group, not even the one whose turn it is: left alone, they would hold it up until
    /// the queue's own timeout.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html>
    async fn hand_back(&self, _records: &[Record]) {}

    /// A scheduled call without records. Only a step with a schedule gets one.
    async fn tick(&self) {}
}

/// An invocation: by a queue, or by a schedule.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum QueueStepEvent {
    /// By a queue.
    Queue(SqsEvent),
    /// By a schedule, whose payload says nothing.
    Schedule(serde_json::Value),
}

/// What a record gets at least: the longest call to another system takes 8 s, and what came of it
/// has to be written down. A text that is cut off in between may have left, and waits for a person.
const LEAST_TIME: SignedDuration = SignedDuration::from_secs(10);

/// What is left of the invocation when a record that hangs is given up: enough to say so.
const LAST_WORDS: SignedDuration = SignedDuration::from_secs(2);

/// From this receive on a record may be what ended the process before, by its memory or the like.
const SUSPECT: u32 = 3;

/// Settles a batch. Its groups run side by side, so that one whose destination is slow holds up no
/// other; within a group the records run in order, and what follows a kept one is kept untouched.
///
/// So is what the `deadline`, at which the platform ends the invocation, might cut off. The first
/// record is started in any case: a function with a short timeout gets on, if slowly.
///
/// A record that panics or hangs breaks nothing but itself. One that ends the whole process takes
/// the batch with it; so groups that keep coming back run last, one after the other, in an order
/// drawn anew each time, and what is settled before them is deleted first.
pub async fn settle_all(
    handler: &impl RecordHandler,
    event: QueueStepEvent,
    deadline: Timestamp,
    clock: &impl Clock,
) -> SqsBatchResponse {
    let records = match event {
        QueueStepEvent::Queue(event) => event.records,
        QueueStepEvent::Schedule(_) => {
            handler.tick().await;
            return SqsBatchResponse::default();
        }
    };
    let groups = by_group(records.into_iter().map(Record::read));
    let (mut suspects, groups): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|group: &Vec<_>| is_suspect(group));
    suspects.sort_by_cached_key(|group| draw(group));
    let nobody = groups.is_empty();
    let settling = groups.into_iter().enumerate().map(async |(index, group)| {
        settle_group(handler, group, index == 0, deadline, clock).await
    });
    let mut rests = join_all(settling).await;
    for (index, group) in suspects.into_iter().enumerate() {
        let settled: Vec<_> = rests.iter_mut().flat_map(|rest| rest.settled.drain(..)).collect();
        handler.delete(&settled).await;
        handler.line_up(&group).await;
        let leads = nobody && index == 0;
        rests.push(settle_group(handler, group, leads, deadline, clock).await);
    }
    let mut response = SqsBatchResponse::default();
    let mut untouched = Vec::new();
    let mut postponed = 0;
    for rest in rests {
        response.batch_item_failures.extend(rest.kept);
        untouched.extend(rest.untouched);
        postponed += rest.postponed;
    }
    handler.hand_back(&untouched).await;
    if postponed > 0 {
        warn!(postponed, "the time ran out: these records are left for another invocation");
    }
    response
}

/// The records of each group in their order, the groups in that of their first records.
fn by_group(records: impl Iterator<Item = Record>) -> Vec<Vec<Record>> {
    let mut groups: Vec<Vec<Record>> = Vec::new();
    for record in records {
        let same = |group: &&mut Vec<Record>| {
            group
                .first()
                .is_some_and(|first| (&first.queue, &first.group) == (&record.queue, &record.group))
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    groups
}

fn is_suspect(group: &[Record]) -> bool {
    group.iter().any(|record| record.receives >= SUSPECT)
}

/// A group's place in an order that is another at each receive.
fn draw(group: &[Record]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for record in group {
        (&record.id, record.receives).hash(&mut hasher);
    }
    hasher.finish()
}

/// What is left of a group.
#[derive(Default)]
struct Rest {
    settled: Vec<Record>,
    kept: Vec<BatchItemFailure>,
    untouched: Vec<Record>,
    postponed: u32,
}

async fn settle_group(
    handler: &impl RecordHandler,
    group: Vec<Record>,
    leads: bool,
    deadline: Timestamp,
    clock: &impl Clock,
) -> Rest {
    let mut rest = Rest::default();
    for (index, record) in group.into_iter().enumerate() {
        let unconditional = leads && index == 0;
        let late = !unconditional && deadline.duration_since(clock.now()) < LEAST_TIME;
        rest.postponed += u32::from(late);
        let waits = late || !rest.kept.is_empty();
        if waits || settle(handler, &record, deadline, clock).await == Outcome::Keep {
            let mut kept = BatchItemFailure::default();
            kept.item_identifier.clone_from(&record.id);
            rest.kept.push(kept);
            rest.untouched.extend(waits.then_some(record));
        } else {
            rest.settled.push(record);
        }
    }
    rest
}

async fn settle(
    handler: &impl RecordHandler,
    record: &Record,
    deadline: Timestamp,
    clock: &impl Clock,
) -> Outcome {
    let left = deadline.duration_since(clock.now());
    // A timeout below twice that leaves a record half of it.
    let most = (left - LAST_WORDS).max(left / 2).max(SignedDuration::ZERO);
    let settling = AssertUnwindSafe(handler.settle(record)).catch_unwind();
    let how = match timeout(most.unsigned_abs(), settling).await {
        Ok(Ok(outcome)) => return outcome,
        Ok(Err(_)) => Broken::Panicked,
        Err(_) => Broken::TimedOut,
    };
    handler.broke(record, how).await
}

#[cfg(test)]
mod tests;
