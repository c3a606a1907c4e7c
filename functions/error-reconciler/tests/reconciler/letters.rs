//! Nothing leaves a dead-letter queue before its record is written.

use crate::desk::{Desk, RETRY, letter, record};
use domain::{Disposition, FailureState, Payload, Step};
use jiff::SignedDuration;
use runtime::memory::START;
use runtime::{Clock as _, Outcome};
use state::memory::Fault;

#[tokio::test]
async fn a_letter_that_cannot_be_recorded_stays() {
    for fault in [Fault::Before, Fault::After] {
        let desk = Desk::new();
        desk.store.fail_write(0, fault);
        assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Keep, "{fault:?}");
        assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
        assert_eq!(desk.failure().record.attempts.len(), 1, "the same letter, {fault:?}");
    }
}

#[tokio::test]
async fn a_record_tells_everything_that_the_letter_does() {
    let desk = Desk::new();
    assert_eq!(desk.settle(&record(&letter(RETRY), 3)).await, Outcome::Delete);
    let failure = desk.failure().record;
    assert_eq!((failure.step, failure.disposition), (Step::TagUpdate, RETRY));
    let attempt = &failure.attempts[0];
    assert_eq!((&*attempt.reason.code, attempt.receives), ("store_unavailable", 5));
    assert_eq!(attempt.at, START + SignedDuration::from_secs(3));
    let body = letter(RETRY).body;
    assert_eq!(desk.failure().payload, Payload::Message { body, group: "the-group".into() });
    assert!(desk.pager.raised().is_empty(), "nobody has to act yet");
}

#[tokio::test]
async fn each_further_failure_may_wait_longer() {
    let desk = Desk::new();
    for (sent, nominal) in [(0, 30), (1000, 60), (2000, 120), (3000, 240)] {
        desk.clock.set(START + SignedDuration::from_secs(sent));
        assert_eq!(desk.settle(&record(&letter(RETRY), sent)).await, Outcome::Delete);
        let waits = desk.retry_at().unwrap().duration_since(desk.clock.now()).as_secs();
        assert!((1..=nominal).contains(&waits), "{sent}: {waits}");
    }
    assert_eq!(desk.failure().record.attempts.len(), 4, "one record");
}

#[tokio::test]
async fn the_same_letter_twice_is_one_attempt_and_changes_nothing() {
    let desk = Desk::new();
    assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
    let first = desk.failure();
    desk.clock.set(START + SignedDuration::from_secs(10));
    assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
    assert_eq!(desk.failure(), first);
}

#[tokio::test]
async fn a_letter_that_comes_late_does_not_call_back_what_was_redriven() {
    let desk = Desk::new();
    assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
    desk.tick_after(crate::desk::LONG).await;
    let redriven = desk.failure();
    assert!(matches!(redriven.record.state, FailureState::Redriven { .. }));
    assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
    assert_eq!(desk.failure(), redriven);
}

#[tokio::test]
async fn what_is_parked_raises_one_alarm() {
    let desk = Desk::new();
    assert_eq!(desk.settle(&record(&letter(Disposition::Park), 0)).await, Outcome::Delete);
    assert_eq!(desk.failure().record.state, FailureState::Parked { at: START });
    let [raised] = &desk.pager.raised()[..] else { panic!("one alarm") };
    assert_eq!((raised.step, &raised.failure), (Step::TagUpdate, &desk.failure().record.id));
    assert_eq!(raised.code, "store_unavailable");
}

#[tokio::test]
async fn a_letter_of_whose_parking_nobody_was_told_stays() {
    let desk = Desk::new();
    desk.pager.close(true);
    let parked = record(&letter(Disposition::Park), 0);
    assert_eq!(desk.settle(&parked).await, Outcome::Keep);
    desk.pager.close(false);
    assert_eq!(desk.settle(&parked).await, Outcome::Delete);
    assert_eq!(desk.pager.raised().len(), 1);
    assert_eq!(desk.failure().record.attempts.len(), 1);
}
