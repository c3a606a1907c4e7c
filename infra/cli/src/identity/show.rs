//! A preview, laid out.

use super::compare::{Asked, Differences, Fate, Part};
use crate::output::{Verdict, View};
use crate::page::{Page, title};
use domain::{CustomerId, HandleKey, HandleKind, Obstacle};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What a new configuration would make of today's customers.
#[derive(Debug, Serialize)]
pub(super) struct Preview {
    /// The version that it is compared with.
    in_force: u64,
    /// Customers of today that would be one.
    merges: Vec<Vec<Shown>>,
    /// What would be left of one customer of today.
    splits: Vec<Vec<Shown>>,
    reviews: Vec<Question>,
    handles: Vec<Moved>,
    unchanged: usize,
    unlike_today: usize,
    decisions_left_out: usize,
    unmatched_events: usize,
}

/// A customer with some handles, by their kinds or, where it was asked for, as they are.
#[derive(Debug, Serialize)]
struct Shown {
    customer: CustomerId,
    handles: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Question {
    #[serde(rename = "question")]
    asked: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<Obstacle>,
    customers: Vec<CustomerId>,
    handles: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Moved {
    handle: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerId>,
    becomes: Fate,
}

impl Preview {
    pub(super) fn new(found: &Differences, in_force: u64, with_handles: bool) -> Self {
        let text = |key: &HandleKey| {
            let kind = || key.kind().map_or("handle", HandleKind::as_str);
            if with_handles { key.as_str() } else { kind() }.to_owned()
        };
        let texts = |keys: &BTreeSet<HandleKey>| keys.iter().map(text).collect();
        let shown =
            |part: &Part| Shown { customer: part.customer.clone(), handles: texts(&part.handles) };
        let parts = |parts: &Vec<Part>| parts.iter().map(shown).collect();
        let question = |asked: &Asked| Question {
            asked: asked.question,
            because: asked.because,
            customers: asked.customers.iter().cloned().collect(),
            handles: texts(&asked.handles),
        };
        let moved = |(key, customer, becomes): &(HandleKey, Option<CustomerId>, Fate)| Moved {
            handle: text(key),
            customer: customer.clone(),
            becomes: *becomes,
        };
        Self {
            in_force,
            merges: found.merges.iter().map(parts).collect(),
            splits: found.splits.iter().map(parts).collect(),
            reviews: found.reviews.iter().map(question).collect(),
            handles: found.handles.iter().map(moved).collect(),
            unchanged: found.unchanged,
            unlike_today: found.unlike_today,
            decisions_left_out: found.decisions_left_out,
            unmatched_events: found.unmatched,
        }
    }

    fn changes_nothing(&self) -> bool {
        self.merges.is_empty()
            && self.splits.is_empty()
            && self.reviews.is_empty()
            && self.handles.is_empty()
            && self.decisions_left_out == 0
            && self.unmatched_events == 0
    }

    fn questions(&self, page: &Page) -> String {
        let mut sheet = page.table(["question", "because", "customers", "handles"]);
        for asked in &self.reviews {
            let ids: Vec<_> = asked.customers.iter().map(CustomerId::as_str).collect();
            sheet.row([
                asked.asked.to_owned(),
                asked.because.map(|because| word(&because)).unwrap_or_default(),
                ids.join("\n"),
                asked.handles.join(", "),
            ]);
        }
        sheet.to_string()
    }

    fn moved(&self, page: &Page) -> String {
        let mut sheet = page.table(["handle", "becomes", "customer"]);
        for moved in &self.handles {
            let customer = moved.customer.as_ref().map(CustomerId::to_string);
            sheet.row([moved.handle.clone(), word(&moved.becomes), customer.unwrap_or_default()]);
        }
        sheet.to_string()
    }

    fn notes(&self) -> String {
        let Self { in_force, unchanged, unlike_today, decisions_left_out, .. } = self;
        let mut notes = format!("{unchanged} customers stay as they are\n");
        if *decisions_left_out > 0 {
            let _ = writeln!(
                notes,
                "{decisions_left_out} decisions of people would not apply any more"
            );
        }
        if self.unmatched_events > 0 {
            let _ =
                writeln!(notes, "{} events could not be matched any more", self.unmatched_events);
        }
        if *unlike_today > 0 {
            let _ = writeln!(
                notes,
                "{unlike_today} customers are not what configuration {in_force} makes of the \
                 stored events: they came about under an earlier one, or in another order; the \
                 comparison is between what the two configurations make of the events"
            );
        }
        notes
    }
}

/// The name that JSON gives it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Each set of customers with a line before it.
fn parts(page: &Page, sets: &[Vec<Shown>]) -> String {
    let mut sheet = page.table(["", "customer", "handles"]);
    for (index, set) in sets.iter().enumerate() {
        for part in set {
            let (number, handles) = ((index + 1).to_string(), part.handles.join(", "));
            sheet.row([number, part.customer.to_string(), handles]);
        }
    }
    sheet.to_string()
}

impl View for Preview {
    fn text(&self, page: &Page) -> String {
        let mut text = String::new();
        for (heading, table) in [
            ("Customers that would be one", parts(page, &self.merges)),
            ("Customers that would be several", parts(page, &self.splits)),
            ("Questions for people", self.questions(page)),
            ("Handles that would stand elsewhere", self.moved(page)),
        ] {
            if table.lines().count() > 1 {
                text += &title(heading);
                text += &table;
                text += "\n";
            }
        }
        if self.changes_nothing() {
            text += "every customer stays as it is\n";
        }
        text + &self.notes()
    }

    fn verdict(&self) -> Verdict {
        if self.changes_nothing() { Verdict::Clean } else { Verdict::Finding }
    }
}
