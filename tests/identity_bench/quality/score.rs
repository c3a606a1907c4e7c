//! How right a trial was, in pairs of records.

use super::choice::Choice;
use super::febrl::Set;
use super::trial::Trial;
use domain::{Assurance, CustomerId, Handle, HandleKey};
use identity::Merging;
use std::collections::{BTreeMap, BTreeSet};

/// Counts of pairs of records, and of questions.
#[derive(Clone, Copy, Default)]
pub(crate) struct Score {
    /// Pairs that describe one person in truth.
    pub(crate) links: usize,
    /// Those of them that share a handle which may join customers.
    pub(crate) reachable: usize,
    /// Pairs of one person that became one customer.
    pub(crate) found: usize,
    /// Those of them that are reachable.
    pub(crate) found_reachable: usize,
    /// Pairs of two persons that became one customer.
    pub(crate) wrong: usize,
    /// Questions about two customers that are not one by now.
    pub(crate) asked: usize,
    /// Those of which "yes" joins more pairs of one person than of two.
    pub(crate) asked_rightly: usize,
    /// Pairs of one person that those would join.
    pub(crate) to_gain: usize,
    /// Questions that a later record answered: the two are one customer.
    pub(crate) settled: usize,
}

fn ratio(part: usize, whole: usize) -> f64 {
    // No set has as many pairs as a float has digits.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand pairs")]
    let ratio = part as f64 / whole.max(1) as f64;
    if whole == 0 { 1.0 } else { ratio }
}

impl Score {
    /// Of the pairs that were joined without a person, the share that is one person.
    pub(crate) fn precision(&self) -> f64 {
        ratio(self.found, self.found + self.wrong)
    }

    /// Of all pairs of one person, the share that was joined without a person.
    pub(crate) fn recall(&self) -> f64 {
        ratio(self.found, self.links)
    }

    /// The same of the pairs that share a handle which may join customers.
    pub(crate) fn recall_of_reachable(&self) -> f64 {
        ratio(self.found_reachable, self.reachable)
    }

    /// The recall once every question is answered in the better way.
    pub(crate) fn recall_with_reviews(&self) -> f64 {
        ratio(self.found + self.to_gain, self.links)
    }

    /// Of the questions, the share to which "yes" is the better answer.
    pub(crate) fn precision_of_reviews(&self) -> f64 {
        ratio(self.asked_rightly, self.asked)
    }
}

/// Scores a trial against the truth.
pub(crate) fn score(set: &Set, choice: &Choice, trial: &Trial) -> Score {
    let mut score = Score::default();
    let mut by_customer: BTreeMap<&CustomerId, Vec<usize>> = BTreeMap::new();
    let mut by_person: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, (record, customer)) in set.records.iter().zip(&trial.customers).enumerate() {
        by_customer.entry(customer).or_default().push(record.person);
        by_person.entry(record.person).or_default().push(index);
    }
    for persons in by_customer.values() {
        let together = pairs(persons.len());
        let right: usize = sizes(persons).into_values().map(pairs).sum();
        score.found += right;
        score.wrong += together - right;
    }
    let handles = joining(set, choice);
    for records in by_person.values() {
        score.links += pairs(records.len());
        for (at, one) in records.iter().enumerate() {
            for other in records.iter().skip(at + 1) {
                let reachable = !handles[*one].is_disjoint(&handles[*other]);
                let joined = trial.customers[*one] == trial.customers[*other];
                score.reachable += usize::from(reachable);
                score.found_reachable += usize::from(reachable && joined);
            }
        }
    }
    ask(&mut score, trial, &by_customer);
    score
}

/// Each record's handles that join customers without a person.
fn joining(set: &Set, choice: &Choice) -> Vec<BTreeSet<HandleKey>> {
    let rules = choice.rules();
    let joins = |handle: &Handle| {
        handle.assurance == Assurance::Attested
            && rules.identity().kind(handle.kind).merging == Merging::Auto
    };
    let of = |record| {
        let handles = choice.handles(record).into_iter();
        handles.filter(joins).map(|handle| handle.key()).collect()
    };
    set.records.iter().map(of).collect()
}

fn ask(score: &mut Score, trial: &Trial, by_customer: &BTreeMap<&CustomerId, Vec<usize>>) {
    let mut gained = BTreeSet::new();
    for (one, other) in &trial.questions {
        if one == other {
            score.settled += 1;
            continue;
        }
        score.asked += 1;
        let (Some(ours), Some(theirs)) = (by_customer.get(one), by_customer.get(other)) else {
            continue;
        };
        let theirs_by_person = sizes(theirs);
        let right: usize = ours.iter().filter_map(|person| theirs_by_person.get(person)).sum();
        if 2 * right > ours.len() * theirs.len() {
            score.asked_rightly += 1;
            if gained.insert((one.min(other), one.max(other))) {
                score.to_gain += right;
            }
        }
    }
}

fn sizes(persons: &[usize]) -> BTreeMap<usize, usize> {
    let mut sizes = BTreeMap::new();
    for person in persons {
        *sizes.entry(*person).or_default() += 1;
    }
    sizes
}

fn pairs(records: usize) -> usize {
    records * records.saturating_sub(1) / 2
}
