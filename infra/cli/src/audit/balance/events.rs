//! The events' part of the balance.

use super::unnamed::Unnamed;
use super::{Breach, EventSum, Hours, Place, nameless};
use crate::audit::evidence::{Event, Evidence, OpenFailure};
use domain::{EventId, Step};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// The events, counted.
pub(super) struct Counted {
    pub(super) sum: EventSum,
    /// How many of them only the number of messages explains.
    pub(super) by_number: usize,
    /// How many messages before `trigger-dispatcher` explain no event.
    pub(super) unused: usize,
}

/// Counts the events. What came into its queue before `since` is in none.
pub(super) fn count(
    evidence: &Evidence,
    since: Timestamp,
    fresh: impl Fn(Timestamp) -> bool,
    hours: &mut Hours,
    breaches: &mut Vec<Breach>,
) -> Counted {
    let open = open(evidence);
    let mut sum = EventSum::default();
    let mut missing: Vec<&Event> = Vec::new();
    for event in evidence.events.iter().filter(|event| event.meant) {
        let mut one = EventSum::default();
        match open.get(&event.id) {
            _ if event.applied => one.applied = 1,
            Some((place, _)) => one.put(*place, 1),
            None if fresh(event.received_at) => one.in_flight = 1,
            None => missing.push(event),
        }
        sum.add(one);
        hours.of(&event.source, event.received_at).add(one);
    }
    let known: HashSet<&EventId> = evidence.events.iter().map(|event| &event.id).collect();
    for (_, (place, failure)) in open.iter().filter(|(event, _)| !known.contains(*event)) {
        sum.put(*place, 1);
        hours.put(failure.origin.as_ref(), *place);
    }
    for failure in evidence.failures.iter().filter(|failure| failure.event.is_none()) {
        hours.put(failure.origin.as_ref(), Place::from(failure));
    }
    for step in [Step::WebhookReceiver, Step::IdentityMatch, Step::TagUpdate] {
        sum.parked += nameless(evidence, step, Place::Parked);
        sum.in_flight += nameless(evidence, step, Place::InFlight);
    }

    // Messages bear no names that could be read without taking them: they explain by their number.
    let depths = evidence.depths;
    let at = |event: &Event| (evidence.returned.event(event), Missed::from(event));
    let mut missing = Unnamed::new(missing.into_iter().map(at).collect(), since);
    let tagged = missing.queued(depths.tagged.total());
    let waiting = missing.failed(nameless(evidence, Step::TriggerDispatcher, Place::InFlight));
    let parked = missing.failed(nameless(evidence, Step::TriggerDispatcher, Place::Parked));
    // After its write `tag-update` may fail to send on: then its own message is the explanation.
    missing.queued(depths.matched.total());
    sum.put(Place::InFlight, tagged + waiting + depths.matched.total() + depths.inbound.total());
    sum.put(Place::Parked, parked);

    let (explained, mut lost) = missing.parted();
    for Missed { received_at, source, .. } in &explained {
        hours.of(source, *received_at).in_flight += 1;
    }
    lost.sort();
    sum.unexplained = lost.len();
    for Missed { received_at, id: event, source } in lost {
        hours.of(&source, received_at).unexplained += 1;
        breaches.push(Breach::Event { received_at, source, event });
    }
    sum.total();
    let unused = depths.tagged.total() - tagged;
    Counted { sum, by_number: explained.len(), unused }
}

/// An event that no record explains.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Missed {
    received_at: Timestamp,
    id: EventId,
    source: String,
}

impl From<&Event> for Missed {
    fn from(Event { id, source, received_at, .. }: &Event) -> Self {
        Self { received_at: *received_at, id: id.clone(), source: source.clone() }
    }
}

/// The events that open failures name, before `trigger-dispatcher` was done with them.
fn open(evidence: &Evidence) -> HashMap<&EventId, (Place, &OpenFailure)> {
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
            let (place, _) = open.entry(event).or_insert((Place::InFlight, failure));
            *place = (*place).max(Place::from(failure));
        }
    }
    open
}

impl EventSum {
    /// Sums up what was accepted.
    pub(super) fn total(&mut self) {
        self.accepted = self.applied + self.parked + self.in_flight + self.unexplained;
    }

    /// Adds what is explained.
    fn add(&mut self, one: Self) {
        self.applied += one.applied;
        self.parked += one.parked;
        self.in_flight += one.in_flight;
    }

    pub(super) fn put(&mut self, place: Place, count: usize) {
        match place {
            Place::InFlight => self.in_flight += count,
            Place::Parked => self.parked += count,
        }
    }
}
