//! Events that were applied before, applied by other rules.

use crate::bench::{Bench, email, id, matched, phone};
use domain::{Carried, Disposition, ErasureId, InboundEvent, Matched, Replay, ReplayId, Tagged};
use jiff::{SignedDuration, Timestamp};
use runtime::memory::{START, message};
use runtime::{Settled, StepFailure};
use state::{Committed, Erased, Erasure, ErasureState, Erasures, Removal};

const STRICTER: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
classify: { issues: [{ name: quality, any: [broken] }] }
counters: [{ name: contacts, when: event.interaction, window: 30d }]
tags: [{ name: contacted, when: customer.counts.contacts >= 1 }]
"#;

/// A run that begins two minutes after the events came.
fn run(effects: bool) -> Replay {
    let begun_at = START + SignedDuration::from_mins(2);
    let id = ReplayId::new(if effects { "loud" } else { "silent" }, begun_at);
    Replay { id, effects, config_version: 2, begun_at }
}

/// One customer with two complaints, and stricter rules since.
async fn bench() -> Bench {
    let bench = Bench::with(&[&[phone()], &[email()]]).await;
    bench.complain(1, &phone()).await;
    bench.complain(2, &phone()).await;
    stricter(&bench);
    bench
}

fn stricter(bench: &Bench) {
    bench.rules.apply(STRICTER);
    bench.clock.set(START + SignedDuration::from_mins(2));
}

fn complaint(number: i64) -> InboundEvent {
    message(number, &[phone()])
}

async fn replay(bench: &Bench, message: Matched, replay: &Replay) -> Result<Settled, StepFailure> {
    bench.handle_carried(Carried { message, replay: Some(replay.clone()) }).await
}

/// The tags that the last message told.
fn told(bench: &Bench) -> Vec<(String, bool)> {
    let last = bench.queue.messages::<Carried<Tagged>>().pop().unwrap();
    assert!(last.replay.is_some());
    last.message.tags.into_iter().map(|change| (change.tag, change.added)).collect()
}

fn change(tag: &str, added: bool) -> (String, bool) {
    (tag.to_owned(), added)
}

#[tokio::test]
async fn a_silent_replay_makes_the_profile_anew_and_sends_nothing() {
    let bench = bench().await;
    let before = bench.contents();
    let sent = bench.sent().len();
    let replayed = replay(&bench, matched(&phone(), complaint(2)), &run(false)).await;
    assert_eq!(replayed, Ok(Settled::Fresh));
    let profile = bench.stored(&phone()).profile;
    assert_eq!(profile.tags.keys().collect::<Vec<_>>(), ["contacted"]);
    assert_eq!(profile.counters.keys().collect::<Vec<_>>(), ["contacts"], "of the whole history");
    assert_eq!(profile.counters["contacts"].occurrences().count(), 2);
    assert_eq!(bench.sent().len(), sent);
    let after = bench.contents();
    assert_eq!(after.events, before.events);
    for (key, entry) in after.timeline {
        assert_eq!(entry.tagged, before.timeline[&key].tagged, "its own decisions stay");
        assert_eq!(entry.replayed.is_some(), entry.tagged.event.id == complaint(2).id);
    }
}

#[tokio::test]
async fn what_a_silent_replay_changed_is_told_by_the_next_one_with_effects() {
    let bench = bench().await;
    replay(&bench, matched(&phone(), complaint(1)), &run(false)).await.unwrap();
    replay(&bench, matched(&phone(), complaint(1)), &run(true)).await.unwrap();
    assert_eq!(told(&bench), [change("contacted", true), change("high_care", false)]);
    let parcels = bench.queue.parcels();
    let last = &parcels[parcels.len() - 1].deduplication;
    assert_eq!(*last, format!("{}-{}", complaint(1).id, run(true).id));
    replay(&bench, matched(&phone(), complaint(2)), &run(true)).await.unwrap();
    assert_eq!(told(&bench), [], "told once in a run");
    let again = replay(&bench, matched(&phone(), complaint(1)), &run(true)).await;
    assert_eq!(again, Ok(Settled::Repeated));
    assert_eq!(told(&bench), [change("contacted", true), change("high_care", false)], "as then");
}

#[tokio::test]
async fn every_profile_of_a_customer_is_made_anew_with_the_first_event() {
    let bench = Bench::with(&[&[phone()], &[email()]]).await;
    bench.commit(bench.joining(&phone(), &email()).await).await;
    bench.complain(1, &phone()).await;
    bench.complain(2, &email()).await;
    assert!(bench.stored(&phone()).joint_tags.unwrap().contains_key("high_care"));
    stricter(&bench);
    replay(&bench, matched(&phone(), complaint(1)), &run(true)).await.unwrap();
    assert_eq!(told(&bench), [change("contacted", true), change("high_care", false)]);
    for profile in [phone(), email()] {
        let tags = bench.stored(&profile).profile.tags;
        assert_eq!(tags.keys().collect::<Vec<_>>(), ["contacted"]);
    }
    let joint = bench.stored(&phone()).joint_tags.unwrap();
    assert_eq!(joint.keys().collect::<Vec<_>>(), ["contacted"]);
}

#[tokio::test]
async fn what_was_erased_meanwhile_leaves_no_trace() {
    let bench = bench().await;
    let event = complaint(2);
    let record = bench.contents().events[&event.id].clone();
    let customer = record.customer.clone();
    let removals = [
        Removal::Event { tombstone: Box::new(record.tombstone(START)), read: Some(record.stage) },
        Removal::Entry { customer: customer.clone(), entry: record.entry.clone() },
    ];
    let receipt = Erasure {
        id: ErasureId::new(&customer, 0),
        at: START,
        by: "pat".into(),
        customers: vec![customer],
        erased: Erased::default(),
        steps: 0,
        state: ErasureState::Begun,
    };
    let erased = bench.store.erase(&receipt, &removals).await.unwrap();
    assert_eq!(erased, Committed::Written);
    let contents = bench.contents();
    let settled = replay(&bench, matched(&phone(), event), &run(true)).await;
    assert_eq!(settled, Ok(Settled::Repeated));
    assert_eq!(bench.contents(), contents);
}

#[tokio::test]
async fn an_event_goes_to_the_profile_that_has_it_now() {
    let bench = bench().await;
    let message = matched(&email(), complaint(1));
    replay(&bench, message, &run(false)).await.unwrap();
    assert!(bench.stored(&phone()).remade.is_some());
    assert!(bench.stored(&email()).remade.is_none());
    assert!(bench.contents().timeline.keys().all(|(profile, _)| *profile == id(&phone())));
}

#[tokio::test]
async fn a_function_that_is_behind_the_replays_rules_waits_for_them() {
    let bench = bench().await;
    let early = Replay { config_version: 3, ..run(false) };
    let failure = replay(&bench, matched(&phone(), complaint(1)), &early).await.unwrap_err();
    assert_eq!(failure.reason.code, "rules_outdated");
    assert!(matches!(failure.disposition, Disposition::Retry { after: Some(_) }));
    // A minute later they are not to come any more: others are in force.
    let begun_at = Timestamp::from_second(START.as_second()).unwrap();
    let late = Replay { begun_at, ..early };
    assert_eq!(replay(&bench, matched(&phone(), complaint(1)), &late).await, Ok(Settled::Fresh));
}

#[tokio::test]
async fn an_event_that_the_ledger_forgot_is_found_in_its_profiles_history() {
    let bench = bench().await;
    bench.forgetful.set(true);
    let message = matched(&phone(), complaint(1));
    assert_eq!(replay(&bench, message, &run(false)).await, Ok(Settled::Fresh));
    assert!(bench.stored(&phone()).remade.is_some());
}

#[tokio::test]
async fn an_event_of_which_nothing_is_found_is_not_applied() {
    let bench = bench().await;
    bench.forgetful.set(true);
    let (contents, sent) = (bench.contents(), bench.sent().len());
    let clamped =
        InboundEvent { occurred_at: START - SignedDuration::from_hours(1), ..complaint(1) };
    for message in [
        matched(&email(), complaint(1)),
        matched(&phone(), clamped),
        matched(&phone(), complaint(3)),
    ] {
        let settled = replay(&bench, message, &run(true)).await;
        assert_eq!(settled, Ok(Settled::Repeated));
        assert_eq!((bench.contents(), bench.sent().len()), (contents.clone(), sent));
    }
}
