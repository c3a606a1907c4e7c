//! One customer with everything that made them what they are.

use crate::output::View;
use crate::page::{Page, title};
use domain::{Classification, Customer, EventId, EventKind, MatchOutcome, TagChange};
use jiff::Timestamp;
use serde::Serialize;
use state::TimelineEntry;

/// A customer with their latest events.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    customer: Customer,
    timeline: Vec<Entry>,
}

/// One event of the customer's history, without its words.
#[derive(Serialize)]
struct Entry {
    event: EventId,
    occurred_at: Timestamp,
    source: String,
    kind: EventKind,
    topic: String,
    #[serde(rename = "match")]
    outcome: MatchOutcome,
    #[serde(flatten)]
    classification: Classification,
    tags: Vec<TagChange>,
}

impl Shown {
    pub(super) fn new(customer: Customer, history: Vec<TimelineEntry>) -> Self {
        let entry = |entry: TimelineEntry| Entry {
            event: entry.tagged.event.id,
            occurred_at: entry.tagged.event.occurred_at,
            source: entry.tagged.event.source,
            kind: entry.tagged.event.kind,
            topic: entry.tagged.event.topic,
            outcome: entry.decision.outcome,
            classification: entry.tagged.classification,
            tags: entry.tagged.tags,
        };
        Self { customer, timeline: history.into_iter().map(entry).collect() }
    }

    fn tags(&self, page: &Page) -> String {
        let mut sheet = page.table(["tag", "since", "until", "rule", "event"]);
        for (name, tag) in &self.customer.profile.tags {
            let until = match tag.until {
                Some(until) if page.is_past(until) => format!("over since {until:.0}"),
                Some(until) => page.time(until),
                None => "for good".to_owned(),
            };
            let since = page.time(tag.since);
            sheet.row([name.clone(), since, until, tag.rule.clone(), tag.event.to_string()]);
        }
        sheet.or("none")
    }

    fn fields(&self, page: &Page) -> String {
        let mut sheet = page.table(["field", "value", "said at", "event"]);
        for (name, field) in &self.customer.profile.fields {
            let value = field.value.as_str().map_or_else(|| field.value.to_string(), str::to_owned);
            sheet.row([name.clone(), value, page.time(field.at), field.by.to_string()]);
        }
        sheet.or("none")
    }

    fn timeline(&self, page: &Page) -> String {
        let mut sheet = page.table([
            "occurred at",
            "source",
            "kind",
            "topic",
            "issue",
            "mood",
            "tags",
            "event",
        ]);
        for entry in &self.timeline {
            sheet.row([
                page.time(entry.occurred_at),
                entry.source.clone(),
                entry.kind.as_str().to_owned(),
                entry.topic.clone(),
                entry.classification.issue.clone().unwrap_or_default(),
                entry.classification.mood.clone().unwrap_or_default(),
                signed(&entry.tags),
                entry.event.to_string(),
            ]);
        }
        sheet.or("none")
    }
}

/// `+vip -new`.
fn signed(tags: &[TagChange]) -> String {
    let sign =
        |change: &TagChange| format!("{}{}", if change.added { '+' } else { '-' }, change.tag);
    tags.iter().map(sign).collect::<Vec<_>>().join(" ")
}

impl View for Shown {
    fn text(&self, page: &Page) -> String {
        let customer = &self.customer;
        let handles: Vec<_> = customer.handles.iter().map(domain::HandleKey::as_str).collect();
        let crm = customer.crm.as_ref();
        let facts = page.facts([
            ("customer", customer.id.to_string()),
            ("known since", page.time(customer.created_at)),
            ("last seen", customer.profile.last_seen.map(|at| page.time(at)).unwrap_or_default()),
            ("crm record", crm.map_or("none yet".into(), |crm| format!("{}:{}", crm.crm, crm.id))),
            ("handles", handles.join("\n")),
        ]);
        [
            facts,
            title("\nTags"),
            self.tags(page),
            title("\nFields"),
            self.fields(page),
            title("\nLatest events"),
            self.timeline(page),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests;
