//! The events' part of the balance.

use super::{Breach, EventSum, Place, nameless};
use crate::audit::evidence::{Event, Evidence};
use domain::{EventId, Step};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// Counts the events. Returns with the sums how many messages before `trigger-dispatcher` explain
/// no event.
pub(super) fn count(
    evidence: &Evidence,
    fresh: impl Fn(Timestamp) -> bool,
    breaches: &mut Vec<Breach>,
) -> (EventSum, usize) {
    let open = open(evidence);
    let mut sum = EventSum::default();
    let mut missing: Vec<&Event> = Vec::new();
    for event in &evidence.events {
        match open.get(&event.id) {
            _ if event.applied => sum.applied += 1,
            Some(place) => sum.put(*place, 1),
            None if fresh(event.received_at) => sum.in_flight += 1,
            None => missing.push(event),
        }
    }
    let known: HashSet<&EventId> = evidence.events.iter().map(|event| &event.id).collect();
    for (_, place) in open.iter().filter(|(event, _)| !known.contains(*event)) {
        sum.put(*place, 1);
    }
    for step in [Step::WebhookReceiver, Step::IdentityMatch, Step::TagUpdate] {
        sum.parked += nameless(evidence, step, Place::Parked);
        sum.in_flight += nameless(evidence, step, Place::InFlight);
    }

    // Messages bear no names that could be read without taking them: they explain by their number.
    let depths = evidence.depths;
    let mut unexplained = missing.len();
    let mut explain = |supply: usize| {
        let used = supply.min(unexplained);
        unexplained -= used;
        used
    };
    let tagged = explain(depths.tagged.total());
    let waiting = explain(nameless(evidence, Step::TriggerDispatcher, Place::InFlight));
    let parked = explain(nameless(evidence, Step::TriggerDispatcher, Place::Parked));
    // After its write `tag-update` may fail to send on: then its own message is the explanation.
    explain(depths.matched.total());
    sum.put(Place::InFlight, tagged + waiting + depths.matched.total() + depths.inbound.total());
    sum.put(Place::Parked, parked);

    missing.sort_by_key(|event| (event.received_at, &event.id));
    breaches.extend(
        missing
            .iter()
            .take(unexplained)
            .map(|event| Breach::Event { received_at: event.received_at, event: event.id.clone() }),
    );
    sum.unexplained = unexplained;
    sum.accepted = sum.applied + sum.parked + sum.in_flight + sum.unexplained;
    (sum, depths.tagged.total() - tagged)
}

/// The events that open failures name, before `trigger-dispatcher` was done with them.
fn open(evidence: &Evidence) -> HashMap<&EventId, Place> {
    let mut open = HashMap::new();
    for failure in &evidence.failures {
        let before_decision = match failure.step {
            Step::WebhookReceiver
            | Step::IdentityMatch
            | Step::TagUpdate
            | Step::TriggerDispatcher => true,
            Step::OutboundDelivery | Step::ErrorReconciler => false,
        };
        if let (true, Some(event)) = (before_decision, &failure.event) {
            let place = open.entry(event).or_insert(Place::InFlight);
            *place = (*place).max(Place::from(failure));
        }
    }
    open
}

impl EventSum {
    fn put(&mut self, place: Place, count: usize) {
        match place {
            Place::InFlight => self.in_flight += count,
            Place::Parked => self.parked += count,
        }
    }
}
