//! Since when a customer bears a tag, as a function of what happened, in whatever order.

use super::RuleSet;
use crate::condition::{Expression, Facts, Said};
use domain::{Customer, EventId, Profile, Tagged};
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
        /// The counters that it reads.
        counters: Vec<String>,
        /// The fields that it reads.
        fields: Vec<String>,
    },
}

/// A moment of the customer's history, with its event.
pub(super) type Moment = (Timestamp, EventId);

impl Condition {
    /// Sorts a condition that is about the event or about the customer, not both.
    pub(super) fn new(when: Expression, counters: &[String]) -> Self {
        if !when.paths().any(|path| path.starts_with("customer.")) {
            return Self::Event(when);
        }
        let named = |root: &str| -> Vec<String> {
            let names = when.paths().filter_map(|path| path.strip_prefix(root));
            names.filter_map(|name| name.split('.').next()).map(str::to_owned).collect()
        };
        let mut read = named("customer.counts.");
        if when.paths().any(|path| path == "customer.counts") {
            read = counters.to_vec();
        }
        Self::Customer { counters: read, fields: named("customer.fields."), when }
    }

    /// The counters whose occurrences it looks back at.
    pub(super) fn counters(&self) -> &[String] {
        match self {
            Self::Event(_) => &[],
            Self::Customer { counters, .. } => counters,
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
        Facts { said, customer, as_of, counters: &self.config.counters, company }
    }
}

/// The moments at which a condition over these counters and fields may have changed, none of them
/// so long ago that a tag set then would have fallen off by `newest`.
pub(super) fn moments(
    profile: &Profile,
    newest: &Moment,
    lasting: Option<SignedDuration>,
    counters: &[String],
    fields: &[String],
) -> BTreeSet<Moment> {
    let start = lasting.and_then(|lasting| newest.0.checked_sub(lasting).ok());
    let counted = counters
        .iter()
        .filter_map(|name| profile.counters.get(name))
        .flat_map(|counter| counter.occurrences().map(|(at, event)| (at, event.clone())));
    let told = fields
        .iter()
        .filter_map(|name| profile.fields.get(name))
        .map(|dated| (dated.at, dated.by.clone()));
    let mut moments: BTreeSet<Moment> = counted.chain(told).collect();
    moments.insert(newest.clone());
    moments.retain(|(at, _)| start.is_none_or(|start| *at > start));
    moments
}
