//! When a failed message is tried again.

use domain::{Class, Disposition, FailureRecord, FailureState};
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
/// Attempts at what only a release can mend. More than one: a function that dies takes messages
/// with it that had no part in that.
const MOST_ATTEMPTS_OF_OURS: usize = 3;

/// What becomes of a message after its last attempt: it is tried again until it has waited as long
/// as `park_after`.
pub(crate) fn next_state(
    record: &FailureRecord,
    park_after: SignedDuration,
    now: Timestamp,
) -> FailureState {
    let Some(last) = record.attempts.last() else { return FailureState::Parked { at: now } };
    let tries = record.attempts.iter().filter(|attempt| attempt.held == last.held).count();
    let nominal = |first, longest| grown(first, longest, tries);
    let waiting = |least, most, asked| {
        let wait = between(least, most, (record.id.as_str(), tries)).max(asked);
        FailureState::Waiting { retry_at: now.checked_add(wait).unwrap_or(Timestamp::MAX) }
    };
    let is_old = now.duration_since(record.waiting_since()) >= park_after;
    let is_hopeless = last.class == Class::Ours && tries >= MOST_ATTEMPTS_OF_OURS;
    match record.disposition {
        Disposition::Retry { after } if !is_old && !is_hopeless => {
            let asked = after.unwrap_or_default().min(LONGEST_ASKED);
            waiting(1, nominal(FIRST, LONGEST), asked)
        }
        Disposition::Hold { .. } if !is_old => {
            let most = nominal(FIRST_HOLD, LONGEST_HOLD);
            waiting(most / 2, most, SignedDuration::ZERO)
        }
        Disposition::Behind => FailureState::Behind { at: now },
        Disposition::Retry { .. } | Disposition::Hold { .. } | Disposition::Park => {
            FailureState::given_up(last.class, now)
        }
    }
}

/// The first wait, doubled for each attempt after the first.
fn grown(first: u64, longest: u64, attempts: usize) -> u64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    first.saturating_mul(2u64.saturating_pow(doublings)).min(longest)
}

/// Some time between these, in seconds, drawn by the failure's own id: what failed together does not
/// come back together. Where something has to recover, the least is next to nothing: full jitter.
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
fn between(least: u64, most: u64, draw: impl Hash) -> SignedDuration {
    let mut hasher = DefaultHasher::new();
    draw.hash(&mut hasher);
    let seconds = least + hasher.finish() % (most - least + 1);
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{About, Attempt, FailureId, Reason, Release, Step};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

    /// The state after so many attempts, all of them just now.
    fn after(class: Class, disposition: Disposition, attempts: usize) -> FailureState {
        next_state(&record(class, disposition, attempts), WEEK, NOW)
    }

    fn record(class: Class, disposition: Disposition, attempts: usize) -> FailureRecord {
        let reason = Reason { code: "code".into(), detail: "detail".into() };
        FailureRecord {
            id: FailureId::from_stored("fail_1"),
            step: Step::TagUpdate,
            about: About::default(),
            disposition,
            attempts: vec![Attempt { at: NOW, class, reason, receives: 5, held: false }; attempts],
            state: FailureState::Parked { at: NOW },
            asked_at: None,
            because: None,
            release: Release::default(),
        }
    }

    fn seconds(disposition: Disposition, attempts: usize) -> Option<i64> {
        after(Class::Transient, disposition, attempts).retry_at().map(Timestamp::as_second)
    }

    #[test]
    fn waits_grow_to_an_hour_and_are_spread_over_all_of_it() {
        let retry = Disposition::Retry { after: None };
        for (attempts, nominal) in [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (99, 3600)] {
            let waited = |number: i64| {
                let mut record = record(Class::Transient, retry, attempts);
                record.id = FailureId::from_stored(format!("fail_{number}"));
                next_state(&record, WEEK, NOW).retry_at().unwrap().as_second()
            };
            let waits: Vec<_> = (0..100).map(waited).collect();
            assert!(waits.iter().all(|wait| (1..=nominal).contains(wait)), "{attempts}: {waits:?}");
            let early = waits.iter().filter(|wait| **wait <= nominal / 2).count();
            assert!((30..70).contains(&early), "{attempts}: {early} in the first half");
        }
    }

    #[test]
    fn the_other_side_is_left_alone_as_long_as_it_asked() {
        let retry = Disposition::Retry { after: Some(SignedDuration::from_hours(2)) };
        assert_eq!(seconds(retry, 1), Some(7200));
        let absurd = Disposition::Retry { after: Some(SignedDuration::MAX) };
        assert_eq!(seconds(absurd, 1), Some(86_400));
    }

    #[test]
    fn what_waits_for_the_outside_is_looked_at_ever_more_seldom() {
        let hold = Disposition::Hold { tell: false };
        for (attempts, nominal) in [(1, 300), (2, 600), (9, 21_600), (5000, 21_600)] {
            let waited = seconds(hold, attempts).unwrap();
            assert!((nominal / 2..=nominal).contains(&waited), "{attempts}: {waited}");
        }
    }

    #[test]
    fn what_has_waited_long_enough_is_left_to_a_person_who_may_ask_again() {
        for disposition in [Disposition::Retry { after: None }, Disposition::Hold { tell: false }] {
            let mut record = record(Class::Transient, disposition, 1);
            let state = |record: &FailureRecord, at| next_state(record, WEEK, at).name();
            assert_eq!(state(&record, NOW + WEEK - SignedDuration::from_secs(1)), "waiting");
            assert_eq!(state(&record, NOW + WEEK), "parked");
            record.ask_again(NOW + WEEK);
            assert_eq!(state(&record, NOW + WEEK), "waiting");
        }
    }

    #[test]
    fn what_a_release_may_mend_is_held_for_one() {
        let retry = Disposition::Retry { after: None };
        let state = |class, attempts| after(class, retry, attempts).name();
        assert_eq!((state(Class::Ours, 2), state(Class::Ours, 3)), ("waiting", "held"));
        let old = next_state(&record(Class::Configuration, retry, 1), WEEK, NOW + WEEK);
        assert_eq!(old.name(), "held");
    }

    #[test]
    fn what_cannot_be_mended_by_time_is_parked_at_once() {
        assert_eq!(seconds(Disposition::Park, 1), None);
    }

    #[test]
    fn what_stands_behind_another_does_not_move_by_itself() {
        let state = after(Class::Transient, Disposition::Behind, 1);
        assert_eq!(state, FailureState::Behind { at: NOW });
    }
}
