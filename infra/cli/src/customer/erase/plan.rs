//! The steps of an erasure, in an order that can be taken up anywhere.

use crate::customer::dossier::{Dossier, event_of};
use domain::{Customer, CustomerId, Failure};
use jiff::Timestamp;
use state::{EffectRecord, EventRecord, JournalId, MOST_REMOVALS, Removal, TimelineEntry};
use std::collections::BTreeSet;

/// How much goes at once. A DynamoDB transaction takes 4 MB, and an item may have 400 KB.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const AT_ONCE: usize = 8;

/// Everything but profiles and handles, by which the person can be found until the end.
pub(super) fn steps(
    dossier: &Dossier,
    redacted: Vec<TimelineEntry>,
    now: Timestamp,
) -> Vec<Vec<Removal>> {
    let history = dossier.timeline.iter().map(|entry| of_entry(dossier, entry, now)).collect();
    let others = redacted.into_iter().map(|entry| vec![Removal::Redacted(Box::new(entry))]);
    let journal = journal(dossier).map(|id| vec![Removal::Journal(id)]).collect();
    let hints = dossier.hints.keys().map(|profile| vec![Removal::Hints(profile.clone())]).collect();
    let mut steps = packed(history, AT_ONCE);
    steps.extend(of_failures(dossier, now));
    steps.extend(packed(others.collect(), AT_ONCE));
    steps.extend(packed(journal, AT_ONCE));
    steps.extend(packed(hints, AT_ONCE));
    let replicas = dossier.replicas.iter().map(|key| vec![Removal::Replica(key.clone())]);
    steps.extend(packed(replicas.collect(), AT_ONCE));
    steps
}

/// Profiles and handles, all at once where one transaction can hold them: nobody meets a handle
/// that leads to a profile that is gone. Where it cannot, the root goes last.
pub(super) fn farewell(dossier: &Dossier) -> Vec<Vec<Removal>> {
    let units = dossier.profiles.iter().rev().map(|profile| of_profile(dossier, profile));
    packed(units.collect(), MOST_REMOVALS)
}

fn of_profile(dossier: &Dossier, profile: &Customer) -> Vec<Removal> {
    let own = dossier.links.iter().filter(|(_, link)| link.home == profile.id);
    own.map(|(key, link)| Removal::Link { handle: key.clone(), version: link.version })
        .chain([
            Removal::Firings(profile.id.clone()),
            Removal::Profile {
                id: profile.id.clone(),
                version: profile.version,
                membership: profile.membership.version,
            },
        ])
        .collect()
}

/// The event goes from the history last: as long as it is there, its record is found.
fn of_entry(dossier: &Dossier, entry: &TimelineEntry, now: Timestamp) -> Vec<Removal> {
    let event = &entry.tagged.event;
    let effects = dossier.effects_of(&event.id).iter();
    let effects = effects.map(|effect| Removal::Effect(EffectRecord::tombstone(effect, now)));
    let record = dossier.events.get(&event.id).map(|record| Removal::Event {
        tombstone: Box::new(record.tombstone(now)),
        read: Some(record.stage),
    });
    let (customer, entry) = (entry.tagged.home.clone(), TimelineEntry::key(event));
    effects.chain(record).chain([Removal::Entry { customer, entry }]).collect()
}

/// One step each: a message may be many items. An event that never came further gets a tombstone,
/// so that it comes no further once it is delivered again.
fn of_failures(dossier: &Dossier, now: Timestamp) -> Vec<Vec<Removal>> {
    let mut known: BTreeSet<_> = dossier.events.keys().cloned().collect();
    let mut step = |failure: &Failure| {
        let event = event_of(failure).filter(|event| known.insert(event.id.clone()));
        let tombstone = event.map(|event| Removal::Event {
            tombstone: Box::new(
                EventRecord::tagged(&event, &CustomerId::erased(), None).tombstone(now),
            ),
            read: None,
        });
        tombstone.into_iter().chain([Removal::Failure(failure.record.id.clone())]).collect()
    };
    dossier.failures.iter().map(&mut step).collect()
}

fn journal(dossier: &Dossier) -> impl Iterator<Item = JournalId> {
    let merges = dossier.merges.iter().map(|merge| JournalId::Merge(merge.id.clone()));
    let reviews = dossier.reviews.iter().map(|review| JournalId::Review(review.id.clone()));
    let extractions = dossier.extractions.iter().map(|e| JournalId::Extraction(e.id.clone()));
    merges.chain(reviews).chain(extractions)
}

/// Puts what belongs together into one step, with more where there is room.
fn packed(units: Vec<Vec<Removal>>, most: usize) -> Vec<Vec<Removal>> {
    let mut steps: Vec<Vec<Removal>> = Vec::new();
    for unit in units {
        match steps.last_mut() {
            Some(step) if step.len() + unit.len() <= most => step.extend(unit),
            Some(_) | None => steps.push(unit),
        }
    }
    steps.iter().flat_map(|step| step.chunks(MOST_REMOVALS).map(<[_]>::to_vec)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FailureId;

    fn unit(length: usize) -> Vec<Removal> {
        vec![Removal::Failure(FailureId::new("test", "1")); length]
    }

    #[test]
    fn what_belongs_together_goes_together_unless_it_is_too_much() {
        let lengths = |units: &[usize]| -> Vec<_> {
            let units = units.iter().map(|length| unit(*length)).collect();
            packed(units, 8).iter().map(Vec::len).collect()
        };
        assert_eq!(lengths(&[3, 3, 3, 2]), [6, 5]);
        assert_eq!(lengths(&[2, 20, 2]), [2, 20, 2]);
        assert_eq!(lengths(&[100]), [99, 1]);
        assert!(lengths(&[]).is_empty());
    }
}
