//! A source that delivers more than it may.

use crate::door::{CONFIG, Door, call, calls, request};
use jiff::SignedDuration;
use runtime::Clock;

/// The configuration with a limit for the hotline, whose vendor comes again or does not.
fn limited(settings: &str, resends: bool) -> Door {
    let limit = format!("  hotline:\n    {settings}\n");
    let config = CONFIG.replace("  hotline:\n", &limit);
    let again = format!("      call-push:\n        sender_retries: {resends}\n");
    Door::with(|rules| rules.apply(&config.replace("      call-push:\n", &again)))
}

/// What the hotline is answered to call number so much: status, and when to come again.
async fn push(door: &Door, number: u32) -> (u16, Option<u64>) {
    let answer = door.answer("hotline", request(crate::door::KEY, &calls(&[call(number)]))).await;
    (answer.status, answer.retry_after)
}

#[tokio::test]
async fn who_comes_again_is_told_when_and_then_nothing_is_lost() {
    let door = limited("limit: 6/m\n    burst: 2", true);
    assert_eq!(push(&door, 1).await, (200, None));
    assert_eq!(push(&door, 2).await, (200, None));
    let mut refused = Vec::new();
    for number in 3..6 {
        assert_eq!(push(&door, number).await, (429, Some(10)), "{number}");
        refused.push(number);
    }
    // The sender does as it was told, with each delivery, until it is taken.
    let mut rounds = 0;
    while !refused.is_empty() {
        rounds += 1;
        door.clock.set(door.clock.now() + SignedDuration::from_secs(10));
        let mut still = Vec::new();
        for number in refused {
            if push(&door, number).await.0 == 429 {
                still.push(number);
            }
        }
        refused = still;
    }
    assert_eq!(rounds, 3, "one each ten seconds");
    let taken: std::collections::BTreeSet<_> =
        door.queue.parcels().into_iter().map(|parcel| parcel.deduplication).collect();
    assert_eq!(taken.len(), 5, "each event once, none lost");
}

#[tokio::test]
async fn who_would_not_come_again_is_let_in() {
    let door = limited("limit: 1/m", false);
    for number in 0..5 {
        assert_eq!(push(&door, number).await, (200, None));
    }
    assert_eq!(door.queue.parcels().len(), 5);
}

#[tokio::test]
async fn without_a_limit_nobody_is_asked_and_with_one_seldom() {
    let door = Door::open();
    push(&door, 1).await;
    assert_eq!(door.store.swaps(), 0);
    let door = limited("limit: 100/s", true);
    for number in 0..100 {
        assert_eq!(push(&door, number).await, (200, None), "{number}");
    }
    assert!(door.store.swaps() <= 8, "{} requests for 100 deliveries", door.store.swaps());
    let asked = door.store.swaps();
    for number in 100..200 {
        assert_eq!(push(&door, number).await.0, 429);
    }
    assert_eq!(door.store.swaps(), asked, "who refuses knows until when");
}

#[tokio::test]
async fn a_forger_uses_nothing_up_and_without_the_store_all_are_let_in() {
    let door = limited("limit: 1/m", true);
    let forged = door.answer("hotline", request("another-key", &calls(&[call(1)]))).await;
    assert_eq!((forged.status, door.store.swaps()), (401, 0));
    door.store.close_controls(true);
    assert_eq!(push(&door, 1).await, (200, None));
    assert_eq!(push(&door, 2).await, (200, None));
    door.store.close_controls(false);
    assert_eq!(push(&door, 3).await, (200, None));
    assert_eq!(push(&door, 4).await.0, 429);
}
