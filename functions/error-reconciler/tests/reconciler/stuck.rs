//! Lines that do not move although they could, since whoever had to call the next one did not.

use crate::lines::{Fate, Group};
use domain::{FailureId, FailureState, LineId, Step};
use jiff::SignedDuration;
use runtime::Clock as _;
use state::{Failures as _, Lines as _};

/// For so long nobody looks at one that stands behind another.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// A message that failed as told, and one behind it.
async fn two(fate: Fate) -> Group {
    let mut group = Group::new("wait", vec![fate]);
    for body in ["0", "1"] {
        group.send(body.into());
    }
    while !group.queue.is_empty() {
        group.work().await;
    }
    group
}

fn first() -> FailureId {
    FailureId::new(Step::TagUpdate.as_str(), "0")
}

fn queued(group: &Group) -> Vec<&str> {
    group.queue.iter().map(|record| record.body.as_str()).collect()
}

#[tokio::test]
async fn a_worker_that_died_before_it_called_the_next_is_made_up_for() {
    let mut group = two(Fate::Transient).await;
    group.tick(SignedDuration::from_mins(1)).await;
    assert_eq!(queued(&group), ["0"]);
    group.queue.clear();
    let (store, id) = (&group.desk.store, LineId::new(Step::TagUpdate, "the-group"));
    let line = store.line(&id).await.unwrap();
    let left = line.left(&first(), group.desk.clock.now());
    assert!(store.replace_line(&id, &line, &left).await.unwrap());
    group.tick(PAUSE).await;
    assert_eq!(queued(&group), ["1"]);
}

#[tokio::test]
async fn one_that_went_back_and_was_not_seen_again_goes_back_once_more() {
    let mut group = two(Fate::Transient).await;
    group.tick(SignedDuration::from_mins(1)).await;
    group.queue.clear();
    group.tick(PAUSE).await;
    assert_eq!(queued(&group), [""; 0], "it may still be on its way");
    group.tick(SignedDuration::from_hours(1)).await;
    assert_eq!(queued(&group), ["0"]);
}

#[tokio::test]
async fn one_that_was_dismissed_as_its_dismisser_died_holds_up_nobody() {
    let mut group = two(Fate::Parked).await;
    let mut failure = group.desk.store.failure(&first()).await.unwrap().unwrap();
    failure.record.state = FailureState::Dismissed { at: group.desk.clock.now() };
    group.desk.put(&failure).await;
    group.tick(PAUSE).await;
    assert_eq!(queued(&group), ["1"]);
}

#[tokio::test]
async fn one_that_is_in_no_queue_any_more_and_has_no_record_holds_up_nobody() {
    let mut group = two(Fate::Parked).await;
    let failure = group.desk.store.failure(&first()).await.unwrap().unwrap();
    let removed = group.desk.store.remove_failure(failure.record.state, &first()).await;
    assert!(removed.unwrap());
    group.tick(SignedDuration::from_hours(24 * 14)).await;
    assert_eq!(queued(&group), [""; 0], "its queue may still keep it");
    group.tick(SignedDuration::from_hours(24 * 2)).await;
    assert_eq!(queued(&group), ["1"]);
}
