//! A customer with a thousand effects beside customers with one, at a destination with a rate.

use crate::crowd::{Crowd, FREE};
use delivery::{Outcome, Policy, Rate, Refusal};
use jiff::{SignedDuration, Timestamp};

/// A worker holds one group: the first has the flood, each of the others one effect.
struct Group {
    left: u32,
    /// When it asks next, or is done with the effect at hand.
    next: Timestamp,
    refusals: u32,
}

/// The hop's wait before a refused message is seen again: until the next pass, and up to five
/// seconds more, differently for each.
fn wait(until: Timestamp, now: Timestamp, group: usize, refusals: u32) -> SignedDuration {
    let spread = (group as u64 * 7_919 + u64::from(refusals) * 104_729) % 5_000;
    until.duration_since(now) + SignedDuration::from_millis(i64::try_from(spread).unwrap())
}

/// Lets the groups run until all but the first are through: when each was, how often the unluckiest
/// was refused, and how much of the flood went out meanwhile.
fn run(rate: Rate, others: usize, call: SignedDuration) -> (SignedDuration, u32, u32) {
    let mut crowd = Crowd::new(Policy { rate: Some(rate), ..FREE }, others + 1);
    let begin = crowd.now;
    let group = |left| Group { left, next: begin, refusals: 0 };
    let mut groups = vec![group(1_000)];
    groups.extend((0..others).map(|_| group(1)));
    // The flood has run alone for a while, so that its worker asks for many passes at once.
    for _ in 0..20 {
        while crowd.call(0, Outcome::Answered).is_err() {
            crowd.pass(SignedDuration::from_millis(100));
        }
    }
    let start = crowd.now;
    for group in &mut groups {
        group.next = start;
    }
    while groups[1..].iter().any(|group| group.left > 0) {
        let waiting = groups.iter().enumerate().filter(|(_, group)| group.left > 0);
        let (index, at) =
            waiting.map(|(index, group)| (index, group.next)).min_by_key(|it| it.1).unwrap();
        crowd.pass(at.duration_since(crowd.now));
        let entered = crowd.call(index, Outcome::Answered);
        let group = &mut groups[index];
        match entered {
            Ok(()) => {
                group.left -= 1;
                group.next = at + call;
            }
            Err(Refusal::OverRate { until }) => {
                group.refusals += 1;
                group.next = at + wait(until, at, index, group.refusals);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    let worst = groups[1..].iter().map(|group| group.refusals).max().unwrap();
    (crowd.now.duration_since(start), worst, 1_000 - groups[0].left)
}

#[test]
fn one_customers_flood_leaves_passes_for_the_others() {
    let second = SignedDuration::from_secs(1);
    for (count, others, call) in [(10, 20, 100), (10, 20, 20), (50, 100, 50), (2, 5, 300)] {
        let rate = Rate { count, per: second, at_once: None };
        let (took, worst, flood) = run(rate, others, SignedDuration::from_millis(call));
        println!(
            "{count}/s, {others} others, calls of {call} ms: {took:#} until all were through; at most {worst} refusals; {flood} of the flood"
        );
        // Twice the time that the destination would need for the others alone, and one wait.
        let alone = i64::try_from(others).unwrap() / i64::from(count);
        assert!(took.as_secs() <= 2 * alone + 10, "{took:#}");
        assert!(worst < 5, "a message that is refused five times goes to the dead letters");
    }
}
