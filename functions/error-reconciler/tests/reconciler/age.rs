//! What waits too long is left to people, and what they leave is not kept for ever.

use crate::desk::{CONFIG, Desk, RETRY, effect, letter, record, retried};
use delivery::Circuit;
use domain::FailureState;
use jiff::SignedDuration;
use runtime::memory::START;
use runtime::{Clock as _, Outcome};

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[tokio::test]
async fn what_has_failed_for_a_week_is_parked_with_an_alarm() {
    let desk = Desk::new();
    for day in 0..=7 {
        desk.clock.set(START + DAY * day);
        let again = record(&letter(RETRY), (DAY * day).as_secs());
        assert_eq!(desk.settle(&again).await, Outcome::Delete);
        assert_eq!(desk.failure().record.state.name(), if day < 7 { "waiting" } else { "parked" });
    }
    assert_eq!(desk.pager.raised().len(), 1);
}

#[tokio::test]
async fn what_could_not_be_sent_for_a_week_is_parked_though_nobody_tried_it() {
    let desk = Desk::new();
    desk.put(&effect("crm", 0)).await;
    let circuit = Circuit::Open { until: START + DAY * 30, failed_probes: 9 };
    desk.circuit("crm", circuit).await;
    desk.tick_after(DAY * 6).await;
    assert_eq!(desk.failure().record.state.name(), "waiting");
    desk.tick_after(DAY).await;
    assert_eq!(desk.failure().record.state, FailureState::Parked { at: desk.clock.now() });
    assert_eq!(desk.pager.raised().len(), 1);
    assert!(desk.queues[3].parcels().is_empty());
}

#[tokio::test]
async fn a_person_who_asks_for_an_old_one_gets_it_tried() {
    let desk = Desk::new();
    desk.put(&effect("crm", 0)).await;
    desk.clock.set(START + DAY * 20);
    retried(&desk).await;
    desk.tick_after(SignedDuration::ZERO).await;
    assert_eq!(desk.queues[3].parcels().len(), 1);
}

#[tokio::test]
async fn what_nobody_settles_goes_at_the_end_of_its_time_and_not_before() {
    let desk = Desk::new();
    desk.rules.apply(&format!("{CONFIG}failures: {{ keep_for: 30d }}\n"));
    let hour = SignedDuration::from_hours(1);
    let whole = hour - SignedDuration::from_secs(START.as_second() % 3600);
    for (number, state) in [
        FailureState::Parked { at: START },
        FailureState::Held { at: START },
        FailureState::Dismissed { at: START },
        FailureState::Redriven { at: START },
        FailureState::Waiting { retry_at: START + DAY * 90 },
    ]
    .into_iter()
    .enumerate()
    {
        let mut failure = effect("crm", i64::try_from(number).unwrap());
        failure.record.state = state;
        failure.record.release = domain::Release { build: Some("1".into()), config: 2 };
        desk.put(&failure).await;
    }
    desk.tick_after(DAY * 30 + whole - hour).await;
    assert_eq!(desk.store.contents().failures.len(), 5, "an hour too early");
    desk.tick_after(hour).await;
    let left = desk.store.contents().failures;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left.values().all(|failure| failure.record.state.name() == "waiting"));
}
