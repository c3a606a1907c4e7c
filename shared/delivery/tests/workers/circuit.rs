//! When a destination is left alone, and how it comes back.

use crate::crowd::{BREAKER, Crowd, FAILED, FREE, START};
use delivery::{Breaker, Outcome, Policy, Refusal};
use jiff::SignedDuration;
use proptest::prelude::*;

const fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

#[test]
fn failures_in_a_row_open_it_for_every_worker() {
    let mut crowd = Crowd::new(FREE, 3);
    for worker in [0, 1, 2, 0, 1] {
        assert_eq!(crowd.call(worker, FAILED), Ok(()));
    }
    let shut = Err(Refusal::Open { until: START + seconds(30) });
    let before = crowd.requests;
    assert_eq!(crowd.call(1, FAILED), shut, "it opened it itself");
    assert_eq!(crowd.requests, before, "nobody is asked");
    // Worker 0 saw four failures: it may find out with its own.
    assert_eq!(crowd.call(0, FAILED), Ok(()));
    for worker in [0, 1, 2, 0, 1, 2] {
        let _ = crowd.call(worker, FAILED);
    }
    let before = crowd.requests;
    for worker in [0, 1, 2, 0, 1, 2] {
        assert_eq!(crowd.call(worker, Outcome::Answered), shut);
    }
    assert_eq!(crowd.requests, before);
}

#[test]
fn what_failed_before_it_opened_does_not_count_after_it_closed() {
    let mut crowd = Crowd::new(FREE, 2);
    let begun: Vec<_> = (0..9).map(|_| crowd.enter(1).unwrap()).collect();
    for _ in 0..5 {
        assert_eq!(crowd.call(0, FAILED), Ok(()));
    }
    for pass in &begun {
        crowd.leave(1, pass, FAILED);
    }
    crowd.pass(seconds(30));
    assert_eq!(crowd.call(0, Outcome::Answered), Ok(()), "the probe");
    crowd.pass(seconds(20));
    for _ in 0..4 {
        assert_eq!(crowd.call(1, FAILED), Ok(()));
    }
    assert_eq!(crowd.call(0, Outcome::Answered), Ok(()));
}

#[test]
fn an_answer_in_between_starts_the_count_again() {
    let mut crowd = Crowd::new(FREE, 1);
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(crowd.call(0, FAILED), Ok(()));
        }
        assert_eq!(crowd.call(0, Outcome::Answered), Ok(()));
    }
}

#[test]
fn a_bad_share_opens_it_though_no_five_fail_in_a_row() {
    let mut crowd = Crowd::new(FREE, 1);
    let calls: Vec<_> = (0..30)
        .map(|number| crowd.call(0, if number % 2 == 0 { Outcome::Answered } else { FAILED }))
        .collect();
    let opened = calls.iter().position(Result::is_err);
    assert_eq!(opened, Some(20), "at the twentieth call half have failed");
    let mut crowd = Crowd::new(FREE, 1);
    for number in 0..90 {
        let outcome = if number % 3 == 0 { FAILED } else { Outcome::Answered };
        assert_eq!(crowd.call(0, outcome), Ok(()), "a third is less than half");
    }
}

#[test]
fn one_effect_at_a_time_tries_whether_it_is_back() {
    let mut crowd = Crowd::new(FREE, 3);
    for _ in 0..5 {
        assert_eq!(crowd.call(0, FAILED), Ok(()));
    }
    crowd.pass(seconds(30));
    let probe = crowd.enter(1).unwrap();
    for worker in 0..3 {
        assert!(matches!(crowd.enter(worker), Err(Refusal::Open { .. })), "{worker}");
    }
    crowd.leave(1, &probe, Outcome::Answered);
    for worker in [1, 2, 0] {
        // What the others last saw is shut until the probe's worker would be taken for dead.
        crowd.pass(seconds(20));
        assert_eq!(crowd.call(worker, Outcome::Answered), Ok(()), "{worker}");
    }
}

#[test]
fn each_probe_that_fails_doubles_the_rest_up_to_ten_minutes() {
    let mut crowd = Crowd::new(FREE, 1);
    for _ in 0..5 {
        assert_eq!(crowd.call(0, FAILED), Ok(()));
    }
    for rest in [30, 60, 120, 240, 480, 600, 600] {
        let until = crowd.now + seconds(rest);
        assert_eq!(crowd.call(0, FAILED), Err(Refusal::Open { until }));
        crowd.pass(seconds(rest));
        assert_eq!(crowd.call(0, FAILED), Ok(()), "the probe");
    }
    assert_eq!(BREAKER.rest(u32::MAX), Breaker::LONGEST);
}

#[test]
fn a_probe_whose_worker_died_is_made_by_another() {
    let mut crowd = Crowd::new(FREE, 2);
    for _ in 0..5 {
        assert_eq!(crowd.call(0, FAILED), Ok(()));
    }
    crowd.pass(seconds(30));
    drop(crowd.enter(0).unwrap());
    crowd.pass(seconds(17));
    assert!(matches!(crowd.enter(1), Err(Refusal::Open { .. })), "it has 8 s, and 10 to begin");
    crowd.pass(seconds(1));
    assert!(crowd.enter(1).is_ok());
}

#[test]
fn a_probe_that_was_never_made_is_left_to_the_next() {
    let mut crowd = Crowd::new(FREE, 2);
    for _ in 0..5 {
        assert_eq!(crowd.call(0, FAILED), Ok(()));
    }
    crowd.pass(seconds(30));
    let probe = crowd.enter(0).unwrap();
    crowd.leave(0, &probe, Outcome::Unused);
    assert_eq!(crowd.call(1, Outcome::Answered), Ok(()));
    assert_eq!(crowd.call(0, Outcome::Answered), Ok(()));
}

#[test]
fn a_destination_that_asks_for_patience_gets_it() {
    let mut crowd = Crowd::new(FREE, 1);
    let asked = |count| Outcome::Failed { asked: Some(seconds(count)) };
    assert_eq!(crowd.call(0, asked(120)), Ok(()));
    assert_eq!(crowd.call(0, FAILED), Err(Refusal::Open { until: START + seconds(120) }));
    let mut crowd = Crowd::new(FREE, 1);
    assert_eq!(crowd.call(0, asked(i64::MAX)), Ok(()));
    assert_eq!(
        crowd.call(0, FAILED),
        Err(Refusal::Open { until: START + Breaker::LONGEST }),
        "years are a mistake"
    );
}

proptest! {
    /// With up to a tenth of failures, whoever makes the calls, the circuit stays closed.
    #[test]
    fn a_few_failures_among_many_answers_open_nothing(
        calls in prop::collection::vec(0..3usize, 300),
    ) {
        let mut crowd = Crowd::new(FREE, 3);
        for (number, worker) in calls.into_iter().enumerate() {
            let outcome = if number % 10 == 9 { FAILED } else { Outcome::Answered };
            prop_assert_eq!(crowd.call(worker, outcome), Ok(()));
            crowd.pass(SignedDuration::from_millis(200));
        }
    }

    /// However the calls fall out, a destination that is well again is called again.
    #[test]
    fn it_always_comes_back(
        calls in prop::collection::vec((0..3usize, any::<bool>(), 0..40i64), 0..100),
    ) {
        let mut crowd = Crowd::new(Policy { concurrency: Some(2), ..FREE }, 3);
        for (worker, fails, passes) in calls {
            let _ = crowd.call(worker, if fails { FAILED } else { Outcome::Answered });
            crowd.pass(seconds(passes));
        }
        crowd.pass(Breaker::LONGEST + seconds(20));
        for worker in 0..3 {
            prop_assert_eq!(crowd.call(worker, Outcome::Answered), Ok(()));
            crowd.pass(seconds(20));
        }
    }
}
