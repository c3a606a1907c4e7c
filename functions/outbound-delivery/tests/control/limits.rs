//! Rate, quota, deadline, and what they cost.

use crate::endpoint::numbered;
use crate::hands::{Bench, CONFIG, Hands};
use domain::{Action, Disposition, Effect};
use jiff::{SignedDuration, Timestamp};
use outbound_delivery::{Deliver, Undelivered};
use rules::RuleSet;
use runtime::Settled;
use runtime::memory::START;
use state::EffectState;
use state::memory::Store;
use std::time::Duration;

fn sms(number: usize) -> Effect {
    numbered(number, Action::Sms { to: "+12025550123".into(), text: "on its way".into() })
}

fn granting(settings: &str) -> (Hands, Bench<Hands>) {
    let hands = Hands::default();
    let config = format!("{CONFIG}destinations: {{ sms: {{ {settings} }} }}");
    (hands.clone(), Bench::over(Store::default(), hands, &config))
}

async fn waits(bench: &Bench<Hands>, number: usize, code: &str) -> i64 {
    let failure = bench.handle(&sms(number)).await.unwrap_err();
    assert_eq!(failure.reason.code, code);
    match failure.disposition {
        Disposition::Retry { after } => after.unwrap().as_secs(),
        Disposition::Hold { .. } | Disposition::Behind | Disposition::Park => panic!("{failure:?}"),
    }
}

#[tokio::test]
async fn a_healthy_destination_costs_one_request_for_fifty_effects() {
    let (hands, bench) = granting("timeout: 5s");
    for number in 0..1000 {
        assert_eq!(bench.handle(&sms(number)).await, Ok(Settled::Fresh));
    }
    assert_eq!((hands.attempts(), bench.store.swaps()), (1000, 20));
    assert_eq!(bench.store.writes(), 2000, "claim and settlement, as before");
}

#[tokio::test]
async fn a_rate_holds_over_all_workers() {
    let (hands, bench) = granting("rate: 5/s");
    let other = Bench::over(
        bench.store.clone(),
        hands.clone(),
        &format!("{CONFIG}destinations: {{ sms: {{ rate: 5/s }} }}"),
    );
    for number in 0..5 {
        let worker = if number < 3 { &bench } else { &other };
        assert_eq!(worker.handle(&sms(number)).await, Ok(Settled::Fresh), "{number}");
    }
    for worker in [&bench, &other] {
        assert!(waits(worker, 5, "destination_over_rate").await < 6);
    }
    bench.pass(SignedDuration::from_millis(200));
    assert_eq!(bench.handle(&sms(5)).await, Ok(Settled::Fresh));
    waits(&bench, 6, "destination_over_rate").await;
    assert_eq!(hands.attempts(), 6);
}

#[tokio::test]
async fn a_quota_ends_with_the_day() {
    let (hands, bench) = granting("quota: 70/d");
    for number in 0..70 {
        assert_eq!(bench.handle(&sms(number)).await, Ok(Settled::Fresh));
    }
    // The tests begin at 14:13:20 UTC.
    let rest = (9 * 60 + 46) * 60 + 40;
    let wait = waits(&bench, 70, "destination_quota_spent").await;
    assert!((rest..rest + 600).contains(&wait), "{wait}");
    assert_eq!(hands.attempts(), 70);
    bench.pass(SignedDuration::from_secs(rest));
    assert_eq!(bench.handle(&sms(70)).await, Ok(Settled::Fresh));
}

/// Takes a second over everything.
struct Slow;

impl Deliver for Slow {
    async fn deliver(&self, _: &RuleSet, _: &Effect, _: Timestamp) -> Result<String, Undelivered> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok("receipt".into())
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_effects_are_under_way_than_may_be() {
    let config = format!("{CONFIG}destinations: {{ sms: {{ concurrency: 2 }} }}");
    let bench = Bench::over(Store::default(), Slow, &config);
    let effects = [sms(0), sms(1), sms(2)];
    let [one, two, three] = &effects;
    let (one, two, three) = tokio::join!(bench.handle(one), bench.handle(two), bench.handle(three));
    assert_eq!((one, two), (Ok(Settled::Fresh), Ok(Settled::Fresh)));
    assert_eq!(three.unwrap_err().reason.code, "destination_busy");
    assert_eq!(bench.handle(&effects[2]).await, Ok(Settled::Fresh));
}

#[tokio::test]
async fn what_comes_too_late_is_left_to_a_person() {
    let (hands, bench) = granting("deadline: 2h");
    bench.pass(SignedDuration::from_hours(2));
    assert_eq!(bench.handle(&sms(0)).await, Ok(Settled::Fresh), "just in time");
    bench.pass(SignedDuration::from_secs(1));
    let failure = bench.handle(&sms(1)).await.unwrap_err();
    assert_eq!((&*failure.reason.code, failure.disposition), ("effect_overdue", Disposition::Park));
    assert_eq!(bench.record(&sms(1)).state, EffectState::Released);
    assert_eq!(bench.handle(&sms(0)).await, Ok(Settled::Repeated), "what is done is done");
    let quiet = START + SignedDuration::from_hours(1);
    let waited = Effect { not_before: Some(quiet), ..sms(2) };
    assert_eq!(bench.handle(&waited).await, Ok(Settled::Fresh), "a night's wait does not count");
    assert_eq!(hands.attempts(), 2);
}
