//! What the balance must say of pipelines in every state.

use super::*;
use crate::audit::evidence::{Delivery, Event, Issued};
use proptest::prelude::*;
use proptest::sample::select;

const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// What explains a thing that is not applied, or what took its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Applied,
    Parked(Step),
    Waiting(Step),
    Message,
    Fresh,
    Leased,
    Lost,
}

const NAMED_EVENT_FATES: [Fate; 5] = [
    Fate::Applied,
    Fate::Parked(Step::TriggerDispatcher),
    Fate::Waiting(Step::TriggerDispatcher),
    Fate::Waiting(Step::TagUpdate),
    Fate::Fresh,
];
const NAMED_EFFECT_FATES: [Fate; 5] = [
    Fate::Applied,
    Fate::Parked(Step::OutboundDelivery),
    Fate::Waiting(Step::OutboundDelivery),
    Fate::Leased,
    Fate::Fresh,
];

/// Events, each with the fates of its effects.
type Plan = Vec<(Fate, Vec<Fate>)>;

fn plans(with_messages: bool) -> impl Strategy<Value = Plan> {
    let and_message = |named: &[Fate]| {
        let message = with_messages.then_some(Fate::Message);
        named.iter().copied().chain(message).collect::<Vec<_>>()
    };
    let effects = prop::collection::vec(select(and_message(&NAMED_EFFECT_FATES)), 0..4);
    prop::collection::vec((select(and_message(&NAMED_EVENT_FATES)), effects), 1..20)
}

fn now() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

fn event_id(index: usize) -> EventId {
    EventId::new("shop", &index.to_string())
}

fn source(index: usize) -> String {
    ["shop", "desk"][index % 2].to_owned()
}

fn effect_key(event: usize, effect: usize) -> EffectKey {
    EffectKey::new(&event_id(event), "rule", &effect.to_string())
}

fn born(fate: Fate, age: usize) -> Timestamp {
    let seconds = if fate == Fate::Fresh { 1 } else { 100 + i64::try_from(age).unwrap() };
    now() - SignedDuration::from_secs(seconds)
}

/// The state in which the plan's things are; the first is the youngest.
fn evidence(plan: &Plan) -> Evidence {
    let mut evidence = Evidence::default();
    let open = |step, parked, event, effect| {
        let origin = None;
        OpenFailure { step, parked, event, effect, origin }
    };
    for (index, (fate, fates)) in plan.iter().enumerate() {
        let (id, applied) = (event_id(index), *fate == Fate::Applied);
        match *fate {
            Fate::Parked(step) => evidence.failures.push(open(step, true, Some(id.clone()), None)),
            Fate::Waiting(step) => {
                evidence.failures.push(open(step, false, Some(id.clone()), None));
            }
            Fate::Message => evidence.depths.tagged.queue.visible += 1,
            Fate::Applied | Fate::Fresh | Fate::Leased | Fate::Lost => {}
        }
        let mut effects = Vec::new();
        for (number, fate) in fates.iter().enumerate().filter(|_| applied) {
            let key = effect_key(index, number);
            let (decided_at, destination) = (born(*fate, 10 * index + number), "crm".to_owned());
            effects.push(Issued { key: key.clone(), destination, decided_at });
            match *fate {
                Fate::Applied => drop(evidence.deliveries.insert(key, Delivery::Done)),
                Fate::Leased => drop(evidence.deliveries.insert(key, Delivery::Leased(now()))),
                Fate::Message => evidence.depths.outbound.dead_letters.not_visible += 1,
                Fate::Parked(step) => evidence.failures.push(open(step, true, None, Some(key))),
                Fate::Waiting(step) => {
                    evidence.deliveries.insert(key.clone(), Delivery::Released);
                    evidence.failures.push(open(step, false, Some(id.clone()), Some(key)));
                }
                Fate::Fresh | Fate::Lost => {}
            }
        }
        let received_at = born(*fate, index);
        let source = source(index);
        evidence.events.push(Event {
            id,
            source,
            received_at,
            tagged_at: None,
            meant: true,
            applied,
            effects,
        });
    }
    evidence
}

fn drawn(plan: &Plan) -> Balance {
    balance(&evidence(plan), now(), GRACE)
}

/// How many of the things have such a fate.
fn fated<'f>(fates: impl IntoIterator<Item = &'f Fate>, wanted: fn(&Fate) -> bool) -> usize {
    fates.into_iter().filter(|fate| wanted(fate)).count()
}

proptest! {
    #[test]
    fn what_is_explained_balances(plan in plans(true)) {
        let drawn = drawn(&plan);
        let parked = |fate: &Fate| matches!(fate, Fate::Parked(_));
        let applied = |fate: &Fate| *fate == Fate::Applied;
        let events = || plan.iter().map(|(fate, _)| fate);
        let effects = || plan.iter().filter(|(fate, _)| applied(fate)).flat_map(|(_, f)| f);
        let (e, f) = (drawn.events, drawn.effects);
        prop_assert_eq!(&drawn.breaches, &[]);
        prop_assert_eq!([e.accepted, e.applied, e.parked], [
            plan.len(), fated(events(), applied), fated(events(), parked),
        ]);
        prop_assert_eq!([f.issued, f.done, f.parked], [
            effects().count(), fated(effects(), applied), fated(effects(), parked),
        ]);
        prop_assert_eq!(e.accepted, e.applied + e.parked + e.in_flight + e.unexplained);
        prop_assert_eq!(f.issued, f.done + f.parked + f.in_flight + f.unexplained);
    }

    #[test]
    fn taking_any_explanation_of_an_event_away_names_that_event(
        mut plan in plans(false), at in any::<prop::sample::Index>()
    ) {
        let index = at.index(plan.len());
        plan[index].0 = Fate::Lost;
        let Balance { breaches, events, effects, .. } = drawn(&plan);
        let event = event_id(index);
        let received_at = born(Fate::Lost, index);
        let source = source(index);
        prop_assert_eq!(breaches, [Breach::Event { received_at, source, event }]);
        prop_assert_eq!((events.unexplained, effects.unexplained), (1, 0));
    }

    #[test]
    fn taking_any_explanation_of_an_effect_away_names_that_effect(
        mut plan in plans(false), at in any::<prop::sample::Index>()
    ) {
        plan.push((Fate::Applied, vec![Fate::Applied]));
        let places: Vec<_> = (0..plan.len())
            .filter(|event| plan[*event].0 == Fate::Applied)
            .flat_map(|event| (0..plan[event].1.len()).map(move |effect| (event, effect)))
            .collect();
        let (event, effect) = *at.get(&places);
        plan[event].1[effect] = Fate::Lost;
        prop_assert_eq!(drawn(&plan).breaches, [Breach::Effect {
            decided_at: born(Fate::Lost, 10 * event + effect),
            effect: effect_key(event, effect),
            event: event_id(event),
            destination: "crm".into(),
        }]);
    }

    #[test]
    fn taking_a_message_away_names_the_oldest_that_messages_explain(plan in plans(true)) {
        let oldest = plan.iter().rposition(|(fate, _)| *fate == Fate::Message);
        prop_assume!(oldest.is_some());
        let mut evidence = evidence(&plan);
        evidence.depths.tagged.queue.visible -= 1;
        let breaches = balance(&evidence, now(), GRACE).breaches;
        let (event, source) = (event_id(oldest.unwrap()), source(oldest.unwrap()));
        let received_at = born(Fate::Lost, oldest.unwrap());
        prop_assert_eq!(breaches, [Breach::Event { received_at, source, event }]);
    }
}

mod corners;
