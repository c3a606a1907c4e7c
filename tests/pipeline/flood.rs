//! A source that delivers more than it may, with customers who have more to tell than others.

use crate::change::{USUAL, apply, restore};
use crate::{HOTLINE, PATIENCE, balanced, call, fresh, fresh_phone, lived_through, stack};
use reqwest::Method;
use std::time::Duration;
use support::{Stack, until};
use tokio::task::JoinSet;

/// Events of the customer who floods.
const FLOOD: usize = 200;
/// Customers with one event each, who come after it.
const OTHERS: usize = 10;

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

/// Delivers a call, again and again while it is refused: a function may follow other rules yet.
async fn taken(stack: &Stack, id: &str, caller: &str) {
    let took = async || (push(stack, id, caller).await.0 == 200).then_some(());
    until("the call to be taken", PATIENCE, took).await;
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

#[tokio::test]
async fn one_customers_flood_holds_up_no_other_customer() {
    let stack = stack().await;
    apply(&stack, &doors(""));
    let flooder = fresh_phone();
    let mut flood = JoinSet::new();
    for _ in 0..FLOOD {
        let (flooder, running) = (flooder.clone(), Stack::running());
        let id = fresh("call-");
        flood.spawn(async move { (push(&running, &id, &flooder).await.0, id) });
    }
    for (_, refused) in flood.join_all().await.into_iter().filter(|(status, _)| *status != 200) {
        taken(&stack, &refused, &flooder).await;
    }
    let others: Vec<_> = (0..OTHERS).map(|_| fresh_phone()).collect();
    for other in &others {
        taken(&stack, &fresh("call-"), other).await;
    }
    let handle = |phone: &String| format!("phone:{phone}");
    until("every other customer's event", PATIENCE, async || {
        others.iter().all(|other| lived_through(&stack, &handle(other)) > 0).then_some(())
    })
    .await;
    let through = lived_through(&stack, &handle(&flooder));
    println!("when {OTHERS} others were through, {through} of the flood's {FLOOD} events were");
    assert!(through < FLOOD, "the flood was through before the others: make it longer");
    tokio::time::timeout(Duration::from_mins(10), balanced(&stack)).await.unwrap();
    assert_eq!(lived_through(&stack, &handle(&flooder)), FLOOD);
    restore(&stack).await;
}
