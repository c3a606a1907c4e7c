//! What is different between two configurations that saw the same events.

use super::replay::Happened;
use domain::{CustomerId, EventId};
use jiff::Timestamp;
use rules::RuleSet;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many events stand for each way in which a rule differs.
const SAMPLES: usize = 3;

/// What one configuration's rule would have done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(super) struct Count {
    /// Events that it would have fired for.
    pub(super) fired: usize,
    /// Of how many customers these are.
    pub(super) customers: usize,
    /// How often the rule, or an action of it, would have been refused.
    pub(super) refused: usize,
}

/// In what way an event stands for a difference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Difference {
    /// Only the new configuration would have fired.
    OnlyNew,
    /// Only today's would have.
    OnlyToday,
    /// Both would have, with other actions.
    Otherwise,
}

/// An event that stands for a difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Sample {
    pub(super) event: EventId,
    pub(super) customer: CustomerId,
    pub(super) occurred_at: Timestamp,
}

/// One rule in both configurations.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(super) struct Row {
    pub(super) rule: String,
    /// Absent, where today's configuration has no rule of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) today: Option<Count>,
    /// Absent, where the new configuration has no rule of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new: Option<Count>,
    /// How many events differ, in which way.
    pub(super) differences: BTreeMap<Difference, usize>,
    /// A few of them, each of another customer.
    pub(super) samples: BTreeMap<Difference, Vec<Sample>>,
}

/// All of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Comparison {
    rows: BTreeMap<String, Row>,
    /// Events looked at.
    pub(super) events: usize,
    /// Customers with such events.
    pub(super) customers: usize,
}

impl Comparison {
    /// Nothing seen yet of the rules of two configurations.
    pub(super) fn between(today: &RuleSet, new: &RuleSet) -> Self {
        let mut comparison = Self::default();
        for rule in &today.config().triggers {
            comparison.row(&rule.name).today = Some(Count::default());
        }
        for rule in &new.config().triggers {
            comparison.row(&rule.name).new = Some(Count::default());
        }
        comparison
    }

    /// Takes in a customer: what each configuration made of the same events.
    pub(super) fn add(&mut self, customer: &CustomerId, today: &[Happened], new: &[Happened]) {
        self.events += today.len();
        self.customers += usize::from(!today.is_empty());
        for (happened, side) in [(today, Row::of_today as Side), (new, Row::of_new as Side)] {
            self.count(happened, side);
        }
        let mut sampled = BTreeSet::new();
        for (today, new) in today.iter().zip(new) {
            for rule in today.fired.keys().chain(new.fired.keys()).collect::<BTreeSet<_>>() {
                let difference = match (today.fired.get(rule), new.fired.get(rule)) {
                    (None, _) => Difference::OnlyNew,
                    (_, None) => Difference::OnlyToday,
                    (today, new) if today != new => Difference::Otherwise,
                    _ => continue,
                };
                let row = self.row(rule);
                *row.differences.entry(difference).or_default() += 1;
                let few = row.samples.entry(difference).or_default();
                if few.len() < SAMPLES && sampled.insert((rule.clone(), difference)) {
                    few.push(Sample {
                        event: today.event.clone(),
                        customer: customer.clone(),
                        occurred_at: today.occurred_at,
                    });
                }
            }
        }
    }

    fn count(&mut self, happened: &[Happened], side: Side) {
        let mut fired = BTreeSet::new();
        for happened in happened {
            for rule in happened.fired.keys() {
                let count = side(self.row(rule));
                count.fired += 1;
                count.customers += usize::from(fired.insert(rule));
            }
            for (rule, refused) in &happened.refused {
                side(self.row(rule)).refused += refused;
            }
        }
    }

    fn row(&mut self, rule: &str) -> &mut Row {
        let row = self.rows.entry(rule.to_owned()).or_default();
        rule.clone_into(&mut row.rule);
        row
    }

    /// The rules, those that differ most first.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<_> = self.rows.values().cloned().collect();
        rows.sort_by_key(|row| Reverse(row.differences.values().sum::<usize>()));
        rows
    }
}

type Side = fn(&mut Row) -> &mut Count;

impl Row {
    fn of_today(&mut self) -> &mut Count {
        self.today.get_or_insert_default()
    }

    fn of_new(&mut self) -> &mut Count {
        self.new.get_or_insert_default()
    }
}
