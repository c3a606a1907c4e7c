//! The person on call, who sees to it that everything comes to its end.

use crate::world::World;
use domain::{Action, Failure, FailureId, FailureRecord, FailureState, Outbound, Payload, Step};
use serde_json::{Value, json};
use state::Failures;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use support::texts;

/// How long it may take until nothing moves any more.
const PATIENCE: Duration = Duration::from_mins(7);
/// The queues of the pipeline, and who reads them.
pub(crate) const QUEUES: [(&str, &str); 4] = [
    ("inbound", "identity-match"),
    ("matched", "tag-update"),
    ("tagged", "trigger-dispatcher"),
    ("outbound", "outbound-delivery"),
];

/// What was left for good, and for which reason.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Deliveries that are authentic and make no sense.
    pub(crate) bodies: usize,
    /// Queue messages that no version reads.
    pub(crate) messages: usize,
    /// Texts whose sending ended without a word, and that had arrived.
    pub(crate) arrived: usize,
}

/// The failures that are not settled.
pub(crate) async fn unsettled(world: &World) -> Vec<FailureRecord> {
    let mut unsettled = Vec::new();
    for state in FailureState::OPEN {
        unsettled.extend(world.store.failure_records(state).await.expect("the table is there"));
    }
    unsettled
}

/// Retries what failed until nothing moves, and only what nobody can mend is left. `known` are the
/// failures of waves before.
///
/// # Errors
/// What still moves after all patience.
pub(crate) async fn calm(world: &World, known: &BTreeSet<FailureId>) -> Result<Left, String> {
    let began = Instant::now();
    let mut forgot = Instant::now();
    loop {
        world.tick("error-reconciler");
        let mut left = Left::default();
        let mut open = Vec::new();
        let (mut shut, mut moving) = (false, false);
        for record in unsettled(world).await {
            if known.contains(&record.id) {
                continue;
            }
            let code = record.attempts.last().map_or("", |last| last.reason.code.as_str());
            match (code, record.state) {
                _ if record.step == Step::WebhookReceiver => left.bodies += 1,
                // What a release gives another try comes to rest again by itself.
                ("unreadable_message", FailureState::Waiting { .. }) => moving = true,
                ("unreadable_message", _) => left.messages += 1,
                ("outcome_unknown", FailureState::Parked { .. }) => {
                    if arrived(world, &record.id).await {
                        left.arrived += 1;
                    } else {
                        open.push(record.id);
                    }
                }
                _ => {
                    shut |= ["destination_open", "crm_unauthorised"].contains(&code);
                    open.push(record.id);
                }
            }
        }
        if !open.is_empty() {
            let ids: Vec<_> = open.iter().map(FailureId::as_str).collect();
            let retry = world.stack.cli.run(&[&["failures", "retry"], ids.as_slice()].concat());
            let words = String::from_utf8_lossy(&retry.stderr);
            assert!(retry.status.success(), "{words}");
            if shut && forgot.elapsed() > Duration::from_secs(12) {
                forget_destinations(world);
                forgot = Instant::now();
            }
        }
        let still = !moving && open.is_empty() && waiting(world) == 0 && world.held() == 0;
        if still {
            let (audit, balanced) = world.stack.cli.json(&["audit"]);
            let flying = |of: &str| audit[of]["in_flight"] != json!(0);
            if balanced && !flying("events") && !flying("effects") {
                return Ok(left);
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("the audit does not balance: {audit}"));
            }
        }
        if began.elapsed() > PATIENCE {
            let queues = waiting(world);
            return Err(format!(
                "after {} s {} failures are open, {queues} messages wait, {} are held back",
                PATIENCE.as_secs(),
                open.len(),
                world.held()
            ));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Messages in all queues, those under way among them.
fn waiting(world: &World) -> u64 {
    let queues = QUEUES
        .iter()
        .flat_map(|(queue, _)| [world.queue(queue), world.queue(&format!("{queue}-dead-letter"))]);
    let depth = |url: String| {
        let asked = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
        let told = world.emulator.call("sqs", "AmazonSQS.GetQueueAttributes", &asked);
        let number = |name: &str| -> u64 {
            told["Attributes"][name].as_str().and_then(|it| it.parse().ok()).unwrap_or(0)
        };
        number("ApproximateNumberOfMessages")
            + number("ApproximateNumberOfMessagesNotVisible")
            + number("ApproximateNumberOfMessagesDelayed")
    };
    queues.map(depth).sum()
}

/// Whether a text that may have left is there: the look that its failure asks for.
async fn arrived(world: &World, id: &FailureId) -> bool {
    let failure: Option<Failure> = world.store.failure(id).await.expect("the table is there");
    let Some(Payload::Message { body, .. }) = failure.map(|failure| failure.payload) else {
        return false;
    };
    let Ok(Outbound(effect)) = serde_json::from_str::<Outbound>(&body) else { return false };
    let Action::Sms { to, text } = effect.action else { return false };
    texts(&world.stack.endpoint).await.iter().any(|sent| sent.to == to && sent.text == text)
}

/// Has the next try begin afresh, as if the minutes were over for which a destination is left alone
/// and a secret is remembered: what is known of it is dropped, and with the running functions what
/// they remember.
fn forget_destinations(world: &World) {
    let key = json!({ "destination": { "S": "crm" } });
    let item = json!({ "TableName": format!("{}-destinations", world.stack.name), "Key": key });
    let _: Value = world.emulator.call("dynamodb", "DynamoDB_20120810.DeleteItem", &item);
    let number = world.fresh.fetch_add(1, Ordering::Relaxed);
    for step in ["identity-match", "outbound-delivery"] {
        world.redeploy(step, &format!("fresh {number}"));
    }
}
