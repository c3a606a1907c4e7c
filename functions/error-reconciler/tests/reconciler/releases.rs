//! What a release may mend is tried once more under the next one.

use crate::desk::{CONFIG, Desk, LONG, RETRY, effect, letter, record};
use domain::{Class, DeadLetter, Disposition, FailureState, Release};
use error_reconciler::Deployed;
use jiff::SignedDuration;
use runtime::memory::START;
use runtime::{Clock as _, Outcome};

fn bug() -> DeadLetter {
    DeadLetter { class: Class::Ours, ..letter(Disposition::Park) }
}

#[tokio::test]
async fn a_bug_is_held_until_another_build_runs() {
    let mut desk = Desk::new();
    assert_eq!(desk.settle(&record(&bug(), 0)).await, Outcome::Delete);
    let failure = desk.failure().record;
    assert!(matches!(failure.state, FailureState::Held { .. }));
    assert_eq!(failure.release, Release { build: Some("1".into()), config: 1 });
    assert_eq!(desk.pager.raised().len(), 1, "people hear of it");
    for _ in 0..3 {
        desk.tick_after(SignedDuration::from_hours(7)).await;
    }
    assert!(desk.queues[1].parcels().is_empty(), "the same build would fail again");

    desk.reconciler.deployed = Deployed::new("2".into());
    desk.tick_after(LONG).await;
    assert_eq!(desk.queues[1].parcels().len(), 1);
    assert_eq!(desk.settle(&record(&bug(), 90_000)).await, Outcome::Delete);
    assert_eq!(desk.failure().record.release.build.as_deref(), Some("2"));
    for _ in 0..3 {
        desk.tick_after(SignedDuration::from_hours(7)).await;
    }
    assert_eq!(desk.queues[1].parcels().len(), 1, "once for each build");
}

#[tokio::test]
async fn what_met_the_rules_before_is_tried_under_those_in_force() {
    let desk = Desk::new();
    desk.rules.apply(CONFIG);
    for (config, sent, state) in [(1, 0, "waiting"), (2, 90, "held")] {
        let bug = DeadLetter { config: Some(config), ..bug() };
        assert_eq!(desk.settle(&record(&bug, sent)).await, Outcome::Delete);
        let failure = desk.failure().record;
        assert_eq!((failure.state.name(), failure.release.config), (state, config));
        desk.tick_after(LONG).await;
        assert_eq!(desk.queues[1].parcels().len(), 1, "once, when its step has picked them up");
    }
}

#[tokio::test]
async fn those_that_the_release_does_not_mend_hide_no_other() {
    let mut desk = Desk::new();
    for number in 0..=250 {
        let mut failure = effect("crm", number);
        failure.record.state = FailureState::Held { at: START + SignedDuration::from_secs(number) };
        let build = (number == 250).then(|| "0".to_owned());
        failure.record.release = Release { build, config: 1 };
        desk.put(&failure).await;
    }
    desk.reconciler.deployed = Deployed::new("1".into());
    desk.tick_after(LONG).await;
    let sent: Vec<_> = desk.queues[3].parcels().into_iter().map(|parcel| parcel.body).collect();
    assert_eq!(sent, ["crm 250"]);
}

#[tokio::test]
async fn what_is_held_later_for_a_release_that_is_over_is_found() {
    let desk = Desk::new();
    desk.rules.apply(CONFIG);
    desk.tick_after(LONG).await;
    let mut failure = effect("crm", 0);
    failure.record.state = FailureState::Held { at: desk.clock.now() };
    failure.record.release = Release { build: None, config: 1 };
    desk.put(&failure).await;
    desk.tick_after(SignedDuration::from_mins(10)).await;
    assert_eq!(desk.queues[3].parcels().len(), 1);
}

#[tokio::test]
async fn while_no_rules_are_to_be_had_nothing_is_released() {
    let desk = Desk::new();
    assert_eq!(desk.settle(&record(&bug(), 0)).await, Outcome::Delete);
    desk.rules.apply("company: 7\n");
    let mut unable = Desk::over(|_| desk.store.clone());
    unable.reconciler.rules = desk.rules.book();
    unable.tick_after(LONG).await;
    assert!(unable.queues[1].parcels().is_empty());
}

#[tokio::test]
async fn what_the_configuration_lacks_is_held_until_there_is_another() {
    let desk = Desk::new();
    let lacking = DeadLetter { class: Class::Configuration, ..letter(Disposition::Park) };
    assert_eq!(desk.settle(&record(&lacking, 0)).await, Outcome::Delete);
    desk.tick_after(LONG).await;
    assert!(desk.queues[1].parcels().is_empty());
    desk.rules.apply(CONFIG);
    desk.tick_after(LONG).await;
    assert_eq!(desk.queues[1].parcels().len(), 1);
}

#[tokio::test]
async fn a_function_that_died_gets_few_tries() {
    let desk = Desk::new();
    let died = DeadLetter { class: Class::Ours, ..letter(RETRY) };
    for (sent, state) in [(0, "waiting"), (300, "waiting"), (600, "held")] {
        assert_eq!(desk.settle(&record(&died, sent)).await, Outcome::Delete);
        assert_eq!(desk.failure().record.state.name(), state);
        desk.tick_after(LONG).await;
    }
    assert_eq!(desk.queues[1].parcels().len(), 2, "two more tries");
}
