//! Since when a customer bears a tag, as a function of what happened, in whatever order.

use super::RuleSet;
use crate::condition::{Expression, Facts, Said};
use domain::{Customer, EventId, Profile, Series, Tagged};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// A tag's rule, compiled.
#[derive(Debug)]
pub(super) struct Tagging {
    pub(super) condition: Condition,
    pub(super) remove_when: Option<Expression>,
}

/// A tag's condition, compiled.
#[derive(Debug)]
pub(super) enum Condition {
    /// About single events: the latest for which it is true counts.
    Event(Expression),
    /// About the customer: the latest of the remembered moments at which it was true counts.
    Customer {
        when: Expression,
        /// What it reads.
        reads: Reads,
    },
}

/// The names that a condition about the customer reads.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Counters and other facts: their names differ.
    pub(super) facts: BTreeSet<String>,
    pub(super) fields: BTreeSet<String>,
}

/// A moment of the customer's history, with its event.
pub(super) type Moment = (Timestamp, EventId);

impl Condition {
    /// Sorts a condition that is about the event or about the customer, not both. `facts` are the
    /// names of all counters and facts.
    pub(super) fn new(when: Expression, facts: &BTreeSet<String>) -> Self {
        if !when.paths().any(|path| path.starts_with("customer.")) {
            return Self::Event(when);
        }
        let mut reads = Reads::default();
        for path in when.paths() {
            let mut members = path.split('.').skip(1);
            match (members.next(), members.next()) {
                (Some("fields"), Some(name)) => _ = reads.fields.insert(name.to_owned()),
                (Some("counts" | "facts"), Some(name)) => _ = reads.facts.insert(name.to_owned()),
                (Some("counts" | "facts"), None) => reads.facts.extend(facts.iter().cloned()),
                _ => {}
            }
        }
        Self::Customer { when, reads }
    }

    /// Whether it looks back at a counter's or fact's occurrences.
    pub(super) fn looks_back_at(&self, fact: &str) -> bool {
        match self {
            Self::Event(_) => false,
            Self::Customer { reads, .. } => reads.facts.contains(fact),
        }
    }
}

impl RuleSet {
    /// The latest remembered moment, not before `start`, at which a condition about the customer
    /// was true.
    ///
    /// Looking only at the event that arrives would not do: of three late events each may see one.
    pub(super) fn held_at(
        &self,
        condition: &Expression,
        customer: &Customer,
        moments: BTreeSet<Moment>,
    ) -> Option<Moment> {
        moments.into_iter().rev().find(|(at, _)| {
            let facts = self.facts(None, Some(customer), *at);
            self.evaluator.holds(condition, &facts).unwrap_or(false)
        })
    }

    /// What a trigger can see.
    pub(super) fn facts_of<'a>(&'a self, tagged: &'a Tagged) -> Facts<'a> {
        let said = Said { event: &tagged.event, classification: &tagged.classification };
        self.facts(Some(said), Some(&tagged.customer), tagged.event.occurred_at)
    }

    /// What a customer rule can see.
    pub(super) fn facts<'a>(
        &'a self,
        said: Option<Said<'a>>,
        customer: Option<&'a Customer>,
        as_of: Timestamp,
    ) -> Facts<'a> {
        let company = &self.config.company.name;
        let (counters, measures) = (&self.counted, &self.measures);
        Facts { said, customer, as_of, counters, measures, company }
    }
}

/// The moments at which a condition over these facts and fields may have changed, none of them so
/// long ago that a tag set then would have fallen off by `newest`.
pub(super) fn moments(
    profile: &Profile,
    newest: &Moment,
    lasting: Option<SignedDuration>,
    reads: &Reads,
) -> BTreeSet<Moment> {
    let start = lasting.and_then(|lasting| newest.0.checked_sub(lasting).ok());
    let counters = reads.facts.iter().filter_map(|name| profile.counters.get(name));
    let counted =
        counters.flat_map(|counter| counter.occurrences().map(|(at, event)| (at, event.clone())));
    let series = reads.facts.iter().filter_map(|name| profile.facts.get(name));
    let measured = series.flat_map(Series::iter).map(|told| (told.at, told.by.clone()));
    let fields = reads.fields.iter().filter_map(|name| profile.fields.get(name));
    let told = fields.map(|dated| (dated.at, dated.by.clone()));
    let mut moments: BTreeSet<Moment> = counted.chain(measured).chain(told).collect();
    moments.insert(newest.clone());
    moments.retain(|(at, _)| start.is_none_or(|start| *at > start));
    moments
}
