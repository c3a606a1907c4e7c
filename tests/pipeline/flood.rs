//! A source that delivers more than it may.

use crate::change::{USUAL, apply, restore};
use crate::{HOTLINE, PATIENCE, call, fresh, fresh_phone, lived_through, stack};
use reqwest::Method;
use support::{Stack, until};

/// The doors of the usual configuration, with this of the hotline's, and no rule that acts.
fn doors(hotline: &str) -> String {
    let (doors, _) = USUAL.split_once("\nclassify:\n").expect("the usual rules follow the doors");
    let hotline = format!("  hotline:\n{hotline}");
    doors.replace("  hotline:\n", &hotline)
}

/// What the hotline is answered to this call.
async fn push(stack: &Stack, id: &str, caller: &str) -> (u16, Option<u64>) {
    let answer = stack.send(Method::POST, HOTLINE, &call(id, caller, "over and over")).await;
    (answer.status, answer.retry_after)
}

#[tokio::test]
async fn a_source_over_its_limit_is_told_when_to_come_again_and_loses_nothing() {
    let stack = stack().await;
    let limited = doors("    limit: 6/m\n    burst: 2\n");
    apply(
        &stack,
        &limited.replace(
            "        preset: tinet\n",
            "        preset: tinet\n        sender_retries: true\n",
        ),
    );
    let (mut refused, caller) = (None, fresh_phone());
    let mut accepted = 0;
    let (id, wait) = until("a refusal by the new limit", PATIENCE, async || {
        let id = fresh("call-");
        match push(&stack, &id, &caller).await {
            (200, None) => accepted += 1,
            (429, Some(seconds)) => refused = Some((id, seconds)),
            answer => panic!("{answer:?}"),
        }
        refused.take()
    })
    .await;
    assert!((1..=10).contains(&wait), "{wait} s");
    until("the refused call to be taken", PATIENCE, async || {
        (push(&stack, &id, &caller).await.0 == 200).then_some(())
    })
    .await;
    until("every call in the caller's history", PATIENCE, async || {
        (lived_through(&stack, &format!("phone:{caller}")) == accepted + 1).then_some(())
    })
    .await;
    restore(&stack).await;
}
