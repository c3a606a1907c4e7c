//! A second worker for each queue: while a function stands still, what it holds comes up again, and
//! the emulator's own poller would wait for it.

use crate::emulator::Emulator;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A queue with its function.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    /// The queue's URL.
    pub(crate) queue: String,
    /// The queue's name.
    pub(crate) name: String,
    /// The function's name.
    pub(crate) function: String,
}

/// The second workers, until they are dismissed.
#[derive(Debug)]
pub(crate) struct Second {
    over: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Second {
    /// Begins to work.
    pub(crate) fn start(emulator: &Emulator, feeds: Vec<Feed>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let worker = |feed: Feed| {
            let (emulator, over) = (emulator.clone(), Arc::clone(&over));
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    if !work(&emulator, &feed) {
                        thread::sleep(Duration::from_millis(300));
                    }
                }
            })
        };
        let workers = feeds.into_iter().map(worker).collect();
        Self { over, workers }
    }

    /// Lets the workers finish what they have begun.
    pub(crate) fn dismiss(self) {
        self.over.store(true, Ordering::Relaxed);
        for worker in self.workers {
            worker.join().expect("a worker does not panic");
        }
    }
}

/// Hands one batch to the function, as Lambda does. Returns whether there was one.
fn work(emulator: &Emulator, feed: &Feed) -> bool {
    let asked = json!({ "QueueUrl": feed.queue, "MaxNumberOfMessages": 5,
                        "AttributeNames": ["All"] });
    let received = emulator.call("sqs", "AmazonSQS.ReceiveMessage", &asked);
    let messages = received["Messages"].as_array().cloned().unwrap_or_default();
    if messages.is_empty() {
        return false;
    }
    let records: Vec<_> = messages.iter().map(|message| record(emulator, feed, message)).collect();
    let path = format!("{}/invocations", feed.function);
    let answer = emulator.lambda("POST", &path, &json!({ "Records": records }));
    let Some(failed) = answer["batchItemFailures"].as_array() else { return true };
    let failed: Vec<_> = failed.iter().map(|it| &it["itemIdentifier"]).collect();
    for message in messages.iter().filter(|message| !failed.contains(&&message["MessageId"])) {
        let done = json!({ "QueueUrl": feed.queue, "ReceiptHandle": message["ReceiptHandle"] });
        // Refused where it has been handed out again meanwhile.
        let _ = emulator.attempt("sqs", "AmazonSQS.DeleteMessage", &done);
    }
    true
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
fn record(emulator: &Emulator, feed: &Feed, message: &Value) -> Value {
    json!({
        "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"], "attributes": message["Attributes"], "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"], "eventSource": "aws:sqs", "awsRegion": emulator.region,
        "eventSourceARN":
            format!("arn:aws:sqs:{}:000000000000:{}", emulator.region, feed.name),
    })
}
