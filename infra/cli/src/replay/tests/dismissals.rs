//! What replays leave alone because a person dismissed it.

use super::*;
use crate::failures::sample::failure;
use domain::{Effect, FailureId, FailureState};
use state::Failures;

const DECIDING: [Step; 3] = [Step::IdentityMatch, Step::TagUpdate, Step::TriggerDispatcher];

/// What became of the message of this number, or of its effect.
async fn failed(pipeline: &Pipeline, step: Step, number: i64, state: FailureState) {
    let mut failure = failure();
    let effect = (step == Step::OutboundDelivery).then(|| effect(pipeline, number).key);
    failure.record.id = FailureId::new(step.as_str(), &number.to_string());
    failure.record.step = step;
    failure.record.about.event = Some(message(number, &[]).id);
    failure.record.about.effect = effect;
    failure.record.state = state;
    pipeline.store.put_failure(&failure).await.unwrap();
}

async fn dismissed(pipeline: &Pipeline, step: Step, number: i64) {
    failed(pipeline, step, number, FailureState::Dismissed { at: START }).await;
}

fn effect(pipeline: &Pipeline, number: i64) -> Effect {
    pipeline.store.contents().events[&message(number, &[]).id].effects[0].clone()
}

async fn replayed(pipeline: &Pipeline, step: Step, effects: bool) -> (Run, Vec<Parcel>) {
    let run = begun(&pipeline.store, plan(step, effects)).await;
    let track = Track::default();
    let (run, ended) = driven(&pipeline.store, &track, run).await;
    assert_eq!(ended, Ended::Done(vec![]));
    (run, track.sent.into_inner())
}

#[tokio::test]
async fn effects_that_a_person_dismissed_are_left_alone_and_counted() {
    let pipeline = happened(5).await;
    dismissed(&pipeline, Step::OutboundDelivery, 0).await;
    dismissed(&pipeline, Step::TriggerDispatcher, 1).await;
    failed(&pipeline, Step::OutboundDelivery, 2, FailureState::Parked { at: START }).await;
    let (run, parcels) = replayed(&pipeline, Step::OutboundDelivery, true).await;
    let sent = parcels.iter().map(|parcel| {
        let Outbound(effect) = serde_json::from_str(&parcel.body).unwrap();
        effect.key
    });
    let mut sent: Vec<_> = sent.collect();
    sent.sort();
    let mut rest = [2, 3, 4].map(|number| effect(&pipeline, number).key);
    rest.sort();
    assert_eq!(sent, rest);
    assert_eq!((run.progress.sent, run.progress.dismissed), (3, 2));
    let page = Page::unbounded("2026-09-21T15:00:00Z");
    let text = super::super::show::Shown::new(run, None).text(&page);
    assert!(text.contains("2 by a person, left alone"), "{text}");
}

#[tokio::test]
async fn what_is_done_is_not_counted_as_dismissed() {
    let pipeline = happened(1).await;
    dismissed(&pipeline, Step::OutboundDelivery, 0).await;
    let lease = SignedDuration::from_secs(90);
    let claim = pipeline.store.claim(&effect(&pipeline, 0), START, lease).await.unwrap();
    let Claim::Granted(lease) = claim else { panic!("nobody else is at it") };
    let settlement = Settlement::Done { receipt: "r".into(), at: START };
    pipeline.store.settle(lease, settlement).await.unwrap();
    let (run, parcels) = replayed(&pipeline, Step::OutboundDelivery, true).await;
    assert_eq!((parcels.len(), run.progress.dismissed), (0, 0));
}

#[tokio::test]
async fn nothing_is_decided_about_an_event_that_a_person_dismissed() {
    for step in [Step::TagUpdate, Step::TriggerDispatcher] {
        let pipeline = happened(4).await;
        dismissed(&pipeline, step, 3).await;
        dismissed(&pipeline, Step::OutboundDelivery, 2).await;
        for step in DECIDING {
            let (run, parcels) = replayed(&pipeline, step, true).await;
            let its = message(3, &[]).id;
            assert!(parcels.iter().all(|parcel| !parcel.body.contains(its.as_str())), "{step}");
            assert_eq!((parcels.len(), run.progress.dismissed), (3, 1), "{step}");
        }
        let (run, parcels) = replayed(&pipeline, Step::TagUpdate, false).await;
        assert_eq!((parcels.len(), run.progress.dismissed), (4, 0), "nothing goes out anyway");
    }
}

#[tokio::test]
async fn a_dry_run_foresees_that_dismissed_events_are_left_alone() {
    let mut pipeline = happened(8).await;
    dismissed(&pipeline, Step::TriggerDispatcher, 7).await;
    pipeline.apply(&CONFIG.replace("name: answer", "name: greet"));
    for (effects, left) in [(true, 1), (false, 0)] {
        let run = Run::begin(plan(Step::TagUpdate, effects), "anna", 2, clock::now());
        let dismissed = Dismissed::read(&pipeline.store, &run.plan).await.unwrap();
        let hidden = ProgressBar::hidden();
        let foreseen = dry::foresee(&pipeline.store, &run, &dismissed, &hidden).await.unwrap();
        assert_eq!((foreseen.events, foreseen.dismissed), (8 - left, left));
        let text = foreseen.text(&Page::unbounded("2026-09-21T15:00:00Z"));
        assert_eq!(text.contains("1 events are left alone"), effects, "{text}");
        let sent: usize = foreseen.effects.values().flatten().map(|(_, sent)| sent.effects).sum();
        assert_eq!(sent, if effects { 7 } else { 0 });
    }
}
