//! Timers that the deployed scheduler wakes.

use crate::{PATIENCE, fresh, fresh_phone, stack};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use support::{Signed, Stack, texts, until};

/// How long before its end a warranty is spoken of, in the demo's configuration.
const BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A device of this customer's, by standardwebhooks.
fn device(stack: &Stack, model: &str, phone: &str, at: Timestamp, ends: Timestamp) -> Signed {
    let payload = json!({
        "type": "device.changed",
        "data": { "model": model, "changed_at": at.to_string(), "warranty_end": ends.to_string(),
                  "customer": { "phone": phone } },
    });
    let id = fresh("msg_");
    stack.oracle.sign(&json!({ "source": "shop", "id": id, "payload": payload }))
}

/// Waits until the customer's reminder is due at this time.
async fn until_due(stack: &Stack, phone: &str, due: Timestamp) {
    until("the timer", PATIENCE, async || {
        let shown = stack.cli.run(&["--json", "customer", "show", phone]);
        let shown: Value = serde_json::from_slice(&shown.stdout).ok()?;
        (shown["timers"]["warranty_ending"] == due.to_string().as_str()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_warranty_that_ends_is_told_in_time_and_when_the_date_moves_at_the_new_time() {
    let stack = stack().await;
    let (model, phone) = (fresh("M"), fresh_phone());
    #[expect(clippy::disallowed_methods, reason = "the scheduler has the machine's clock")]
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let due = |seconds| now + SignedDuration::from_secs(seconds);
    let (first, moved) = (due(45), due(60));
    for (second, due) in [(0, first), (1, moved)] {
        let changed_at = now + SignedDuration::from_secs(second);
        let told = device(&stack, &model, &phone, changed_at, due + BEFORE);
        stack.deliver("shop", &told).await;
        until_due(&stack, &phone, due).await;
    }
    // The call for the first time comes before that for the second.
    let told = until("the reminder", PATIENCE, async || {
        let texts = texts(&stack.endpoint).await.into_iter();
        let told: Vec<_> = texts.filter(|text| text.text.contains(&model)).collect();
        (!told.is_empty()).then_some(told)
    })
    .await;
    let [told] = &told[..] else { panic!("{told:?}") };
    assert_eq!(told.to, phone);
    assert!(told.text.contains(&(moved + BEFORE).to_string()), "{}", told.text);
    let (shown, _) = stack.cli.json(&["customer", "show", &phone]);
    assert_eq!(shown["timers"], Value::Null, "it rang");
    let of_timers = shown["timeline"].as_array().unwrap().iter();
    assert_eq!(of_timers.filter(|entry| entry["kind"] == "timer").count(), 1);
}
