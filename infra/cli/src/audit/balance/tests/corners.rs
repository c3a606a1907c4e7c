//! Explanations that reach beyond their own hop.

use super::*;
use crate::audit::evidence::Origin;
use crate::failures;
use domain::{About, FailureState};
use state::{Plan, Run};

fn failure(step: Step, parked: bool, event: Option<EventId>) -> OpenFailure {
    OpenFailure { step, parked, event, effect: None, origin: None }
}

#[test]
fn what_is_not_yet_in_the_ledger_counts_as_accepted() {
    let mut evidence = evidence(&vec![(Fate::Applied, vec![])]);
    evidence.depths.inbound.queue.visible = 2;
    evidence.depths.matched.dead_letters.delayed = 3;
    evidence.failures = vec![
        failure(Step::WebhookReceiver, true, None),
        failure(Step::IdentityMatch, false, Some(event_id(7))),
        failure(Step::TagUpdate, true, Some(event_id(8))),
        failure(Step::IdentityMatch, false, Some(event_id(8))),
    ];
    let EventSum { accepted, applied, parked, in_flight, unexplained } =
        balance(&evidence, now(), GRACE).events;
    assert_eq!([accepted, applied, parked, in_flight, unexplained], [9, 1, 2, 6, 0]);
}

#[test]
fn a_message_that_could_not_be_sent_on_explains_from_the_queue_before() {
    let mut evidence = evidence(&vec![(Fate::Lost, vec![])]);
    evidence.depths.matched.queue.not_visible = 1;
    let Balance { events, breaches, .. } = balance(&evidence, now(), GRACE);
    assert_eq!((breaches, events.accepted, events.in_flight), (vec![], 1, 1));
}

#[test]
fn a_decided_event_that_is_dispatched_again_explains_all_of_its_effects() {
    let plan = vec![(Fate::Applied, vec![Fate::Lost; 3]), (Fate::Applied, vec![Fate::Lost])];
    let breaches = |repeats, sent| {
        let mut evidence = evidence(&plan);
        evidence.depths.tagged.queue.not_visible = repeats;
        evidence.depths.outbound.queue.visible = sent;
        balance(&evidence, now(), GRACE).breaches.len()
    };
    assert_eq!(breaches(0, 0), 4);
    assert_eq!(breaches(1, 0), 1, "the repeated event may be the one that lacks most");
    assert_eq!(breaches(1, 1), 0);
    assert_eq!(breaches(0, 3), 1);

    let mut evidence = evidence(&plan);
    evidence.failures.push(failure(Step::TriggerDispatcher, true, Some(event_id(0))));
    let Balance { effects, breaches, .. } = balance(&evidence, now(), GRACE);
    assert_eq!((effects.parked, breaches.len()), (3, 1));
}

#[test]
fn a_failure_that_names_nothing_explains_one_thing_of_its_step() {
    let mut evidence = evidence(&vec![(Fate::Lost, vec![]), (Fate::Applied, vec![Fate::Lost])]);
    evidence.failures = vec![
        failure(Step::TriggerDispatcher, true, None),
        failure(Step::OutboundDelivery, false, None),
    ];
    let Balance { events, effects, breaches, .. } = balance(&evidence, now(), GRACE);
    assert_eq!((events.parked, effects.in_flight, breaches), (1, 1, vec![]));
}

#[test]
fn a_lease_that_is_over_explains_nothing() {
    let mut evidence = evidence(&vec![(Fate::Applied, vec![Fate::Leased])]);
    let over = Delivery::Leased(now() - SignedDuration::from_secs(1));
    evidence.deliveries.insert(effect_key(0, 0), over);
    assert_eq!(balance(&evidence, now(), GRACE).breaches.len(), 1);
}

#[test]
fn only_what_was_a_breach_before_remains_one() {
    let mut balance = drawn(&vec![(Fate::Lost, vec![]), (Fate::Applied, vec![Fate::Lost])]);
    let [event, effect] = balance.breaches.clone().try_into().unwrap();
    assert!(balance.forgive_unless_in(std::slice::from_ref(&event)));
    assert_eq!(balance.breaches, std::slice::from_ref(&event));
    assert_eq!((balance.events.unexplained, balance.effects.unexplained), (1, 0));
    assert_eq!(balance.effects.in_flight, 1);
    assert!(!balance.forgive_unless_in(&[event, effect]));
}

#[test]
fn every_event_counts_to_its_source_and_hour() {
    let mut evidence = evidence(&vec![(Fate::Applied, vec![]), (Fate::Lost, vec![])]);
    let origin = |source: &str| {
        let received_at = now() - SignedDuration::from_hours(2);
        Some(Origin { source: source.to_owned(), received_at })
    };
    evidence.failures = vec![
        OpenFailure { origin: origin("phone"), ..failure(Step::WebhookReceiver, true, None) },
        OpenFailure {
            origin: origin("shop"),
            ..failure(Step::IdentityMatch, false, Some(event_id(7)))
        },
    ];
    let row = |sum: &HourSum| {
        let EventSum { accepted, applied, parked, in_flight, unexplained } = sum.events;
        let hour = sum.hour.to_string();
        (sum.source.clone(), hour, [accepted, applied, parked, in_flight, unexplained])
    };
    let rows = |balance: &Balance| balance.hours.iter().map(row).collect::<Vec<_>>();
    let mut drawn = balance(&evidence, now(), GRACE);
    let (early, late) = ("2026-01-02T01:00:00Z".to_owned(), "2026-01-02T03:00:00Z".to_owned());
    let expected = |lost| {
        vec![
            ("desk".to_owned(), late.clone(), lost),
            ("phone".to_owned(), early.clone(), [1, 0, 1, 0, 0]),
            ("shop".to_owned(), early.clone(), [1, 0, 0, 1, 0]),
            ("shop".to_owned(), late.clone(), [1, 1, 0, 0, 0]),
        ]
    };
    assert_eq!(rows(&drawn), expected([1, 0, 0, 0, 1]));
    assert!(drawn.forgive_unless_in(&[]));
    assert_eq!(rows(&drawn), expected([1, 0, 0, 1, 0]));
}

/// A lost event and an effect that was lost, both so many days old.
fn lost(days: i64) -> Evidence {
    let plan = vec![(Fate::Lost, vec![]), (Fate::Applied, vec![Fate::Lost])];
    let mut evidence = evidence(&plan);
    let long_ago = now() - SignedDuration::from_hours(24 * days);
    for event in &mut evidence.events {
        event.received_at = long_ago;
        for effect in &mut event.effects {
            effect.decided_at = long_ago;
        }
    }
    evidence
}

#[test]
fn messages_explain_only_what_can_be_in_a_queue_still() {
    for (days, explained) in [(13, 1), (15, 0)] {
        let mut evidence = lost(days);
        evidence.depths.tagged.queue.visible = 1;
        evidence.depths.outbound.queue.visible = 1;
        let drawn = balance(&evidence, now(), GRACE);
        assert_eq!([drawn.events.unexplained, drawn.effects.unexplained], [1 - explained; 2]);
        assert_eq!(drawn.by_number, ByNumber { events: explained, effects: explained });
        assert_eq!(drawn.breaches.len(), 2 * (1 - explained));

        let mut evidence = lost(days);
        evidence.depths.matched.queue.visible = 1;
        assert_eq!(balance(&evidence, now(), GRACE).events.unexplained, 1 - explained);
        let mut evidence = lost(days);
        evidence.depths.tagged.queue.visible = 2;
        let unexplained = balance(&evidence, now(), GRACE).effects.unexplained;
        assert_eq!(unexplained, 1 - explained, "nor does a repeated event");
    }
}

#[test]
fn what_entered_a_history_lately_may_be_in_a_queue() {
    let mut evidence = lost(15);
    evidence.depths.tagged.queue.visible = 1;
    evidence.events[0].tagged_at = Some(now() - SignedDuration::from_hours(24));
    assert_eq!(balance(&evidence, now(), GRACE).events.unexplained, 0);
}

#[test]
fn what_was_sent_back_lately_may_be_in_a_queue_however_old_it_is() {
    let lately = now() - SignedDuration::from_hours(24);
    let mut evidence = lost(15);
    evidence.depths.tagged.queue.visible = 1;
    evidence.depths.outbound.queue.visible = 1;
    for about in [
        About { event: Some(event_id(0)), ..About::default() },
        About { event: Some(event_id(1)), effect: Some(effect_key(1, 0)), ..About::default() },
    ] {
        let mut record = failures::sample::failure().record;
        record.about = about;
        record.state = FailureState::Redriven { at: lately };
        let before = balance(&evidence, now(), GRACE).breaches.len();
        evidence.returned.add(record);
        assert_eq!(balance(&evidence, now(), GRACE).breaches.len(), before - 1);
    }
}

#[test]
fn what_a_replay_sent_lately_may_be_in_a_queue_however_old_it_is() {
    let breaches = |effects, source: &str| {
        let mut evidence = lost(15);
        evidence.depths.tagged.queue.visible = 1;
        evidence.depths.outbound.queue.visible = 1;
        let (since, until, source) = (Timestamp::MIN, now(), Some(source.to_owned()));
        let (step, rate) = (Step::TagUpdate, "50/s".to_owned());
        let plan = Plan { since, until, source, profiles: None, step, effects, rate };
        evidence.returned.add_run(Run::begin(plan, "anna", 1, now()));
        balance(&evidence, now(), GRACE).breaches.len()
    };
    assert_eq!([breaches(true, "shop"), breaches(true, "desk")], [1, 1]);
    assert_eq!([breaches(true, "phone"), breaches(false, "shop")], [2, 2]);
}

#[test]
fn what_was_received_at_another_time_does_not_count() {
    let mut evidence = evidence(&vec![(Fate::Lost, vec![]), (Fate::Applied, vec![Fate::Lost])]);
    evidence.failures = vec![failure(Step::TriggerDispatcher, true, Some(event_id(0)))];
    for event in &mut evidence.events {
        event.meant = false;
    }
    let Balance { events, effects, hours, breaches, .. } = balance(&evidence, now(), GRACE);
    assert_eq!((events.accepted, effects.issued), (0, 0));
    assert!(hours.is_empty() && breaches.is_empty());
}
