//! What is not put in, and why.

use crate::world::{CONFIG, Happened, World, id};
use domain::{
    About, Attempt, Class, Disposition, Failure, FailureId, FailureRecord, FailureState,
    InboundEvent, Payload, REPAIRED_FROM, Reason, Release, Step,
};
use jiff::SignedDuration;
use runtime::memory::{Closed, START};
use serde_json::json;
use state::{Failures, Left, Sweeps};

/// A world in which this much happened at the start, and was never delivered.
async fn silent(count: i64) -> World {
    let world = World::new(10);
    world.tick().await;
    for number in 0..count {
        let at = START + SignedDuration::from_secs(number + 1);
        world.shop.list.borrow_mut().push(Happened::new(number, at));
    }
    world
}

#[tokio::test]
async fn what_did_not_arrive_is_put_in_once_and_says_how_it_came() {
    let world = silent(2).await;
    world.state.ledger.borrow_mut().insert(id(0));
    world.hour().await;
    world.hour().await;
    let sent = world.inbound.messages::<InboundEvent>();
    let [event] = &sent[..] else { panic!("{} events", sent.len()) };
    assert_eq!((&event.id, &event.source[..]), (&id(1), "shop"));
    assert_eq!(event.fields[REPAIRED_FROM], "history");
    let first = world.first_report().tally;
    assert_eq!((first.expected, first.found, first.repaired), (2, 1, 1));
    assert_eq!(first.examples, [id(1)]);
}

#[tokio::test]
async fn what_may_still_be_on_its_way_is_left_alone() {
    let world = silent(1).await;
    for _ in 0..29 {
        world.after(1);
        world.tick().await;
    }
    assert!(world.inbound.parcels().is_empty());
    world.after(1);
    world.tick().await;
    assert_eq!(world.inbound.parcels().len(), 1);
}

fn failure(state: FailureState) -> Failure {
    let reason = Reason { code: "crm_unknown_record".into(), detail: "no record".into() };
    let class = Class::Data;
    let record = FailureRecord {
        id: FailureId::new("identity-match", "body"),
        step: Step::IdentityMatch,
        about: About { source: Some("shop".into()), event: Some(id(0)), ..About::default() },
        disposition: Disposition::Park,
        attempts: vec![Attempt { at: START, class, reason, receives: 5, held: false }],
        state,
        asked_at: None,
        because: None,
        release: Release::default(),
    };
    Failure { record, payload: Payload::Message { body: "body".into(), group: "group".into() } }
}

#[tokio::test]
async fn what_arrived_and_failed_is_left_to_its_failure() {
    for state in [
        FailureState::Waiting { retry_at: START },
        FailureState::Held { at: START },
        FailureState::Behind { at: START },
        FailureState::Parked { at: START },
        FailureState::Dismissed { at: START },
    ] {
        let world = silent(1).await;
        world.state.store.put_failure(&failure(state)).await.unwrap();
        world.hour().await;
        assert!(world.inbound.parcels().is_empty(), "{state:?}");
        assert_eq!(world.first_report().tally.left, [(Left::Failed, 1)].into(), "{state:?}");
    }
}

#[tokio::test]
async fn what_went_back_to_its_queue_is_put_in_since_nobody_can_tell_that_it_is_there() {
    let world = silent(1).await;
    let redriven = failure(FailureState::Redriven { at: START });
    world.state.store.put_failure(&redriven).await.unwrap();
    world.hour().await;
    let tally = world.first_report().tally;
    assert_eq!((tally.repaired, tally.left()), (1, 0));
}

#[tokio::test]
async fn what_cannot_be_read_or_sent_harms_only_itself() {
    let world = silent(4).await;
    world.shop.list.borrow_mut()[1].item = json!({ "type": "order.paid" });
    world.shop.list.borrow_mut()[2].item["words"] = "x".repeat(300_000).into();
    world.hour().await;
    let tally = world.first_report().tally;
    assert_eq!((tally.expected, tally.repaired), (4, 2));
    assert_eq!(tally.left, [(Left::Unreadable, 1), (Left::Refused, 1)].into());
}

#[tokio::test]
async fn a_queue_that_does_not_answer_stops_the_sweep_and_it_goes_on() {
    let world = silent(1).await;
    world.inbound.close(Some(Closed::Unavailable));
    world.hour().await;
    assert!(world.found().next().is_none(), "nothing was put in, so nothing is compared");
    world.inbound.close(None);
    world.hour().await;
    assert_eq!(world.first_report().tally.repaired, 1);
}

#[tokio::test]
async fn a_dry_run_counts_and_changes_nothing() {
    let world = silent(3).await;
    world.after(20);
    let before = world.state.cursor("shop").await.unwrap().unwrap().compared_until;
    let report = world.ask(Some(START), true).await;
    assert_eq!(report.tally.left, [(Left::DryRun, 3)].into());
    assert_eq!((report.tally.missing(), report.tally.repaired), (3, 0));
    assert!(world.inbound.parcels().is_empty());
    let after = world.state.cursor("shop").await.unwrap().unwrap().compared_until;
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_source_that_does_not_answer_holds_up_no_other() {
    let world = silent(1).await;
    let (head, tail) = CONFIG.split_once("reconcile:\n").unwrap();
    let shop = head.split_once("  shop:\n").unwrap().1;
    let twice =
        format!("{head}  shop-b:\n{shop}reconcile:\n{tail}{}", tail.replace("shop:", "shop-b:"));
    world.rules.apply(&twice);
    world.after(1);
    world.tick().await;
    world.after(40);
    // The first source's request fails, the second's does not.
    world.shop.down.set(true);
    world.tick().await;
    let of = |name: &str| world.state.store.contents().cursors[name].last.clone();
    assert!(of("shop").is_none() && of("shop-b").is_some());
}
