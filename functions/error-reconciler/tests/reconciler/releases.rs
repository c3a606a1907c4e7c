//! What a release may mend is tried once more under the next one.

use crate::desk::{CONFIG, Desk, LONG, RETRY, letter, record};
use domain::{Class, DeadLetter, Disposition, FailureState, Release};
use error_reconciler::Deployed;
use jiff::SignedDuration;
use runtime::Outcome;

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
