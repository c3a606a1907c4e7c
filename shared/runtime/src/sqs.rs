//! The receiving end of a FIFO queue: a batch of records, each settled by itself.

use crate::Clock;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tracing::warn;

/// One received message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// SQS's own id of the message.
    pub id: String,
    /// The right to delete it or to move its visibility timeout.
    pub receipt: String,
    /// The FIFO group.
    pub group: String,
    /// How often it was handed out, this time included.
    pub receives: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The last part of the queue's ARN.
    pub queue: String,
    /// The body.
    pub body: String,
}

impl Record {
    fn read(message: SqsMessage) -> Self {
        let attribute = |name: &str| message.attributes.get(name).cloned().unwrap_or_default();
        let sent = attribute("SentTimestamp").parse().ok();
        let sent_at = sent.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        let arn = message.event_source_arn.clone().unwrap_or_default();
        Self {
            group: attribute("MessageGroupId"),
            receives: attribute("ApproximateReceiveCount").parse().unwrap_or(1),
            sent_at: sent_at.unwrap_or(Timestamp::UNIX_EPOCH),
            queue: arn.rsplit(':').next().unwrap_or_default().to_owned(),
            id: message.message_id.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
        }
    }
}

/// What becomes of a record's message in its queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a record that is not kept is deleted from its queue"]
pub enum Outcome {
    /// It is settled: the queue deletes it.
    Delete,
    /// It stays: the queue hands it out again, and the rest of its group waits behind it.
    Keep,
}

/// Whatever settles records one by one.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait RecordHandler {
    /// Settles one record.
    async fn settle(&self, record: &Record) -> Outcome;

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

/// Settles a batch. Its groups run side by side, so that one whose destination is slow holds up no
/// other; within a group the records run in order, and what follows a kept one is kept untouched.
///
/// So is what the `deadline`, at which the platform ends the invocation, might cut off. The first
/// record is started in any case: a function with a short timeout gets on, if slowly.
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
    let settling = groups.into_iter().enumerate().map(async |(index, group)| {
        settle_group(handler, group, index == 0, deadline, clock).await
    });
    let mut response = SqsBatchResponse::default();
    let mut untouched = Vec::new();
    let mut postponed = 0;
    for rest in join_all(settling).await {
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

/// What is left of a group.
#[derive(Default)]
struct Rest {
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
        if waits || handler.settle(&record).await == Outcome::Keep {
            let mut kept = BatchItemFailure::default();
            kept.item_identifier.clone_from(&record.id);
            rest.kept.push(kept);
            rest.untouched.extend(waits.then_some(record));
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedClock;
    use serde_json::json;
    use std::cell::RefCell;
    use tokio::sync::Semaphore;

    /// Keeps one record.
    #[derive(Default)]
    struct FailsOn {
        kept: &'static str,
        started: RefCell<Vec<String>>,
        handed_back: RefCell<Vec<String>>,
        ticks: RefCell<u32>,
    }

    impl RecordHandler for FailsOn {
        async fn settle(&self, record: &Record) -> Outcome {
            self.started.borrow_mut().push(record.body.clone());
            if record.body == self.kept { Outcome::Keep } else { Outcome::Delete }
        }

        async fn hand_back(&self, records: &[Record]) {
            self.handed_back.borrow_mut().extend(records.iter().map(|record| record.body.clone()));
        }

        async fn tick(&self) {
            *self.ticks.borrow_mut() += 1;
        }
    }

    fn message(id: &str, group: &str) -> serde_json::Value {
        json!({
            "messageId": id, "receiptHandle": "r", "body": id,
            "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:inbound.fifo",
            "attributes": { "MessageGroupId": group, "ApproximateReceiveCount": "2",
                            "SentTimestamp": "1763800000000" },
        })
    }

    /// Without any haste.
    async fn settle(handler: &impl RecordHandler, event: QueueStepEvent) -> SqsBatchResponse {
        settle_all(handler, event, Timestamp::MAX, &FixedClock::new(Timestamp::UNIX_EPOCH)).await
    }

    fn kept(response: &SqsBatchResponse) -> Vec<&str> {
        response.batch_item_failures.iter().map(|kept| &*kept.item_identifier).collect()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_kept_record_holds_up_its_own_group_only() {
        let handler = FailsOn { kept: "a1", ..FailsOn::default() };
        let records = [message("a1", "a"), message("b1", "b"), message("a2", "a")];
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        let response = settle(&handler, event).await;
        assert_eq!(kept(&response), ["a1", "a2"]);
        assert_eq!(*handler.started.borrow(), ["a1", "b1"], "a2 was not even tried");
        assert_eq!(*handler.handed_back.borrow(), ["a2"], "a1 waits its own time");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_schedule_brings_no_records() {
        let handler = FailsOn::default();
        let event = serde_json::from_value(json!({ "source": "aws.scheduler" })).unwrap();
        assert!(settle(&handler, event).await.batch_item_failures.is_empty());
        assert_eq!(*handler.ticks.borrow(), 1);
    }

    /// Takes its time over each record.
    struct Slow {
        takes: SignedDuration,
        clock: FixedClock,
        started: RefCell<Vec<String>>,
        handed_back: RefCell<Vec<String>>,
    }

    impl RecordHandler for Slow {
        async fn settle(&self, record: &Record) -> Outcome {
            self.started.borrow_mut().push(record.body.clone());
            self.clock.set(self.clock.now() + self.takes);
            Outcome::Delete
        }

        async fn hand_back(&self, records: &[Record]) {
            self.handed_back.borrow_mut().extend(records.iter().map(|record| record.body.clone()));
        }
    }

    async fn under_way(takes: i64, timeout: i64) -> (Slow, SqsBatchResponse) {
        let handler = Slow {
            takes: SignedDuration::from_secs(takes),
            clock: FixedClock::new(Timestamp::UNIX_EPOCH),
            started: RefCell::default(),
            handed_back: RefCell::default(),
        };
        let records = ["a1", "b1", "a2", "c1"].map(|id| message(id, &id[..1]));
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        let deadline = Timestamp::from_second(timeout).unwrap();
        let response = settle_all(&handler, event, deadline, &handler.clock).await;
        (handler, response)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_the_deadline_might_cut_off_is_not_started() {
        let (handler, response) = under_way(8, 26).await;
        let started = handler.started.borrow();
        assert_eq!(*started, ["a1", "a2", "b1"], "begun with 26, 18, 10 s left");
        assert_eq!(kept(&response), ["c1"], "2 s are left");
        assert_eq!(*handler.handed_back.borrow(), ["c1"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_short_timeout_slows_the_queue_and_does_not_stop_it() {
        let (handler, response) = under_way(1, 5).await;
        assert_eq!(*handler.started.borrow(), ["a1"]);
        assert_eq!(kept(&response), ["a2", "b1", "c1"]);
    }

    /// Settles `a` records only after all others.
    struct WaitsForOthers {
        others: Semaphore,
        settled: RefCell<Vec<String>>,
    }

    impl RecordHandler for WaitsForOthers {
        async fn settle(&self, record: &Record) -> Outcome {
            if record.group == "a" {
                drop(self.others.acquire_many(3).await.unwrap());
            } else {
                self.others.add_permits(1);
            }
            self.settled.borrow_mut().push(record.body.clone());
            Outcome::Delete
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_slow_group_holds_up_no_other() {
        let handler = WaitsForOthers { others: Semaphore::new(0), settled: RefCell::default() };
        let records = ["a1", "b1", "a2", "c1", "b2"].map(|id| message(id, &id[..1]));
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        assert!(settle(&handler, event).await.batch_item_failures.is_empty());
        assert_eq!(*handler.settled.borrow(), ["b1", "b2", "c1", "a1", "a2"]);
    }
}
