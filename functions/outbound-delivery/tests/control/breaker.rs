//! A destination that keeps failing is left alone.

use crate::endpoint::{Posting, answering, endpoint, requests, webhook};
use domain::Disposition;
use jiff::SignedDuration;
use runtime::Settled;
use std::time::Duration;
use wiremock::ResponseTemplate;

/// The code of a failure that is to be tried again, with the seconds that were asked for.
async fn refused(bench: &Posting, number: usize) -> (String, Option<i64>) {
    let failure = bench.handle(&webhook(number)).await.unwrap_err();
    match failure.disposition {
        Disposition::Retry { after } => (failure.reason.code, after.map(|after| after.as_secs())),
        Disposition::Hold { .. } | Disposition::Behind | Disposition::Park => panic!("{failure:?}"),
    }
}

async fn is_open(bench: &Posting, number: usize) -> i64 {
    let (code, after) = refused(bench, number).await;
    assert_eq!(code, "destination_open");
    after.unwrap()
}

#[tokio::test]
async fn after_enough_failures_nothing_is_sent_and_no_effect_is_begun() {
    let (server, bench) = endpoint("breaker: { failures: 3, open: 40s }").await;
    answering(&server, ResponseTemplate::new(500)).await;
    for number in 0..3 {
        assert_eq!(refused(&bench, number).await, ("endpoint_unavailable".into(), None));
    }
    let (writes, swaps) = (bench.store.writes(), bench.store.swaps());
    let waits: Vec<i64> = {
        let mut waits = Vec::new();
        for number in 3..30 {
            waits.push(is_open(&bench, number).await);
        }
        waits
    };
    assert_eq!(requests(&server).await, 3);
    assert_eq!(
        (bench.store.writes(), bench.store.swaps()),
        (writes, swaps),
        "not a single request"
    );
    assert!(!bench.store.contents().effects.contains_key(&webhook(3).key), "no lease was used up");
    assert!(waits.iter().all(|wait| (40..80).contains(wait)), "{waits:?}");
    assert!(waits.iter().min() < waits.iter().max(), "they do not come back together");
}

#[tokio::test]
async fn one_effect_tries_whether_it_is_back() {
    let (server, bench) = endpoint("breaker: { failures: 2, open: 30s }").await;
    answering(&server, ResponseTemplate::new(503)).await;
    for number in 0..2 {
        refused(&bench, number).await;
    }
    bench.pass(SignedDuration::from_secs(30));
    assert_eq!(refused(&bench, 3).await.0, "endpoint_unavailable", "the probe");
    assert!(is_open(&bench, 4).await >= 60, "it failed: twice as long");
    assert_eq!(requests(&server).await, 3);

    answering(&server, ResponseTemplate::new(204)).await;
    bench.pass(SignedDuration::from_secs(60));
    for number in 5..9 {
        assert_eq!(bench.handle(&webhook(number)).await, Ok(Settled::Fresh));
    }
    assert_eq!(bench.handle(&webhook(0)).await, Ok(Settled::Fresh), "what waited goes out");
}

#[tokio::test]
async fn a_refusal_of_one_effect_says_nothing_against_the_destination() {
    let (server, bench) = endpoint("breaker: { failures: 2 }").await;
    answering(&server, ResponseTemplate::new(422)).await;
    for number in 0..40 {
        let failure = bench.handle(&webhook(number)).await.unwrap_err();
        assert_eq!(failure.reason.code, "endpoint_refused");
    }
    assert_eq!(requests(&server).await, 40);
}

#[tokio::test]
async fn an_attempt_ends_with_its_time() {
    let (server, bench) = endpoint("timeout: 1s, breaker: { failures: 2 }").await;
    answering(&server, ResponseTemplate::new(204).set_delay(Duration::from_mins(1))).await;
    for number in 0..2 {
        assert_eq!(refused(&bench, number).await, ("destination_timeout".into(), None));
    }
    is_open(&bench, 2).await;
}

#[tokio::test]
async fn an_endpoint_that_asks_for_patience_gets_it_for_all() {
    let (server, bench) = endpoint("").await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "120");
    answering(&server, busy).await;
    assert_eq!(refused(&bench, 0).await, ("endpoint_unavailable".into(), Some(120)));
    assert!(is_open(&bench, 1).await >= 120);
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn an_effect_that_never_reached_the_destination_leaves_the_probe_to_another() {
    let (server, bench) = endpoint("breaker: { failures: 1, open: 30s }").await;
    answering(&server, ResponseTemplate::new(204)).await;
    assert_eq!(bench.handle(&webhook(0)).await, Ok(Settled::Fresh));
    answering(&server, ResponseTemplate::new(500)).await;
    refused(&bench, 1).await;
    bench.pass(SignedDuration::from_secs(30));
    answering(&server, ResponseTemplate::new(204)).await;
    assert_eq!(bench.handle(&webhook(0)).await, Ok(Settled::Repeated), "done before: no probe");
    assert_eq!(requests(&server).await, 0);
    assert_eq!(bench.handle(&webhook(1)).await, Ok(Settled::Fresh));
    assert_eq!(bench.handle(&webhook(2)).await, Ok(Settled::Fresh));
}

#[tokio::test]
async fn without_the_shared_state_an_effect_waits() {
    let (server, bench) = endpoint("").await;
    answering(&server, ResponseTemplate::new(204)).await;
    bench.store.close_controls(true);
    assert_eq!(refused(&bench, 0).await.0, "store_unavailable");
    assert_eq!(requests(&server).await, 0);
    bench.store.close_controls(false);
    assert_eq!(bench.handle(&webhook(0)).await, Ok(Settled::Fresh));
    bench.store.close_controls(true);
    assert_eq!(bench.handle(&webhook(1)).await, Ok(Settled::Fresh), "what was granted holds");
}
