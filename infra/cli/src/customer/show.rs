//! One customer with everything that made them what they are.

use super::profiles::{Joined, Part, marked};
use crate::clock;
use crate::config::in_force;
use crate::output::View;
use crate::page::{Page, title};
use crate::trouble::Trouble;
use domain::{
    Classification, Customer, CustomerId, EventId, EventKind, HandleKey, MatchOutcome, TagChange,
};
use identity::{Group, Links, Merge};
use jiff::Timestamp;
use serde::Serialize;
use state::dynamo::Store;
use state::{Hint, Hints, Identities, Journal, TimelineEntry};
use std::collections::BTreeMap;

/// A customer, all profiles together, with their latest events.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    customer: Customer,
    /// The profiles, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    profiles: Vec<Part>,
    /// What holds them together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    merges: Vec<Joined>,
    /// Handles that too many customers use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shared: Vec<HandleKey>,
    /// What agents are to know, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<Hint>,
    /// When each timer is due.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    timers: BTreeMap<String, Timestamp>,
    timeline: Vec<Entry>,
}

/// One event of the customer's history, without its words.
#[derive(Serialize)]
struct Entry {
    event: EventId,
    /// The profile that it belongs to.
    profile: CustomerId,
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

/// Reads what belongs to a customer.
pub(super) async fn show(store: &Store, group: Group, most: i32) -> Result<Shown, Trouble> {
    let rules = in_force(store).await?;
    let customer = rules.combine(&group);
    let timers = rules.timers(&customer);
    let keys: Vec<_> = customer.handles.keys().cloned().collect();
    let links = store.links(&keys).await?;
    let mut merges = Vec::new();
    for id in group.root.membership.merges.keys() {
        merges.extend(store.merge(id).await?);
    }
    let mut history = Vec::new();
    let mut hints = Vec::new();
    for profile in group.profiles() {
        hints.extend(store.hints(&profile.id).await?.current(clock::now()).cloned());
        history.extend(store.history(&profile.id, most).await?);
    }
    hints.sort_by_key(|hint| std::cmp::Reverse(hint.at));
    let shown = Shown::new(customer, &group, merges, &links, newest(history, most));
    Ok(Shown { hints, timers, ..shown })
}

/// The newest entries of all histories.
fn newest(mut history: Vec<TimelineEntry>, most: i32) -> Vec<TimelineEntry> {
    history.sort_by_cached_key(|entry| {
        let event = &entry.tagged.event;
        std::cmp::Reverse((event.occurred_at, event.id.clone()))
    });
    history.truncate(usize::try_from(most).unwrap_or_default());
    history
}

impl Shown {
    fn new(
        customer: Customer,
        group: &Group,
        merges: Vec<Merge>,
        links: &Links,
        history: Vec<TimelineEntry>,
    ) -> Self {
        let entry = |entry: TimelineEntry| Entry {
            event: entry.tagged.event.id,
            profile: entry.tagged.home,
            occurred_at: entry.tagged.event.occurred_at,
            source: entry.tagged.event.source,
            kind: entry.tagged.event.kind,
            topic: entry.tagged.event.topic,
            outcome: entry.decision.outcome,
            classification: entry.tagged.classification,
            tags: entry.tagged.tags,
        };
        let several = !group.members.is_empty();
        let profiles = group.profiles().filter(|_| several).map(Part::new).collect();
        let shared = links.iter().filter(|(_, link)| link.shared).map(|(key, _)| key.clone());
        Self {
            customer,
            profiles,
            merges: merges.into_iter().map(Joined::new).collect(),
            shared: shared.collect(),
            hints: Vec::new(),
            timers: BTreeMap::new(),
            timeline: history.into_iter().map(entry).collect(),
        }
    }

    fn facts(&self, page: &Page) -> String {
        let customer = &self.customer;
        let handles: Vec<_> =
            customer.handles.iter().map(|(key, held)| marked(key, held, &self.shared)).collect();
        let crm = customer.crm.as_ref();
        let apart = customer.membership.apart.iter();
        let apart: Vec<_> = apart.map(|(one, other)| format!("{one} from {other}")).collect();
        let admitted = customer.membership.admitted.then_some("by a person");
        page.facts([
            ("customer", customer.id.to_string()),
            ("known since", page.time(customer.created_at)),
            ("last seen", customer.profile.last_seen.map(|at| page.time(at)).unwrap_or_default()),
            ("crm record", crm.map_or("none yet".into(), |crm| format!("{}:{}", crm.crm, crm.id))),
            ("let into crm", admitted.unwrap_or_default().to_owned()),
            ("told apart", apart.join("\n")),
            ("handles", handles.join("\n")),
        ])
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

    fn hints(&self, page: &Page) -> String {
        if self.hints.is_empty() {
            return String::new();
        }
        let mut sheet = page.table(["hint", "since", "until", "rule"]);
        for hint in &self.hints {
            let (at, until) = (page.time(hint.at), page.time(hint.until));
            sheet.row([hint.text.clone(), at, until, hint.rule.clone()]);
        }
        title("\nHints for agents") + &sheet.to_string()
    }

    fn timers(&self, page: &Page) -> String {
        let mut sheet = page.table(["timer", "due"]);
        for (name, due) in &self.timers {
            sheet.row([name.clone(), page.time(*due)]);
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
        let merged = if self.profiles.is_empty() {
            String::new()
        } else {
            let profiles = Part::table(page, &self.profiles, &self.shared);
            let merges = Joined::table(page, &self.merges);
            [title("\nProfiles"), profiles, title("\nMerges"), merges].concat()
        };
        [
            self.facts(page),
            merged,
            self.hints(page),
            title("\nTags"),
            self.tags(page),
            title("\nFields"),
            self.fields(page),
            title("\nTimers"),
            self.timers(page),
            title("\nLatest events"),
            self.timeline(page),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests;
