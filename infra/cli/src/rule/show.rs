//! A comparison of rules, laid out.

use super::compare::{Comparison, Count, Difference, Row};
use crate::output::View;
use crate::page::{Page, title};
use jiff::Timestamp;
use serde::Serialize;

/// What the new configuration would have done, beside today's.
#[derive(Serialize)]
pub(super) struct Tested {
    /// The version that is in force.
    today: u64,
    /// Since when decisions are compared.
    from: Timestamp,
    events: usize,
    customers: usize,
    rules: Vec<Row>,
}

impl Tested {
    pub(super) fn new(comparison: &Comparison, today: u64, from: Timestamp) -> Self {
        let Comparison { events, customers, .. } = *comparison;
        Self { today, from, events, customers, rules: comparison.rows() }
    }

    fn table(&self, page: &Page) -> String {
        let mut sheet = page.table([
            "rule",
            "fired today",
            "new",
            "customers today",
            "new",
            "refused today",
            "new",
            "difference",
        ]);
        for row in &self.rules {
            let of = |count: Option<Count>, pick: fn(Count) -> usize| {
                count.map_or("–".to_owned(), |count| pick(count).to_string())
            };
            sheet.row([
                row.rule.clone(),
                of(row.today, |count| count.fired),
                of(row.new, |count| count.fired),
                of(row.today, |count| count.customers),
                of(row.new, |count| count.customers),
                of(row.today, |count| count.refused),
                of(row.new, |count| count.refused),
                difference(row),
            ]);
        }
        sheet.or("neither configuration has rules")
    }

    fn samples(&self, page: &Page) -> String {
        let mut sheet = page.table(["rule", "difference", "happened", "event", "customer"]);
        for row in &self.rules {
            for (difference, samples) in &row.samples {
                for sample in samples {
                    sheet.row([
                        row.rule.clone(),
                        difference.word().to_owned(),
                        page.time(sample.occurred_at),
                        sample.event.to_string(),
                        sample.customer.to_string(),
                    ]);
                }
            }
        }
        sheet.to_string()
    }
}

impl View for Tested {
    fn text(&self, page: &Page) -> String {
        let Self { today, from, events, customers, .. } = self;
        let mut text = format!(
            "{events} events of {customers} customers since {}, beside configuration {today}\n\n",
            page.time(*from)
        );
        text += &self.table(page);
        if self.rules.iter().any(|row| !row.samples.is_empty()) {
            text += &title("\nSome of the events that differ");
            text += &self.samples(page);
            text += "\nwhy, by today's rules: omnicord explain evt_…\n";
        }
        text
    }
}

impl Difference {
    fn word(self) -> &'static str {
        match self {
            Self::OnlyNew => "only new",
            Self::OnlyToday => "only today",
            Self::Otherwise => "acts otherwise",
        }
    }
}

/// The ways in which a rule differs, with how many events.
fn difference(row: &Row) -> String {
    let ways = row.differences.iter().map(|(way, events)| format!("{events} {}", way.word()));
    ways.collect::<Vec<_>>().join(", ")
}
