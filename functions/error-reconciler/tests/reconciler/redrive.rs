//! What is due goes back to the queue that it came from.

use crate::desk::{Desk, LONG, RETRY, letter, record, retried};
use domain::{Disposition, FailureState, Step};
use jiff::SignedDuration;
use runtime::memory::Closed;
use runtime::{Clock as _, Outcome};
use state::memory::Fault;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_message_goes_back_byte_for_byte_once_it_is_due() {
    for (step, index) in [
        (Step::IdentityMatch, 0),
        (Step::TagUpdate, 1),
        (Step::TriggerDispatcher, 2),
        (Step::OutboundDelivery, 3),
    ] {
        let desk = Desk::new();
        let mut letter = letter(RETRY);
        letter.step = step;
        assert_eq!(desk.settle(&record(&letter, 0)).await, Outcome::Delete);
        desk.tick_after(SignedDuration::ZERO).await;
        assert!(desk.queues[index].parcels().is_empty(), "not before its time");

        desk.tick_after(LONG).await;
        let [parcel] = &desk.queues[index].parcels()[..] else { panic!("one parcel, {step}") };
        assert_eq!((&parcel.group[..], &parcel.body), ("the-group", &letter.body));
        assert_eq!(desk.failure().record.state, FailureState::Redriven { at: desk.clock.now() });
        desk.tick_after(LONG).await;
        let sent: usize = desk.queues.iter().map(|queue| queue.parcels().len()).sum();
        assert_eq!(sent, 1, "once, to its own queue");
    }
}

#[tokio::test]
async fn every_way_back_has_a_deduplication_id_of_its_own() {
    let desk = Desk::new();
    for sent in [0, 1000, 2000] {
        assert_eq!(desk.settle(&record(&letter(RETRY), sent)).await, Outcome::Delete);
        desk.tick_after(10 * LONG).await;
    }
    let parcels = desk.queues[1].parcels();
    let ids: BTreeSet<_> = parcels.iter().map(|parcel| &parcel.deduplication).collect();
    assert_eq!((parcels.len(), ids.len()), (3, 3), "SQS drops what it saw minutes ago");
}

#[tokio::test]
async fn what_a_person_retries_goes_back_with_an_id_of_its_own_too() {
    let desk = Desk::new();
    for sent in [0, 1000] {
        assert_eq!(desk.settle(&record(&letter(Disposition::Park), sent)).await, Outcome::Delete);
        desk.tick_after(LONG).await;
        assert!(matches!(desk.failure().record.state, FailureState::Parked { .. }), "nobody asked");
        retried(&desk).await;
        desk.tick_after(SignedDuration::ZERO).await;
    }
    let parcels = desk.queues[1].parcels();
    assert_eq!(parcels.len(), 2);
    assert_ne!(parcels[0].deduplication, parcels[1].deduplication);
}

#[tokio::test]
async fn what_is_made_due_again_before_it_failed_anew_is_not_dropped() {
    let desk = Desk::new();
    assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
    for _ in 0..2 {
        desk.tick_after(LONG).await;
        retried(&desk).await;
    }
    let parcels = desk.queues[1].parcels();
    assert_eq!(parcels.len(), 2);
    assert_ne!(parcels[0].deduplication, parcels[1].deduplication, "each wait sends its own");
}

#[tokio::test]
async fn a_message_is_sent_before_its_record_says_so() {
    for fault in [Fault::Before, Fault::After] {
        let desk = Desk::new();
        assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
        desk.store.fail_write(desk.store.writes(), fault);
        desk.tick_after(LONG).await;
        assert_eq!(desk.queues[1].parcels().len(), 1, "sent, whatever became of the record");
        desk.tick_after(SignedDuration::ZERO).await;
        assert!(matches!(desk.failure().record.state, FailureState::Redriven { .. }));
        let parcels = desk.queues[1].parcels();
        let first = &parcels[0].deduplication;
        assert!(parcels.iter().all(|parcel| parcel.deduplication == *first), "dropped by SQS");
    }
}

#[tokio::test]
async fn what_is_due_waits_for_its_queue_and_holds_up_no_other() {
    let desk = Desk::new();
    assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
    let before = desk.failure();
    let mut other = letter(RETRY);
    other.step = Step::OutboundDelivery;
    assert_eq!(desk.settle(&record(&other, 0)).await, Outcome::Delete);
    desk.queues[1].close(Some(Closed::Unavailable));
    desk.tick_after(LONG).await;
    assert_eq!(desk.queues[3].parcels().len(), 1, "the other queue is open");
    assert_eq!(desk.store.contents().failures[&before.record.id], before, "it stays due");
    desk.queues[1].close(None);
    desk.tick_after(SignedDuration::ZERO).await;
    assert_eq!(desk.queues[1].parcels().len(), 1);
}

#[tokio::test]
async fn what_its_queue_refuses_is_parked_again() {
    let desk = Desk::new();
    assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
    desk.queues[1].close(Some(Closed::Rejecting));
    desk.tick_after(LONG).await;
    let failure = desk.failure().record;
    assert_eq!(failure.state, FailureState::Held { at: desk.clock.now() });
    assert_eq!(failure.attempts[1].reason.code, "queue_rejected");
    assert_eq!(desk.pager.raised().len(), 1);
}
