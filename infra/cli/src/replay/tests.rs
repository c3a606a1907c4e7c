//! What replays do to the queues and to their own records.

use super::dismissed::Dismissed;
use super::drive::{Drive, Ended};
use super::way::Way;
use super::{dry, parcels, resumable};
use crate::clock;
use crate::customer::sample::{CONFIG, Pipeline, phone};
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use anstream::adapter::strip_str;
use domain::{Carried, EventId, Matched, Outbound, Step};
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use runtime::Parcel;
use runtime::memory::{START, message};
use state::memory::Store;
use state::{Claim, Ledger, Plan, Run, RunState, Runs, Settlement};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A queue that remembers what it was given.
#[derive(Default)]
struct Track {
    sent: RefCell<Vec<Parcel>>,
    depths: RefCell<Vec<usize>>,
    paused: Cell<Duration>,
    /// Who interrupts, after so many messages.
    after: Option<(usize, Arc<AtomicBool>)>,
    /// Who cancels, with the first message.
    cancels: Option<(Store, Run)>,
    /// Who cancels, while the queues are looked at.
    cancels_waiting: Option<(Store, Run)>,
}

impl Way for Track {
    async fn send(&self, parcels: Vec<Parcel>) -> Result<(), Trouble> {
        self.sent.borrow_mut().extend(parcels);
        if let Some((after, interrupted)) = &self.after
            && self.sent.borrow().len() >= *after
        {
            interrupted.store(true, Ordering::Relaxed);
        }
        if let Some((store, run)) = &self.cancels {
            let state = RunState::Cancelled { at: START };
            store.move_run(&Run { state, ..run.clone() }).await?;
        }
        Ok(())
    }

    async fn depth(&self) -> Result<usize, Trouble> {
        if let Some((store, run)) = &self.cancels_waiting {
            let state = RunState::Cancelled { at: START };
            store.move_run(&Run { state, ..run.clone() }).await?;
        }
        Ok(self.depths.borrow_mut().pop().unwrap_or(0))
    }

    async fn pause(&self, time: Duration) {
        self.paused.set(self.paused.get() + time);
    }
}

/// So many messages of seven customers.
async fn happened(events: i64) -> Pipeline {
    let pipeline = Pipeline::new();
    for number in 0..events {
        pipeline.message(number, &[phone(u8::try_from(number % 7).unwrap())]).await;
    }
    pipeline
}

fn plan(step: Step, effects: bool) -> Plan {
    let (since, until) = (Timestamp::MIN, Timestamp::MAX);
    Plan { since, until, source: None, profiles: None, step, effects, rate: "50/s".into() }
}

async fn begun(store: &Store, plan: Plan) -> Run {
    let run = Run::begin(plan, "anna", 1, START + SignedDuration::from_hours(1));
    store.begin_run(&run).await.unwrap();
    run
}

async fn driven(store: &Store, track: &Track, run: Run) -> (Run, Ended) {
    let hidden = ProgressBar::hidden();
    let mut drive = Drive::new(store, track, &hidden).unwrap();
    if let Some((_, interrupted)) = &track.after {
        drive.interrupted = Arc::clone(interrupted);
    }
    drive.through(run).await.unwrap()
}

fn events(track: &Track) -> Vec<EventId> {
    let sent = track.sent.borrow();
    let message = |parcel: &Parcel| serde_json::from_str::<Carried<Matched>>(&parcel.body).unwrap();
    sent.iter().map(|parcel| message(parcel).message.event.id).collect()
}

#[tokio::test]
async fn a_run_sends_each_event_once_at_its_pace_with_its_mark() {
    let pipeline = happened(130).await;
    let run = begun(&pipeline.store, plan(Step::TagUpdate, false)).await;
    let track = Track { depths: RefCell::new(vec![0, 900, 201]), ..Track::default() };
    let (run, ended) = driven(&pipeline.store, &track, run).await;
    assert_eq!(ended, Ended::Done(vec![]));
    let mut sent = events(&track);
    sent.sort();
    sent.dedup();
    assert_eq!((sent.len(), track.sent.borrow().len()), (130, 130));
    let pace = Duration::from_millis(130 * 1_000 / 50);
    assert_eq!(track.paused.get(), pace + Duration::from_secs(4), "and twice for the queues");
    let body = track.sent.borrow()[0].body.clone();
    let carried: Carried<Matched> = serde_json::from_str(&body).unwrap();
    assert_eq!(carried.replay, Some(run.mark()));
    let stored = pipeline.store.run(&run.id).await.unwrap().unwrap();
    assert!(matches!(stored.state, RunState::Done { .. }));
    assert_eq!((stored.progress.seen, stored.progress.sent), (130, 130));
}

#[tokio::test]
async fn an_interrupted_run_goes_on_and_repeats_at_most_a_page() {
    let pipeline = happened(250).await;
    let run = begun(&pipeline.store, plan(Step::TagUpdate, false)).await;
    let track = Track { after: Some((150, Arc::default())), ..Track::default() };
    let (run, ended) = driven(&pipeline.store, &track, run).await;
    assert_eq!(ended, Ended::Interrupted);
    let stored = pipeline.store.run(&run.id).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.progress.sent), (RunState::Open, 100));
    let stored = resumable(stored, clock::now()).unwrap();
    let rest = Track::default();
    let (_, ended) = driven(&pipeline.store, &rest, stored).await;
    assert_eq!(ended, Ended::Done(vec![]));
    let (before, after) = (events(&track), events(&rest));
    assert_eq!((before.len(), after.len()), (150, 150));
    let all: std::collections::BTreeSet<_> = before.into_iter().chain(after).collect();
    assert_eq!(all.len(), 250);
}

#[tokio::test]
async fn a_run_that_is_cancelled_elsewhere_ends_with_its_batch() {
    let pipeline = happened(250).await;
    let run = begun(&pipeline.store, plan(Step::TagUpdate, false)).await;
    let cancels = Some((pipeline.store.clone(), run.clone()));
    let track = Track { cancels, ..Track::default() };
    let (run, ended) = driven(&pipeline.store, &track, run).await;
    assert_eq!((ended, track.sent.borrow().len()), (Ended::Cancelled, 10));
    let stored = pipeline.store.run(&run.id).await.unwrap().unwrap();
    assert!(matches!(stored.state, RunState::Cancelled { .. }));
}

#[tokio::test]
async fn a_run_that_is_cancelled_while_it_waits_sends_nothing() {
    let pipeline = happened(14).await;
    let run = begun(&pipeline.store, plan(Step::TagUpdate, false)).await;
    let cancels_waiting = Some((pipeline.store.clone(), run.clone()));
    let depths = RefCell::new(vec![0, 900]);
    let track = Track { depths, cancels_waiting, ..Track::default() };
    let (_, ended) = driven(&pipeline.store, &track, run).await;
    assert_eq!((ended, track.sent.borrow().len()), (Ended::Cancelled, 0));
}

#[tokio::test]
async fn a_run_that_some_terminal_drives_is_not_resumed() {
    let pipeline = happened(14).await;
    let run = begun(&pipeline.store, plan(Step::TagUpdate, false)).await;
    let moved = Run { moved_at: START, ..run.clone() };
    let track = Track { depths: RefCell::new(vec![0, 900]), ..Track::default() };
    let after = Some((1, Arc::default()));
    let (mut driven, ended) = driven(&pipeline.store, &Track { after, ..track }, moved).await;
    assert_eq!(ended, Ended::Interrupted);
    assert!(driven.moved_at > run.begun_at, "it says that it is at it");
    assert!(resumable(driven.clone(), clock::now()).is_ok(), "its terminal said that it stops");
    driven.progress.halted = false;
    assert!(matches!(resumable(driven.clone(), clock::now()), Err(Trouble::Refused { .. })));
    let later = driven.moved_at + SignedDuration::from_mins(1);
    assert!(resumable(driven.clone(), later).is_ok(), "its terminal died without a word");
    let over = Run { state: RunState::Done { at: START }, ..driven };
    assert!(matches!(resumable(over, later), Err(Trouble::Refused { .. })));
}

#[tokio::test]
async fn only_what_is_meant_is_sent() {
    let pipeline = happened(14).await;
    let received = |number| message(number, &[]).received_at;
    let span = Plan { since: received(3), until: received(9), ..plan(Step::TagUpdate, false) };
    let track = Track::default();
    let run = begun(&pipeline.store, span).await;
    let (run, _) = driven(&pipeline.store, &track, run).await;
    assert_eq!((run.progress.seen, run.progress.sent), (14, 6));
    let other = Plan { source: Some("other".into()), ..plan(Step::TagUpdate, false) };
    let run = begun(&pipeline.store, other).await;
    assert_eq!(driven(&pipeline.store, &Track::default(), run).await.0.progress.sent, 0);
    let contents = pipeline.store.contents();
    let mut profiles: Vec<_> = contents.customers.into_keys().take(2).collect();
    profiles.sort();
    let two = Plan { profiles: Some(profiles), ..plan(Step::IdentityMatch, false) };
    let run = begun(&pipeline.store, two).await;
    let (run, ended) = driven(&pipeline.store, &Track::default(), run).await;
    assert_eq!((run.progress.sent, ended), (4, Ended::Done(vec![])));
}

#[tokio::test]
async fn undone_effects_are_sent_again_and_those_in_doubt_are_named() {
    let pipeline = happened(4).await;
    let entries: Vec<_> = pipeline.store.contents().timeline.into_values().collect();
    let entries: Vec<_> = entries.iter().collect();
    let records = pipeline.store.contents().events;
    let effect = |number| records[&message(number, &[]).id].effects[0].clone();
    let now = START + SignedDuration::from_hours(1);
    for (number, done) in [(0, Some(true)), (1, Some(false)), (2, None)] {
        let lease = SignedDuration::from_secs(90);
        let claim = pipeline.store.claim(&effect(number), START, lease).await.unwrap();
        let Claim::Granted(lease) = claim else { panic!("nobody else is at it") };
        match done {
            Some(true) => {
                let settlement = Settlement::Done { receipt: "r".into(), at: START };
                pipeline.store.settle(lease, settlement).await.unwrap();
            }
            Some(false) => pipeline.store.settle(lease, Settlement::Released).await.unwrap(),
            None => lease.abandon(),
        }
    }
    let mark = Run::begin(plan(Step::OutboundDelivery, true), "anna", 1, now).mark();
    let none = Dismissed::default();
    let packed =
        parcels::pack(&pipeline.store, &entries, Step::OutboundDelivery, &mark, &none, now)
            .await
            .unwrap();
    assert_eq!(packed.in_doubt, [effect(2).key]);
    let sent = packed.parcels.iter().map(|parcel| {
        let Outbound(effect) = serde_json::from_str(&parcel.body).unwrap();
        effect.key
    });
    let mut sent: Vec<_> = sent.collect();
    sent.sort();
    let mut expected = [effect(1).key, effect(3).key];
    expected.sort();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let mut pipeline = happened(15).await;
    let before = pipeline.store.contents();
    let run = |effects| Run::begin(plan(Step::TagUpdate, effects), "anna", 1, clock::now());
    let (hidden, none) = (ProgressBar::hidden(), Dismissed::default());
    let same = dry::foresee(&pipeline.store, &run(true), &none, &hidden).await.unwrap();
    assert_eq!((same.events, same.customers, same.changed), (15, 7, 0));
    pipeline.apply(
        &CONFIG
            .replace("counts.messages >= 3", "counts.messages >= 2")
            .replace("talkative", "chatty")
            .replace("value: event.text", "value: event.topic")
            .replace("name: answer", "name: greet"),
    );
    let config = Run { config_version: 2, ..run(true) };
    let foreseen = dry::foresee(&pipeline.store, &config, &none, &hidden).await.unwrap();
    assert_eq!(foreseen.tags_set["chatty"].customers, 7);
    assert_eq!(foreseen.effects["greet"]["sms"].effects, 15);
    let text = foreseen.text(&Page::unbounded("2026-09-21T15:00:00Z"));
    insta::assert_snapshot!(strip_str(&text).to_string());
    let silent = Run { config_version: 2, ..run(false) };
    let silent = dry::foresee(&pipeline.store, &silent, &none, &hidden).await.unwrap();
    assert!(silent.effects.is_empty() && silent.tags_set == foreseen.tags_set);
    let after = pipeline.store.contents();
    assert_eq!((before.customers, before.timeline), (after.customers, after.timeline));
    assert_eq!((before.events, before.runs), (after.events, after.runs));
}

mod dismissals;
