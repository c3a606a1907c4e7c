//! What a step gives up, and what waits behind it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use domain::{About, Class, DeadLetter, Disposition, FailureId, LineId, Step};
use jiff::SignedDuration;
use runtime::memory::{Queue, START};
use runtime::{
    FixedClock, Hop, Inlet, Outcome, QueueStep, QueueStepEvent, Record, RecordHandler as _,
    Settled, StepFailure, settle_all,
};
use serde_json::json;
use state::Lines as _;
use state::memory::Store;
use std::cell::RefCell;
use std::rc::Rc;

const GROUP: &str = "a-customer";

/// A step whose messages are numbers, with what it says of each.
struct Numbers {
    tried: Rc<RefCell<Vec<u64>>>,
    says: fn(u64) -> Result<Settled, StepFailure>,
}

impl QueueStep for Numbers {
    type Message = u64;
    const STEP: Step = Step::TagUpdate;

    fn about(_: &u64) -> About {
        About::default()
    }

    fn config(&self) -> Option<u64> {
        Some(7)
    }

    async fn keeps_order(&self, _: Option<&u64>) -> Result<bool, StepFailure> {
        Ok(true)
    }

    async fn handle(&self, number: u64) -> Result<Settled, StepFailure> {
        self.tried.borrow_mut().push(number);
        (self.says)(number)
    }
}

/// A queue that is not looked at.
struct Unseen;

impl Inlet for Unseen {
    async fn wait(&self, _: &Record, _: i32) -> bool {
        true
    }

    async fn delete(&self, _: &Record) {}
}

/// A hop with what it leaves.
struct Bench {
    hop: Hop<Numbers, Store, Unseen, Queue>,
    store: Store,
    letters: Queue,
    tried: Rc<RefCell<Vec<u64>>>,
}

impl Bench {
    fn new(says: fn(u64) -> Result<Settled, StepFailure>) -> Self {
        let (store, letters) = (Store::default(), Queue::default());
        let tried = Rc::<RefCell<Vec<u64>>>::default();
        let step = Numbers { tried: Rc::clone(&tried), says };
        let hop = Hop::over(step, store.clone(), Unseen, letters.clone(), 5);
        Self { hop, store, letters, tried }
    }

    /// Those who stand in the group's line, by their messages.
    async fn line(&self, bodies: &[&str]) -> Vec<usize> {
        let line = self.store.line(&LineId::new(Step::TagUpdate, GROUP)).await.unwrap();
        let place = |id: &FailureId| {
            bodies.iter().position(|body| *id == FailureId::new(Step::TagUpdate.as_str(), body))
        };
        line.places().iter().map(|id| place(id).unwrap()).collect()
    }

    fn letter(&self) -> DeadLetter {
        self.letters.messages().pop().unwrap()
    }
}

fn record(body: &str) -> Record {
    Record {
        id: format!("m-{body}"),
        receipt: "r".into(),
        group: GROUP.into(),
        receives: 1,
        sent_at: START,
        queue: "acme-matched.fifo".into(),
        body: body.into(),
    }
}

#[tokio::test]
async fn what_failed_is_not_overtaken_unless_it_waits_for_a_later_one() {
    let waits: fn(u64) -> _ = |number| match number {
        0 => Err(StepFailure::hold("customer_missing", "who is it?")),
        _ => Ok(Settled::Fresh),
    };
    let yields: fn(u64) -> _ = |number| match number {
        0 => Err(StepFailure::hold("transition_not_allowed", "too early").yielding()),
        _ => Ok(Settled::Fresh),
    };
    for (says, tried) in [(waits, vec![0]), (yields, vec![0, 1])] {
        let bench = Bench::new(says);
        for body in ["0", "1"] {
            assert_eq!(bench.hop.settle(&record(body)).await, Outcome::Delete);
        }
        assert_eq!(*bench.tried.borrow(), tried);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_not_overtaken_either() {
    let bench = Bench::new(|_| Ok(Settled::Fresh));
    for body in ["?", "1"] {
        assert_eq!(bench.hop.settle(&record(body)).await, Outcome::Delete);
    }
    assert!(bench.tried.borrow().is_empty());
    assert_eq!(bench.line(&["?", "1"]).await, [0, 1]);
}

#[tokio::test]
async fn a_letter_says_whose_failure_it_is_and_which_rules_it_met() {
    let bench = Bench::new(|_| {
        Err(StepFailure::park(Class::Configuration, "crm_module_missing", "install it").of_crm())
    });
    assert_eq!(bench.hop.settle(&record("0")).await, Outcome::Delete);
    let letter = bench.letter();
    assert_eq!((letter.config, letter.disposition), (Some(7), Disposition::Park));
    assert_eq!(letter.about.destination.as_deref(), Some("crm"));
}

#[tokio::test]
async fn a_group_that_keeps_coming_back_stands_in_line_before_one_of_it_is_tried() {
    let bench = Bench::new(|_| panic!("as the process would"));
    let message = |body: &str, receives: &str| {
        json!({
            "messageId": format!("m-{body}"), "receiptHandle": "r", "body": body,
            "attributes": {
                "ApproximateReceiveCount": receives, "SentTimestamp": "1790000000000",
                "MessageGroupId": GROUP, "MessageDeduplicationId": body,
            },
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:acme-matched.fifo",
        })
    };
    for (receives, line) in [("2", vec![]), ("3", vec![0, 1, 2])] {
        let records: Vec<_> = ["0", "1", "2"].map(|body| message(body, receives)).into();
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        let (clock, deadline) = (FixedClock::new(START), START + SignedDuration::from_secs(60));
        settle_all(&bench.hop, QueueStepEvent::Queue(event), deadline, &clock).await;
        assert_eq!(bench.line(&["0", "1", "2"]).await, line);
    }
}
