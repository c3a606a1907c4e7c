//! Everything that is stored about one person, as one document.

use super::dossier::{Archive, Dossier, Named};
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{Assurance, Consent, ConsentId, Customer, EventId, Failure, HandleKey, Held, Medium};
use identity::{Link, Merge, Review};
use jiff::Timestamp;
use serde::Serialize;
use state::{Consents, EffectRecord, EventRecord, Extraction, HintList, TimelineEntry};
use std::collections::BTreeMap;

/// The document: JSON for everybody.
#[derive(Debug, Serialize)]
pub(super) struct Exported {
    at: Timestamp,
    profiles: Vec<Customer>,
    handles: Vec<KnownHandle>,
    timeline: Vec<TimelineEntry>,
    events: Vec<EventRecord>,
    effects: Vec<EffectRecord>,
    failures: Vec<Failure>,
    merges: Vec<Merge>,
    reviews: Vec<Review>,
    extractions: Vec<Extraction>,
    hints: Vec<HintList>,
}

/// A handle with every event that it came in by.
#[derive(Debug, Serialize)]
struct KnownHandle {
    handle: HandleKey,
    held: Held,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
    /// What was told of being written to, by channel.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    consent: BTreeMap<Medium, Consent>,
    seen: Vec<Seen>,
}

/// How an event wrote a handle.
#[derive(Debug, Serialize)]
struct Seen {
    original: String,
    assurance: Assurance,
    source: String,
    occurred_at: Timestamp,
    event: EventId,
}

/// Reads all of it.
pub(super) async fn export(
    store: &impl Archive,
    named: &Named,
    now: Timestamp,
) -> Result<Exported, Trouble> {
    let dossier = Dossier::gather(store, named).await?;
    if dossier.is_empty() {
        return Err(unknown());
    }
    let mut exported = Exported::new(dossier, now);
    for known in &mut exported.handles {
        known.consent = consent(store, &known.handle).await?;
    }
    Ok(exported)
}

async fn consent(
    store: &impl Consents,
    handle: &HandleKey,
) -> Result<BTreeMap<Medium, Consent>, Trouble> {
    let mut told = BTreeMap::new();
    for medium in Medium::ALL.into_iter().filter(|medium| medium.reaches(handle)) {
        if let Some(consent) = store.consent(&ConsentId::new(medium, handle)).await? {
            told.insert(medium, consent);
        }
    }
    Ok(told)
}

/// The name may be a handle: it is personal, and no error repeats it.
pub(super) fn unknown() -> Trouble {
    Trouble::Missing {
        what: "customer of this id or handle, and nothing else is stored about one".into(),
        remedy: "Look at some: omnicord customer list",
    }
}

impl Exported {
    fn new(dossier: Dossier, at: Timestamp) -> Self {
        let held = dossier.profiles.iter().flat_map(|profile| &profile.handles);
        let handles = held
            .map(|(key, held)| KnownHandle {
                handle: key.clone(),
                held: *held,
                link: dossier.links.get(key).cloned(),
                consent: BTreeMap::new(),
                seen: dossier.timeline.iter().flat_map(|entry| seen(key, entry)).collect(),
            })
            .collect();
        let Dossier { profiles, timeline, events, effects, failures, .. } = dossier;
        let Dossier { merges, reviews, extractions, hints, .. } = dossier;
        let events = events.into_values().collect();
        Self {
            at,
            profiles,
            handles,
            timeline,
            events,
            effects,
            failures,
            merges,
            reviews,
            extractions,
            hints: hints.into_values().collect(),
        }
    }
}

fn seen(key: &HandleKey, entry: &TimelineEntry) -> Vec<Seen> {
    let event = &entry.tagged.event;
    let same = event.handles.iter().filter(|handle| handle.key() == *key);
    same.map(|handle| Seen {
        original: handle.original.clone(),
        assurance: handle.assurance,
        source: event.source.clone(),
        occurred_at: event.occurred_at,
        event: event.id.clone(),
    })
    .collect()
}

impl View for Exported {
    fn text(&self, _: &Page) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::sample::{Pipeline, email, phone};
    use domain::CustomerId;
    use serde_json::Value;

    async fn exported(pipeline: &Pipeline, named: &Named) -> Value {
        let exported = export(&pipeline.store, named, Timestamp::UNIX_EPOCH).await.unwrap();
        let text = exported.text(&Page::unbounded("2026-01-02T03:04:05Z"));
        serde_json::from_str(&text).unwrap()
    }

    #[tokio::test]
    async fn everything_under_any_handle_is_in_it() {
        let pipeline = Pipeline::new();
        pipeline.message(1, &[phone(1)]).await;
        pipeline.message(2, &[email("anna")]).await;
        pipeline.message(3, &[phone(1), email("anna")]).await;
        pipeline.message(4, &[phone(2)]).await;
        let by_phone = exported(&pipeline, &Named::Handle(phone(1).key())).await;
        let id = CustomerId::new(email("anna").key().as_str());
        assert_eq!(exported(&pipeline, &Named::Handle(email("anna").key())).await, by_phone);
        assert_eq!(exported(&pipeline, &Named::Profile(id)).await, by_phone);

        let count = |table: &str| by_phone[table].as_array().unwrap().len();
        let tables = ["profiles", "handles", "timeline", "events", "merges"].map(count);
        assert_eq!(tables, [2, 2, 3, 3, 1]);
        assert!(by_phone.to_string().contains("message 3: it is broken"));
        assert!(!by_phone.to_string().contains("message 4"));
        let handles = by_phone["handles"].as_array().unwrap();
        let phone = handles.iter().find(|known| known["handle"] == "phone::+12025550101").unwrap();
        assert_eq!(phone["seen"][1]["original"], "(202) 555-0101");
        assert_eq!(phone["held"]["assurance"], "attested");
    }
}
