//! When a failed message is tried again.

use domain::{Class, Disposition, FailureState};
use jiff::{SignedDuration, Timestamp};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The first wait, in seconds; each later one is twice as long.
const FIRST: u64 = 30;
/// The longest wait, in seconds.
const LONGEST: u64 = 3600;
/// The first wait, in seconds, for what only something from outside can mend.
const FIRST_HOLD: u64 = 300;
/// The longest such wait, in seconds.
const LONGEST_HOLD: u64 = 6 * 3600;
/// The longest wait that the other side is granted: one that asks for years is mistaken.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(24);
/// Attempts before a person is asked: with the waits above, about a day.
const MOST_ATTEMPTS: usize = 30;
/// Attempts at what only a release can mend. More than one: a function that dies takes messages
/// with it that had no part in that.
const MOST_ATTEMPTS_OF_OURS: usize = 3;

/// What becomes of a message that has failed this often.
pub(crate) fn next_state(
    class: Class,
    disposition: Disposition,
    attempts: usize,
    failure: &str,
    now: Timestamp,
) -> FailureState {
    match disposition {
        Disposition::Retry { after } if attempts < most_attempts(class) => {
            let asked = after.unwrap_or_default().min(LONGEST_ASKED);
            let wait = grown(FIRST, LONGEST, attempts, failure).max(asked);
            FailureState::Waiting { retry_at: now.checked_add(wait).unwrap_or(Timestamp::MAX) }
        }
        Disposition::Hold { .. } => {
            let wait = grown(FIRST_HOLD, LONGEST_HOLD, attempts, failure);
            FailureState::Waiting { retry_at: now.checked_add(wait).unwrap_or(Timestamp::MAX) }
        }
        Disposition::Retry { .. } | Disposition::Park => FailureState::given_up(class, now),
    }
}

fn most_attempts(class: Class) -> usize {
    match class {
        Class::Ours => MOST_ATTEMPTS_OF_OURS,
        Class::Transient
        | Class::Authorisation
        | Class::Configuration
        | Class::Theirs
        | Class::Data => MOST_ATTEMPTS,
    }
}

/// Between half the nominal wait and the whole, by the failure's own id, so that what failed
/// together does not come back together.
fn grown(first: u64, longest: u64, attempts: usize, failure: &str) -> SignedDuration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    let nominal = first.saturating_mul(2u64.saturating_pow(doublings)).min(longest);
    let mut hasher = DefaultHasher::new();
    (failure, attempts).hash(&mut hasher);
    let seconds = nominal / 2 + hasher.finish() % (nominal / 2 + 1);
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn seconds(disposition: Disposition, attempts: usize) -> Option<i64> {
        match next_state(Class::Transient, disposition, attempts, "fail_1", NOW) {
            FailureState::Waiting { retry_at } => Some(retry_at.as_second()),
            FailureState::Held { .. }
            | FailureState::Parked { .. }
            | FailureState::Redriven { .. } => None,
        }
    }

    #[test]
    fn waits_grow_to_an_hour_and_end_with_a_person() {
        let retry = Disposition::Retry { after: None };
        for (attempts, nominal) in [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (29, 3600)] {
            let waited = seconds(retry, attempts).unwrap();
            assert!((nominal / 2..=nominal).contains(&waited), "{attempts}: {waited}");
        }
        assert_eq!(seconds(retry, 30), None);
    }

    #[test]
    fn the_other_side_is_left_alone_as_long_as_it_asked() {
        let retry = Disposition::Retry { after: Some(SignedDuration::from_hours(2)) };
        assert_eq!(seconds(retry, 1), Some(7200));
        let absurd = Disposition::Retry { after: Some(SignedDuration::MAX) };
        assert_eq!(seconds(absurd, 1), Some(86_400));
    }

    #[test]
    fn what_waits_for_the_outside_is_looked_at_for_ever() {
        let hold = Disposition::Hold { tell: false };
        for (attempts, nominal) in [(1, 300), (2, 600), (9, 21_600), (5000, 21_600)] {
            let waited = seconds(hold, attempts).unwrap();
            assert!((nominal / 2..=nominal).contains(&waited), "{attempts}: {waited}");
        }
    }

    #[test]
    fn what_a_release_may_mend_is_held_for_one() {
        let retry = Disposition::Retry { after: None };
        let after = |class, attempts| next_state(class, retry, attempts, "fail_1", NOW).name();
        assert_eq!((after(Class::Ours, 2), after(Class::Ours, 3)), ("waiting", "held"));
        assert_eq!(after(Class::Configuration, 30), "held");
        assert_eq!(after(Class::Authorisation, 30), "parked");
    }

    #[test]
    fn what_cannot_be_mended_by_time_is_parked_at_once() {
        assert_eq!(seconds(Disposition::Park, 1), None);
    }
}
