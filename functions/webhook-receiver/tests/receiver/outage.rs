//! What we cannot take stays with the sender, who sends it again.

use crate::door::{CONFIG, Door, call, calls};
use runtime::memory::Closed;
use state::memory::Fault;

#[tokio::test]
async fn without_the_queue_nothing_is_taken() {
    let door = Door::open();
    door.queue.close(Some(Closed::Unavailable));
    assert_eq!(door.push(&calls(&[call(1), call(2)])).await, 503);
    assert!(door.is_untouched());
    door.queue.close(None);
    assert_eq!(door.push(&calls(&[call(1), call(2)])).await, 200);
    assert_eq!(door.queue.parcels().len(), 2);
}

#[tokio::test]
async fn without_the_secrets_nobody_is_authentic_and_nobody_forged() {
    let door = Door::open();
    door.secrets.close(true);
    assert_eq!(door.push(&calls(&[call(1)])).await, 503);
    assert!(door.is_untouched());
}

#[tokio::test]
async fn without_a_configuration_no_source_is_unknown() {
    let door = Door::with(|_| {});
    assert_eq!(door.push(&calls(&[call(1)])).await, 503);
    let door = Door::with(|rules| rules.apply(&CONFIG.replace("kind: call", "kind: telepathy")));
    assert_eq!(door.push(&calls(&[call(1)])).await, 503, "one that this program cannot follow");
    assert!(door.is_untouched());
}

#[tokio::test]
async fn without_the_failures_table_the_unreadable_is_not_taken() {
    for fault in [Fault::Before, Fault::After] {
        let door = Door::open();
        door.store.fail_write(0, fault);
        assert_eq!(door.push(b"{").await, 503, "{fault:?}");
        assert!(door.pager.raised().is_empty(), "nobody is sent to look for a missing record");
        assert_eq!(door.push(b"{").await, 200);
        assert_eq!(door.store.contents().failures.len(), 1);
    }
}

#[tokio::test]
async fn an_alarm_that_nobody_takes_is_raised_when_the_sender_comes_again() {
    let door = Door::open();
    door.pager.close(true);
    assert_eq!(door.push(b"{").await, 503);
    door.pager.close(false);
    assert_eq!(door.push(b"{").await, 200);
    assert_eq!(door.pager.raised().len(), 1);
    assert_eq!(door.store.contents().failures.len(), 1);
}
