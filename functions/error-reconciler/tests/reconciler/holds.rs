//! What only something from outside can mend is looked at again, ever more seldom.

use crate::desk::{CONFIG, Desk, RETRY, letter, record, retried};
use domain::{DeadLetter, Disposition, FailureState, Reason};
use jiff::SignedDuration;
use runtime::memory::START;
use runtime::{Clock as _, Outcome};
use std::collections::BTreeSet;
use std::sync::LazyLock;

const TELLING: Disposition = Disposition::Hold { tell: true };
const QUIET: Disposition = Disposition::Hold { tell: false };

const HOUR: i64 = 3600;

/// Longer than any wait.
const DAY: i64 = 24 * HOUR;

/// What waits for the outside is tried again for most of a year.
static PATIENT: LazyLock<String> =
    LazyLock::new(|| format!("{CONFIG}failures: {{ park_after: 300d }}\n"));

/// Lets the message fail again on each of these days.
async fn failing(desk: &Desk, disposition: Disposition, days: std::ops::Range<i64>) {
    for day in days {
        desk.clock.set(START + SignedDuration::from_secs(day * DAY));
        let again = record(&letter(disposition), day * DAY);
        assert_eq!(desk.settle(&again).await, Outcome::Delete);
    }
}

#[tokio::test]
async fn what_people_have_to_know_of_raises_one_alarm() {
    let desk = Desk::new();
    failing(&desk, TELLING, 0..5).await;
    let [raised] = &desk.pager.raised()[..] else { panic!("one alarm") };
    assert_eq!(raised.failure, desk.failure().record.id);
    assert_eq!(desk.failure().record.attempts.len(), 5);
}

#[tokio::test]
async fn what_is_no_news_raises_none() {
    let desk = Desk::new();
    failing(&desk, QUIET, 0..5).await;
    assert!(desk.pager.raised().is_empty());
    assert_eq!(desk.failure().record.disposition, QUIET);
}

#[tokio::test]
async fn a_held_letter_of_which_nobody_was_told_stays() {
    let desk = Desk::new();
    desk.pager.close(true);
    let held = record(&letter(TELLING), 0);
    assert_eq!(desk.settle(&held).await, Outcome::Keep);
    desk.pager.close(false);
    assert_eq!(desk.settle(&held).await, Outcome::Delete);
    assert_eq!((desk.pager.raised().len(), desk.failure().record.attempts.len()), (1, 1));
}

#[tokio::test]
async fn having_waited_for_the_outside_is_nothing_against_a_message() {
    let desk = Desk::new();
    failing(&desk, QUIET, 0..6).await;
    failing(&desk, RETRY, 6..7).await;
    let wait = desk.retry_at().unwrap().duration_since(desk.clock.now()).as_secs();
    assert!((15..=30).contains(&wait), "its own first try: {wait}");
}

#[tokio::test]
async fn each_further_look_waits_longer_up_to_six_hours() {
    let desk = Desk::new();
    desk.rules.apply(&PATIENT);
    let mut waits = Vec::new();
    for day in 0..60 {
        failing(&desk, QUIET, day..day + 1).await;
        waits.push(desk.retry_at().unwrap().duration_since(desk.clock.now()).as_secs());
    }
    for (wait, nominal) in waits.iter().zip([300, 600, 1200, 2400, 4800, 9600, 19_200]) {
        assert!((nominal / 2..=nominal).contains(wait), "{nominal}: {wait}");
    }
    let longest = waits.split_off(7);
    assert!(longest.iter().all(|wait| (3 * HOUR..=6 * HOUR).contains(wait)));
    assert!(
        longest.iter().any(|wait| *wait > 5 * HOUR) && longest.iter().any(|wait| *wait < 4 * HOUR)
    );
}

#[tokio::test]
async fn it_keeps_its_first_and_last_attempts() {
    let desk = Desk::new();
    desk.rules.apply(&PATIENT);
    failing(&desk, TELLING, 0..150).await;
    let record = desk.failure().record;
    assert!(matches!(record.state, FailureState::Waiting { .. }));
    let days = record.attempts.iter().map(|attempt| (attempt.at - START).get_seconds() / DAY);
    assert_eq!(days.collect::<Vec<_>>(), (0..10).chain(60..150).collect::<Vec<_>>());
    assert_eq!(desk.pager.raised().len(), 1);
}

#[tokio::test]
async fn it_goes_back_to_its_queue_each_time_under_an_id_of_its_own() {
    let desk = Desk::new();
    desk.rules.apply(&PATIENT);
    for day in 0..120 {
        failing(&desk, QUIET, day..day + 1).await;
        desk.tick_after(SignedDuration::from_hours(6)).await;
        assert!(matches!(desk.failure().record.state, FailureState::Redriven { .. }), "{day}");
    }
    let parcels = desk.queues[1].parcels();
    let ids: BTreeSet<_> = parcels.iter().map(|parcel| &parcel.deduplication).collect();
    assert_eq!((parcels.len(), ids.len()), (120, 120));
}

#[tokio::test]
async fn a_person_who_has_answered_need_not_wait_for_its_turn() {
    let desk = Desk::new();
    failing(&desk, TELLING, 0..1).await;
    retried(&desk).await;
    desk.tick_after(SignedDuration::ZERO).await;
    assert_eq!(desk.queues[1].parcels().len(), 1);
}

#[tokio::test]
async fn once_it_fails_for_good_it_is_parked_with_an_alarm_of_its_own() {
    let desk = Desk::new();
    failing(&desk, TELLING, 0..3).await;
    let reason = Reason { code: "crm_record_taken".into(), detail: "both have one".into() };
    let parked = DeadLetter { reason, ..letter(Disposition::Park) };
    assert_eq!(desk.settle(&record(&parked, 3 * DAY)).await, Outcome::Delete);
    assert!(matches!(desk.failure().record.state, FailureState::Parked { .. }));
    let codes: Vec<_> = desk.pager.raised().into_iter().map(|raised| raised.code).collect();
    assert_eq!(codes, ["store_unavailable", "crm_record_taken"]);
}

#[tokio::test]
async fn what_failed_otherwise_before_raises_its_alarm_once_it_waits_for_people() {
    let desk = Desk::new();
    failing(&desk, RETRY, 0..2).await;
    let reason = Reason { code: "crm_unknown_record".into(), detail: "add it there".into() };
    let held = DeadLetter { reason, ..letter(TELLING) };
    for day in 2..5 {
        assert_eq!(desk.settle(&record(&held, day * DAY)).await, Outcome::Delete);
    }
    let codes: Vec<_> = desk.pager.raised().into_iter().map(|raised| raised.code).collect();
    assert_eq!(codes, ["crm_unknown_record"]);
}
