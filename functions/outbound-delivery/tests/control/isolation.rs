//! A destination that answers nobody, beside one that is well.

use crate::endpoint::numbered;
use crate::hands::CONFIG;
use domain::{Action, Effect, Outbound};
use jiff::{SignedDuration, Timestamp};
use outbound_delivery::{Deliver, OutboundDelivery, Undelivered};
use rules::RuleSet;
use runtime::memory::START;
use runtime::{Clock, Outcome, QueueStep, Record, RecordHandler, RuleBook, settle_all};
use serde_json::json;
use state::ConfigVersion;
use state::memory::Store;
use std::cell::Cell;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// tokio's clock, which in these tests stands while anybody computes, and leaps while all wait.
#[derive(Clone, Copy)]
struct Virtual(Instant);

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        START + SignedDuration::try_from(self.0.elapsed()).unwrap()
    }
}

/// Texts take two seconds. The endpoint does as well, or answers nobody.
struct World {
    endpoint_is_down: bool,
}

impl Deliver for World {
    async fn deliver(
        &self,
        _: &RuleSet,
        effect: &Effect,
        _: Timestamp,
    ) -> Result<String, Undelivered> {
        if self.endpoint_is_down && matches!(effect.action, Action::Webhook { .. }) {
            std::future::pending::<()>().await;
        }
        sleep(Duration::from_secs(2)).await;
        Ok("receipt".into())
    }
}

/// Counts what was delivered of each kind.
struct Worker<S> {
    step: S,
    texts: Cell<u32>,
    posts: Cell<u32>,
}

impl<S: QueueStep<Message = Outbound>> RecordHandler for Worker<S> {
    async fn settle(&self, record: &Record) -> Outcome {
        let message: Outbound = serde_json::from_str(&record.body).unwrap();
        let text = matches!(message.0.action, Action::Sms { .. });
        let count = if text { &self.texts } else { &self.posts };
        match self.step.handle(message).await {
            Ok(_) => {
                count.set(count.get() + 1);
                Outcome::Delete
            }
            Err(_) => Outcome::Keep,
        }
    }
}

/// A message in a group of its own.
fn message(effect: Effect) -> serde_json::Value {
    let id = effect.key.to_string();
    json!({
        "messageId": id, "receiptHandle": "r", "body": serde_json::to_string(&Outbound(effect)).unwrap(),
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:outbound.fifo",
        "attributes": { "MessageGroupId": id, "ApproximateReceiveCount": "1",
                        "SentTimestamp": "1790000000000" },
    })
}

/// An hour of one worker, whose every batch holds five texts and five posts: texts, posts.
async fn an_hour(endpoint_is_down: bool, settings: &str) -> (u32, u32) {
    let clock = Virtual(Instant::now());
    let store = Store::default();
    let text = format!(
        r#"{CONFIG}
endpoints: {{ erp: {{ url: "https://erp.example.com/", secret: omnicord/erp }} }}
destinations: {{ default: {{ {settings} }} }}"#
    );
    store.apply_config(ConfigVersion {
        version: 1,
        text,
        applied_at: START,
        applied_by: "test".into(),
    });
    let rules = RuleBook::new(store.clone(), clock);
    let step = OutboundDelivery::new(store, World { endpoint_is_down }, rules, clock);
    let worker = Worker { step, texts: Cell::default(), posts: Cell::default() };
    let end = START + SignedDuration::from_hours(1);
    let mut number = 0;
    while clock.now() < end {
        let mut records = Vec::new();
        for _ in 0..5 {
            number += 1;
            let sms = Action::Sms { to: "+12025550123".into(), text: "hi".into() };
            let webhook = Action::Webhook { endpoint: "erp".into(), payload: json!({}) };
            records.extend([webhook, sms].map(|action| message(numbered(number, action))));
        }
        let event = serde_json::from_value(json!({ "Records": records })).unwrap();
        let deadline = clock.now() + SignedDuration::from_mins(1);
        settle_all(&worker, event, deadline, &clock).await;
    }
    (worker.texts.get(), worker.posts.get())
}

#[tokio::test(start_paused = true)]
async fn a_destination_that_times_out_on_every_call_slows_no_other() {
    let (baseline, posts) = an_hour(false, "").await;
    assert_eq!((baseline, posts), (9_000, 9_000), "ten at once, a turn in two seconds");
    let (texts, posts) = an_hour(true, "").await;
    assert_eq!(posts, 0);
    assert!(f64::from(texts) >= 0.95 * f64::from(baseline), "{texts} of {baseline}");

    let (texts, _) =
        an_hour(true, "breaker: { failures: 4000000000, share: 100, window: 1s }").await;
    assert!(texts < baseline / 3, "{texts}: it is the breaker that keeps them apart");
}
