//! An event of one profile.

use crate::bench::{Bench, Rival, id, matched, phone};
use domain::Disposition;
use runtime::Settled;
use runtime::memory::{Closed, START, message};
use state::{Dispatch, Ledger};

/// One customer, with a phone.
async fn bench() -> Bench {
    Bench::with(&[&[phone()]]).await
}

fn rival(number: i64) -> Rival {
    Rival::Event(Box::new(matched(&phone(), message(1000 + number, &[phone()]))))
}

#[tokio::test]
async fn an_event_is_applied_and_forwarded_with_the_customer_as_it_left_them() {
    let bench = bench().await;
    bench.complain(1, &phone()).await;
    assert_eq!(bench.store.reads(), 1);
    bench.complain(2, &phone()).await;
    let sent = bench.sent();
    assert!(sent[0].customer.profile.tags.is_empty());
    assert!(sent[1].customer.profile.tags.contains_key("high_care"));
    assert_eq!(sent[1].classification.issue.as_deref(), Some("quality"));
    assert_eq!((&sent[1].customer, &sent[1].home), (&bench.stored(&phone()), &id(&phone())));
    let parcels = bench.queue.parcels();
    assert!(parcels.iter().all(|parcel| parcel.group == id(&phone()).as_str()));
    assert_eq!(parcels[0].deduplication, message(1, &[]).id.as_str());
}

#[tokio::test]
async fn a_repeated_event_forwards_what_was_stored_then() {
    let bench = bench().await;
    bench.complain(1, &phone()).await;
    bench.complain(2, &phone()).await;
    let before = bench.contents();
    assert_eq!(bench.handle(&phone(), message(1, &[phone()])).await, Ok(Settled::Repeated));
    let sent = bench.sent();
    assert_eq!(sent[2], sent[0], "the customer before the second message, without its tag");
    assert_eq!(bench.contents(), before);
}

#[tokio::test]
async fn an_event_that_was_decided_goes_no_further() {
    let bench = bench().await;
    let event = bench.complain(1, &phone()).await.event;
    assert!(bench.store.dispatch(&event.id, Dispatch::default(), START).await.unwrap().first);
    assert_eq!(bench.handle(&phone(), event).await, Ok(Settled::Repeated));
    assert_eq!(bench.sent().len(), 1);
}

#[tokio::test]
async fn what_was_applied_and_not_sent_is_sent_by_the_repetition() {
    let bench = bench().await;
    bench.queue.close(Some(Closed::Unavailable));
    let event = || message(1, &[phone()]);
    let failure = bench.handle(&phone(), event()).await.unwrap_err();
    assert_eq!(failure.reason.code, "queue_unavailable");
    bench.queue.close(None);
    assert_eq!(bench.handle(&phone(), event()).await, Ok(Settled::Repeated));
    assert_eq!(bench.sent()[0].customer, bench.stored(&phone()));
    assert_eq!(bench.stored(&phone()).version, 1, "applied once");
}

#[tokio::test]
async fn a_customer_who_changed_meanwhile_is_read_again() {
    let bench = bench().await;
    for number in 0..2 {
        bench.expect(rival(number));
    }
    let sent = bench.complain(1, &phone()).await;
    assert_eq!(bench.stored(&phone()).version, 3, "two rivals and this one");
    assert_eq!(bench.contents().timeline.len(), 3);
    assert_eq!(sent.customer, bench.stored(&phone()));
    assert_eq!(sent.customer.profile.counters["complaints"].occurrences().count(), 3);
}

#[tokio::test]
async fn a_customer_who_keeps_changing_is_left_for_later() {
    let bench = bench().await;
    for number in 0..5 {
        bench.expect(rival(number));
    }
    let failure = bench.handle(&phone(), message(1, &[phone()])).await.unwrap_err();
    assert_eq!(failure.reason.code, "profile_contended");
    assert_eq!(failure.disposition, Disposition::Retry { after: None });
    assert!(bench.sent().is_empty());
    bench.complain(1, &phone()).await;
}

#[tokio::test]
async fn an_event_of_nobody_is_parked() {
    let bench = Bench::new();
    let failure = bench.handle(&phone(), message(1, &[phone()])).await.unwrap_err();
    assert_eq!(
        (&*failure.reason.code, failure.disposition),
        ("customer_missing", Disposition::Park)
    );
    assert!(bench.sent().is_empty());
    assert_eq!(bench.store.writes(), 0);
}
