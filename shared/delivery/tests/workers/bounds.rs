//! Rate, quota, concurrency, and what they cost.

use crate::crowd::{Crowd, FREE, START};
use delivery::{Ask, Control, MOST_PERMITS, Outcome, Pass, Policy, Rate, Refusal};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn at_rate(count: u32, seconds: i64) -> Policy {
    Policy {
        rate: Some(Rate { count, per: SignedDuration::from_secs(seconds), at_once: None }),
        ..FREE
    }
}

#[test]
fn a_healthy_destination_costs_one_request_for_fifty_effects() {
    let mut crowd = Crowd::new(FREE, 1);
    for _ in 0..1000 {
        assert_eq!(crowd.call(0, Outcome::Answered), Ok(()));
    }
    assert_eq!(crowd.requests, 1000 / MOST_PERMITS as usize);
}

#[test]
fn many_workers_cost_little_more() {
    let mut crowd = Crowd::new(FREE, 10);
    for number in 0..10_000 {
        assert_eq!(crowd.call(number % 10, Outcome::Answered), Ok(()));
    }
    // Each grant is written once, and each loser of a race reads the winner's record with it.
    assert!(crowd.requests <= 2 * 10_000 / MOST_PERMITS as usize, "{}", crowd.requests);
}

#[test]
fn a_quota_is_learnt_step_by_step_and_costs_little_as_well() {
    let mut crowd = Crowd::new(Policy { quota: Some(1000), ..FREE }, 1);
    for _ in 0..1000 {
        assert_eq!(crowd.call(0, Outcome::Answered), Ok(()));
    }
    assert!(crowd.requests <= 26, "{}", crowd.requests);
    let midnight: Timestamp = "2026-09-22T00:00:00Z".parse().unwrap();
    let spent = Err(Refusal::QuotaSpent { until: midnight });
    assert_eq!(crowd.call(0, Outcome::Answered), spent);
    crowd.now = midnight;
    assert_eq!(crowd.call(0, Outcome::Answered), Ok(()), "another day");
}

#[test]
fn a_rate_below_one_a_second_is_kept_to_the_moment() {
    let mut crowd = Crowd::new(at_rate(6, 60), 2);
    assert_eq!(crowd.call(0, Outcome::Answered), Ok(()));
    let until = START + SignedDuration::from_secs(10);
    assert_eq!(crowd.call(1, Outcome::Answered), Err(Refusal::OverRate { until }));
    crowd.now = until - SignedDuration::from_millis(1);
    assert_eq!(crowd.call(1, Outcome::Answered), Err(Refusal::OverRate { until }));
    crowd.now = until;
    assert_eq!(crowd.call(1, Outcome::Answered), Ok(()));
}

#[test]
fn a_worker_that_died_holds_its_slots_no_longer_than_a_call_lasts() {
    let mut crowd = Crowd::new(Policy { concurrency: Some(1), ..FREE }, 2);
    drop(crowd.enter(0).unwrap());
    let lapses = START + SignedDuration::from_secs(18);
    assert_eq!(crowd.enter(1), Err(Refusal::Busy { until: lapses }), "10 s to begin, 8 to call");
    crowd.now = lapses;
    assert!(crowd.enter(1).is_ok());
}

/// What happens next: a worker begins an effect, or ends its oldest, or time goes by.
#[derive(Clone, Debug)]
enum Next {
    Begin(usize),
    End(usize, bool),
    Pass(i64),
}

fn next() -> impl Strategy<Value = Next> {
    prop_oneof![
        4 => (0..3usize).prop_map(Next::Begin),
        3 => (0..3usize, any::<bool>()).prop_map(|(worker, used)| Next::End(worker, used)),
        2 => (0..900i64).prop_map(Next::Pass),
    ]
}

/// When each effect was begun, and the most that were under way at once. An effect takes no longer
/// than its timeout.
fn play(policy: Policy, story: Vec<Next>) -> (Vec<Timestamp>, usize) {
    let mut crowd = Crowd::new(policy, 3);
    let mut under_way: [Vec<(Timestamp, Pass)>; 3] = Default::default();
    let (mut begun, mut most) = (Vec::new(), 0);
    for next in story {
        match next {
            Next::Begin(worker) => {
                if let Ok(pass) = crowd.enter(worker) {
                    under_way[worker].push((crowd.now, pass));
                    begun.push(crowd.now);
                }
            }
            Next::End(worker, used) if !under_way[worker].is_empty() => {
                let (_, pass) = under_way[worker].remove(0);
                let outcome = if used { Outcome::Answered } else { Outcome::Unused };
                if !used {
                    begun.pop();
                }
                crowd.leave(worker, &pass, outcome);
            }
            Next::End(..) => {}
            Next::Pass(millis) => crowd.pass(SignedDuration::from_millis(millis)),
        }
        let alive =
            |(since, _): &&(Timestamp, Pass)| crowd.now.duration_since(*since) < policy.timeout;
        most = most.max(under_way.iter().flatten().filter(alive).count());
    }
    (begun, most)
}

fn most_within(begun: &[Timestamp], time: SignedDuration) -> usize {
    let within = |from: &Timestamp| {
        begun.iter().filter(|at| **at >= *from && at.duration_since(*from) <= time).count()
    };
    begun.iter().map(within).max().unwrap_or(0)
}

#[test]
fn what_is_left_of_a_quota_is_told_in_per_cent() {
    let ask = Ask { permits: 25, slots: 1, ..Ask::default() };
    let policy = Policy { quota: Some(40), ..FREE };
    let (control, _) = Control::default().grant(&policy, ask, START).unwrap();
    assert_eq!(control.quota_percent_left(&policy), Some(37));
    let (control, _) = control.grant(&policy, ask, START).unwrap();
    assert_eq!(control.quota_percent_left(&policy), Some(0));
    assert_eq!(control.quota_percent_left(&FREE), None);
}

proptest! {
    #[test]
    fn no_more_are_under_way_than_may_be(
        most in 1..6u32,
        story in prop::collection::vec(next(), 0..300),
    ) {
        let policy = Policy { concurrency: Some(most), ..FREE };
        prop_assert!(play(policy, story).1 <= most as usize);
    }

    /// A token bucket's bound over the time in which permits may be used: what flows in, and what
    /// was in it.
    #[test]
    fn no_more_are_begun_than_the_rate_grants(
        count in 1..30u32,
        story in prop::collection::vec(next(), 0..300),
        window in 1..20i64,
    ) {
        let policy = at_rate(count, 1);
        let story = story.into_iter().map(|next| match next {
            Next::End(worker, _) => Next::End(worker, true),
            other @ (Next::Begin(_) | Next::Pass(_)) => other,
        });
        let begun = play(policy, story.collect()).0;
        let window = SignedDuration::from_secs(window);
        let seconds = u32::try_from((window + policy.term()).as_secs()).unwrap();
        let bound = count * seconds + policy.rate.unwrap().burst();
        prop_assert!(most_within(&begun, window) <= bound as usize);
    }

    #[test]
    fn no_day_has_more_than_its_quota(
        quota in 0..80u32,
        story in prop::collection::vec(next(), 0..300),
    ) {
        let policy = Policy { quota: Some(quota), ..FREE };
        prop_assert!(play(policy, story).0.len() <= quota as usize);
    }

    /// A worker that is alone gets all of what is granted, in the end.
    #[test]
    fn a_rate_is_used_up_where_there_is_work(count in 1..60u32) {
        let mut crowd = Crowd::new(at_rate(count, 1), 1);
        let mut done = 0;
        while crowd.now.duration_since(START) < SignedDuration::from_secs(20) {
            match crowd.call(0, Outcome::Answered) {
                Ok(()) => done += 1,
                Err(Refusal::OverRate { until }) => {
                    prop_assert!(until > crowd.now);
                    crowd.now = until;
                }
                Err(other) => prop_assert!(false, "{:?}", other),
            }
        }
        prop_assert!(done >= 20 * count && done <= 21 * count, "{}", done);
    }
}
