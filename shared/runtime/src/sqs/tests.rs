//! Batches, record by record.

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

/// Breaks where the record says so.
#[derive(Default)]
struct Breaks {
    began: RefCell<Vec<String>>,
    broken: RefCell<Vec<(String, Broken)>>,
    deleted: RefCell<Vec<String>>,
}

impl RecordHandler for Breaks {
    async fn settle(&self, record: &Record) -> Outcome {
        self.began.borrow_mut().push(record.body.clone());
        match record.group.as_str() {
            "panics" => panic!("a bug"),
            "hangs" => std::future::pending().await,
            _ => Outcome::Delete,
        }
    }

    async fn broke(&self, record: &Record, how: Broken) -> Outcome {
        self.broken.borrow_mut().push((record.group.clone(), how));
        Outcome::Keep
    }

    async fn delete(&self, records: &[Record]) {
        self.deleted.borrow_mut().extend(records.iter().map(|record| record.body.clone()));
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_panics_or_hangs_breaks_only_itself() {
    let handler = Breaks::default();
    let records = [("p", "panics"), ("h", "hangs"), ("a1", "a"), ("p2", "panics")];
    let records = records.map(|(id, group)| message(id, group));
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let deadline = Timestamp::from_second(30).unwrap();
    let clock = FixedClock::new(Timestamp::UNIX_EPOCH);
    let response = settle_all(&handler, event, deadline, &clock).await;
    assert_eq!(kept(&response), ["p", "p2", "h"]);
    let broken = handler.broken.borrow();
    let broken: Vec<_> = broken.iter().map(|(group, how)| (&**group, *how)).collect();
    assert_eq!(broken, [("panics", Broken::Panicked), ("hangs", Broken::TimedOut)]);
}

#[tokio::test(flavor = "current_thread")]
async fn what_keeps_coming_back_runs_last_and_alone() {
    let suspect = |id: &str, receives: u32| {
        let mut message = message(id, id);
        message["attributes"]["ApproximateReceiveCount"] = json!(receives.to_string());
        message
    };
    let mut orders = std::collections::BTreeSet::new();
    for receives in 3..9 {
        let handler = Breaks::default();
        let records = [suspect("x", receives), suspect("y", receives), message("a1", "a")];
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        assert_eq!(kept(&settle(&handler, event).await), [""; 0]);
        let began = handler.began.borrow().clone();
        assert_eq!(began[0], "a1", "what is under no suspicion comes first");
        assert_eq!(*handler.deleted.borrow(), began[..2], "each is deleted before the next");
        orders.insert(began);
    }
    assert_eq!(orders.len(), 2, "one cannot hide behind the other for ever");
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
