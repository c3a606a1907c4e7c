//! Timers that the deployed scheduler wakes.

use crate::{PATIENCE, fresh, fresh_phone, now, stack};
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

/// Tells the device until the customer's reminder is due at this time: running functions may be
/// half a minute behind the configuration.
async fn until_due(stack: &Stack, (model, phone): (&str, &str), at: Timestamp, due: Timestamp) {
    let mut looks = 0;
    until("the timer", PATIENCE, async || {
        if looks % 20 == 0 {
            stack.deliver("shop", &device(stack, model, phone, at, due + BEFORE)).await;
        }
        looks += 1;
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
    let seconds = SignedDuration::from_secs;
    let whole = || Timestamp::from_second(now().as_second()).unwrap();
    let far = whole() + seconds(86_400);
    until_due(&stack, (&model, &phone), whole() - seconds(10), far).await;
    let now = whole();
    let (first, moved) = (now + seconds(45), now + seconds(60));
    for (second, due) in [(0, first), (1, moved)] {
        until_due(&stack, (&model, &phone), now + seconds(second), due).await;
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
