//! An effect that is done is done, and one that failed cleanly is tried again.

use crate::hands::{Bench, Hands, note, sms};
use domain::Disposition;
use jiff::SignedDuration;
use outbound_delivery::Undelivered;
use runtime::memory::START;
use runtime::{Settled, StepFailure};
use state::EffectState;

#[tokio::test]
async fn an_effect_is_performed_once() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Fresh));
    let record = bench.record(&sms());
    assert_eq!((record.state, record.attempt), (EffectState::Done, 1));
    assert_eq!((record.receipt.as_deref(), record.done_at), (Some("receipt-1"), Some(START)));
    for _ in 0..3 {
        bench.pass(SignedDuration::from_hours(1));
        assert_eq!(bench.handle(&sms()).await, Ok(Settled::Repeated));
    }
    assert_eq!(hands.attempts(), 1);
    assert_eq!(bench.record(&sms()), record);
}

#[tokio::test]
async fn a_clean_failure_gives_the_effect_back_at_once() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    let refused = StepFailure::retry("messaging_not_now", "throttled");
    hands.fail_next(Undelivered::NotDone(refused.clone()));
    assert_eq!(bench.handle(&sms()).await, Err(refused));
    assert_eq!(bench.record(&sms()).state, EffectState::Released);
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Fresh), "a text too: it never left");
    assert_eq!((hands.attempts(), bench.record(&sms()).attempt), (2, 2));
}

#[tokio::test]
async fn what_another_worker_is_at_waits_for_the_end_of_its_lease() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    drop(bench.begin(&note()).await);
    bench.pass(SignedDuration::from_secs(20));
    let busy = bench.handle(&note()).await.unwrap_err();
    assert_eq!(busy.reason.code, "effect_busy");
    let after = Some(SignedDuration::from_secs(71));
    assert_eq!(busy.disposition, Disposition::Retry { after }, "1 s after its 90 s");
    assert_eq!(hands.attempts(), 0);
    bench.pass(SignedDuration::from_secs(71));
    assert_eq!(bench.handle(&note()).await, Ok(Settled::Fresh));
}

#[tokio::test]
async fn an_effect_that_waits_for_a_configuration_is_not_begun() {
    let hands = Hands::default();
    let bench = Bench::over(state::memory::Store::default(), hands.clone(), "");
    assert_eq!(bench.handle(&sms()).await.unwrap_err().reason.code, "config_missing");
    bench.rules.apply(crate::hands::CONFIG);
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Fresh), "neither busy nor in doubt");
    assert_eq!(hands.attempts(), 1);
}

#[tokio::test]
async fn what_waits_for_the_morning_is_not_touched_before() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    let morning = START + SignedDuration::from_hours(9);
    let effect = domain::Effect { not_before: Some(morning), ..sms() };
    let early = bench.handle(&effect).await.unwrap_err();
    let after = Some(SignedDuration::from_hours(9));
    assert_eq!((&*early.reason.code, early.disposition), ("not_yet", Disposition::Retry { after }));
    assert!(bench.store.contents().effects.is_empty());
    bench.pass(SignedDuration::from_hours(9));
    assert_eq!(bench.handle(&effect).await, Ok(Settled::Fresh));
    assert_eq!(hands.attempts(), 1);
}
