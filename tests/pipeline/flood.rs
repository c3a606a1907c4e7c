//! A source or a customer that tells more than usual.

use crate::change::{USUAL, apply, restore};
use crate::graph::tables;
use crate::{HOTLINE, PATIENCE, balanced, call, fresh, fresh_phone, lived_through, stack};
use domain::{Assurance, Handle};
use reqwest::Method;
use state::dynamo::Store;
use state::{EventRecord, Histories, Identities};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::{Stack, until};
use tokio::task::JoinSet;

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

/// How many deliveries pass at once in spite of the limit.
const BURST: usize = 2;

#[tokio::test]
async fn a_source_over_its_limit_is_told_when_to_come_again_and_loses_nothing() {
    let stack = stack().await;
    let limited = doors(&format!("    limit: 6/m\n    burst: {BURST}\n"));
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
    // The receiver may follow later than the others.
    until("the door without a limit", PATIENCE, async || {
        for _ in 0..2 * BURST {
            if push(&stack, &fresh("call-"), &caller).await.0 != 200 {
                return None;
            }
        }
        Some(())
    })
    .await;
}

/// How many events have to wait before it counts as a flood.
const BACKLOG: u64 = 60;
/// How many deliveries of it are under way at once.
const SENDERS: usize = 8;

/// Calls by one caller, several at once, until so many events wait. Returns how many there were.
async fn flood(stack: &Arc<Stack>, caller: &str) -> usize {
    let over = Arc::new(AtomicBool::new(false));
    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        let (stack, caller, over) = (Arc::clone(stack), caller.to_owned(), Arc::clone(&over));
        senders.spawn(async move {
            let mut sent = 0;
            while !over.load(Ordering::Relaxed) {
                assert_eq!(push(&stack, &fresh("call-"), &caller).await, (200, None));
                sent += 1;
            }
            sent
        });
    }
    until("a backlog", PATIENCE, async || {
        let (audit, _) = stack.cli.json(&["audit"]);
        (audit["events"]["in_flight"].as_u64()? >= BACKLOG).then_some(())
    })
    .await;
    over.store(true, Ordering::Relaxed);
    senders.join_all().await.into_iter().sum()
}

/// The records of a caller's events.
async fn records(store: &Store, caller: &str) -> Vec<EventRecord> {
    let phone = Handle::phone(caller, "US", Assurance::Attested).unwrap();
    let links = store.links(&[phone.key()]).await.unwrap();
    let entries = store.entries(&links[&phone.key()].home).await.unwrap();
    let ids: Vec<_> = entries.into_iter().map(|entry| entry.tagged.event.id).collect();
    store.events(&ids).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_calls_over_and_over_holds_up_nobody_else() {
    let stack = Arc::new(stack().await);
    apply(&stack, &doors(""));
    let (flooding, other) = (fresh_phone(), fresh_phone());
    let calls = flood(&stack, &flooding).await;
    assert_eq!(push(&stack, &fresh("call-"), &other).await, (200, None));
    until("every call", 2 * PATIENCE, async || {
        let lived = |phone: &str| lived_through(&stack, &format!("phone:{phone}"));
        (lived(&other) == 1 && lived(&flooding) == calls).then_some(())
    })
    .await;
    balanced(&stack).await;
    let store = tables().await;
    let [other] = &records(&store, &other).await[..] else { panic!("one call") };
    let before = |it: &EventRecord| it.received_at < other.received_at;
    let overtaken = |it: &EventRecord| before(it) && it.applied_at > other.applied_at;
    let overtaken = records(&store, &flooding).await.into_iter().filter(overtaken).count();
    assert!(overtaken > 0, "all that came before went before");
    restore(&stack).await;
}
