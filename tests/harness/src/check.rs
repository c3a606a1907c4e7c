//! What came of a story, held against what a plain reckoning says.

use crate::endpoint::Told;
use crate::story::{Plain, Story};
use crate::world::World;
use domain::{Assurance, Customer, EventKind, Handle};
use jiff::Timestamp;
use serde_json::Value;
use state::{Customers, Histories, Identities, TimelineEntry};
use std::collections::{BTreeMap, BTreeSet};
use support::Text;
use support::expected::{Deed, Handled, Night, expected};
use support::telling::Telling;

/// Rules that fire or not by when others fired, in the order of decisions.
const LIMITED: [&str; 2] = ["thanks", "call-back"];

/// What left the pipeline.
#[derive(Debug)]
pub(crate) struct Outside {
    pub(crate) told: Vec<Told>,
    pub(crate) texts: Vec<Text>,
}

/// What is not as it has to be, in words.
pub(crate) async fn violations(world: &World, story: &Story, outside: &Outside) -> Vec<String> {
    let mut found = Vec::new();
    let mut meant = BTreeSet::new();
    for customer in 0..story.phones.len() {
        match reckon(world, story, customer).await {
            Ok(deeds) => meant.extend(deeds),
            Err(violation) => found.push(violation),
        }
    }
    let done = match deeds(story, outside) {
        Ok(done) => done,
        Err(violation) => {
            found.push(violation);
            return found;
        }
    };
    for (what, one, other) in [("lost", &meant, &done), ("not asked for", &done, &meant)] {
        found.extend(one.difference(other).map(|deed| format!("{what}: {deed:?}")));
    }
    for plain in &story.plain {
        found.extend(noted(world, plain).await);
    }
    found
}

async fn customer(world: &World, handle: &Handle) -> Result<Customer, String> {
    let lost = || format!("nobody has the handle of {:?}", handle.kind);
    let links = world.store.links(&[handle.key()]).await.expect("the table is there");
    let link = links.get(&handle.key()).ok_or_else(lost)?;
    let group = world.store.group(&link.home).await.expect("the table is there");
    Ok(group.ok_or_else(lost)?.root)
}

async fn entries(world: &World, customer: &Customer) -> Vec<TimelineEntry> {
    let entries = world.store.entries(&customer.id).await.expect("the table is there");
    // A tag that comes to its end meanwhile is nobody's event.
    entries.into_iter().filter(|entry| entry.tagged.event.kind != EventKind::Timer).collect()
}

/// The deeds of one customer's events, once their history and tags were found to be right.
async fn reckon(world: &World, story: &Story, number: usize) -> Result<Vec<Deed>, String> {
    let told: Vec<&Telling> = story.told.iter().filter(|it| it.customer == number).collect();
    let phone = &story.phones[number];
    let handle = Handle::phone(phone, "US", Assurance::Attested).expect("a number");
    let known = customer(world, &handle).await?;
    let entries = entries(world, &known).await;
    if entries.len() != told.len() {
        let (found, meant) = (entries.len(), told.len());
        return Err(format!("customer {number} has {found} events of {meant} in their history"));
    }
    let ids: Vec<_> = entries.iter().map(|entry| entry.tagged.event.id.clone()).collect();
    let records = world.store.events(&ids).await.expect("the table is there");
    let decided: BTreeMap<_, _> = records.into_iter().map(|it| (it.id, it.applied_at)).collect();
    let mut history = Vec::new();
    for entry in &entries {
        let event = &entry.tagged.event;
        let number = event.fields["number"].as_u64().and_then(|it| usize::try_from(it).ok());
        let telling = told.iter().find(|telling| Some(telling.number) == number);
        let telling = telling.ok_or_else(|| format!("event {} is nobody's", event.id))?;
        let at = decided.get(&event.id).copied().flatten();
        let at = at.ok_or_else(|| format!("event {} was never decided on", event.id))?;
        let handled = Handled { telling: (*telling).clone(), decided_at: at.as_second() };
        history.push((entry.tagged.customer.version, at, handled));
    }
    history.sort_by_key(|(version, ..)| *version);
    let applied: Vec<_> = history.iter().map(|(.., handled)| handled.clone()).collect();
    history.sort_by_key(|(version, at, _)| (*at, *version));
    let in_turn: Vec<_> = history.into_iter().map(|(.., handled)| handled).collect();
    let (tags, deeds) = expected(&applied, Night::Open);
    let (_, limited) = expected(&in_turn, Night::Open);
    // What ends while the harness looks may be gone, or not yet.
    let soon = crate::now().as_second() + 1_800;
    let lasts = |until: Option<i64>| until.is_none_or(|until| until > soon);
    let borne = known.profile.tags.iter().map(|(name, tag)| {
        (name.as_str(), (tag.since.as_second(), tag.until.map(Timestamp::as_second)))
    });
    let borne: BTreeMap<_, _> = borne.filter(|(_, (_, until))| lasts(*until)).collect();
    let meant = tags.iter().map(|(name, times)| (*name, *times));
    let meant: BTreeMap<_, _> = meant.filter(|(_, (_, until))| lasts(*until)).collect();
    if borne != meant {
        return Err(format!("customer {number} bears {borne:?} in place of {meant:?}"));
    }
    let party = world.stack.crm.party(phone).await;
    for tag in ["high_care", "upset"] {
        let until = tags.get(tag).map(|(_, until)| *until);
        let bears = match party {
            Some(party) => world.stack.crm.is_tagged(party, tag).await,
            None => false,
        };
        if until.is_none_or(lasts) && bears != until.is_some() {
            return Err(format!("customer {number}'s {tag} in the CRM: {bears}"));
        }
    }
    let is_limited = |deed: &Deed| LIMITED.contains(&deed.rule.as_str());
    let deeds = deeds.into_iter().filter(|deed| !is_limited(deed) && deed.rule != "tags");
    Ok(deeds.chain(limited.into_iter().filter(is_limited)).collect())
}

/// What reached the in-house system and the customers' phones, each thing once.
fn deeds(story: &Story, outside: &Outside) -> Result<BTreeSet<Deed>, String> {
    let mut by_id: BTreeMap<&str, &Value> = BTreeMap::new();
    for (id, body) in &outside.told {
        if *by_id.entry(id).or_insert(body) != body {
            return Err(format!("one id, two bodies: {id}"));
        }
    }
    let mut deeds = BTreeSet::new();
    for body in by_id.into_values() {
        let text = |name: &str| body[name].as_str().unwrap_or_default().trim_end().to_owned();
        let number = text("number").parse().map_err(|_| "an event without its number")?;
        if !story.tells(number) {
            continue;
        }
        let deed = Deed { rule: text("rule"), number, says: text("says"), not_before: None };
        if !deeds.insert(deed.clone()) {
            return Err(format!("two ids, one deed: {deed:?}"));
        }
    }
    for text in outside.texts.iter().filter(|text| story.phones.contains(&text.to)) {
        let number = text.text.rsplit(' ').next().unwrap_or_default().parse().unwrap_or_default();
        let (rule, says) = ("thanks".to_owned(), text.text.clone());
        let deed = Deed { rule, number, says, not_before: None };
        if !deeds.insert(deed.clone()) {
            return Err(format!("sent twice: {deed:?}"));
        }
    }
    Ok(deeds)
}

/// Whether each event of this customer is in their history and in the CRM, once.
async fn noted(world: &World, plain: &Plain) -> Vec<String> {
    let known = match customer(world, &plain.handle).await {
        Ok(known) => known,
        Err(violation) => return vec![violation],
    };
    let kind = plain.handle.kind;
    let mut found = Vec::new();
    let (lived, meant) = (entries(world, &known).await.len(), plain.notes.len());
    if lived != meant {
        found.push(format!("{kind:?}: {lived} events of {meant} in the history"));
    }
    let Some(party) = known.crm.as_ref().and_then(|link| link.id.parse().ok()) else {
        found.push(format!("{kind:?}: no record in the CRM"));
        return found;
    };
    let notes = world.stack.crm.notes(party).await;
    for words in &plain.notes {
        let times = notes.iter().filter(|note| note.contains(words)).count();
        if times != 1 {
            found.push(format!("{kind:?}: {times} notes of {words}"));
        }
    }
    if notes.len() != meant {
        found.push(format!("{kind:?}: {} notes of {meant}", notes.len()));
    }
    found
}
