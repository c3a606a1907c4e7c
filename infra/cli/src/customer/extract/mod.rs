//! Handles that are given a profile of their own, with everything that came in by them.

mod history;
mod show;

pub(super) use show::Outcome;

use super::find::Found;
use super::merge::Person;
use crate::graph::{Scene, Stop, settle};
use crate::trouble::Trouble;
use domain::{CustomerId, ExtractionId, HandleKey};
use history::{rebuild, settle_history};
use identity::{Change, CustomerWrite, Group, Links, Refused};
use rules::RuleSet;
use state::{Extraction, ExtractionState, Extractions, Histories, Identities};
use std::collections::BTreeSet;

/// How often a lost race is run again: events go on changing the profiles meanwhile.
const RACES: usize = 8;

/// Tells what would move.
pub(super) async fn propose(
    store: &(impl Identities + Histories + Extractions),
    found: &Found,
    handles: &BTreeSet<HandleKey>,
    person: Person<'_>,
) -> Result<Outcome, Trouble> {
    let extraction = begin(store, &found.group, handles, person).await?;
    let mut events = 0;
    for profile in [&extraction.from, &extraction.to] {
        let entries = store.entries(profile).await?;
        events += entries.iter().filter(|entry| history::came_by(entry, handles)).count();
    }
    Ok(Outcome { written: false, extraction, events })
}

/// Gives the handles a profile of their own, or goes on where an earlier attempt ended.
pub(super) async fn extract(
    store: &(impl Identities + Histories + Extractions),
    found: &Found,
    handles: &BTreeSet<HandleKey>,
    rules: &RuleSet,
    person: Person<'_>,
) -> Result<Outcome, Trouble> {
    let mut extraction = begin(store, &found.group, handles, person).await?;
    store.put_extraction(&extraction).await?;
    let keys: Vec<_> = handles.iter().cloned().collect();
    if !lead_to(&store.links(&keys).await?, handles, &extraction.to) {
        let separate = |scene: &Scene| separated(scene, &extraction);
        settle(store, std::slice::from_ref(&extraction.from), &keys, separate).await?;
    }
    for _ in 0..RACES {
        settle_history(store, &extraction).await?;
        let events = rebuild(store, rules, &extraction.to, &BTreeSet::new()).await?;
        let rest = rebuild(store, rules, &extraction.from, handles).await?;
        if let (Some(events), Some(_)) = (events, rest) {
            extraction.state = ExtractionState::Done { at: person.at };
            store.put_extraction(&extraction).await?;
            return Ok(Outcome { written: true, extraction, events });
        }
    }
    Err(Trouble::Contended)
}

/// The extraction that was begun with these handles, or a new one.
async fn begin(
    store: &(impl Identities + Extractions),
    group: &Group,
    handles: &BTreeSet<HandleKey>,
    person: Person<'_>,
) -> Result<Extraction, Trouble> {
    let keys: Vec<_> = handles.iter().cloned().collect();
    let links = store.links(&keys).await?;
    let apart = group.root.membership.apart.iter().flat_map(|(one, other)| [one, other]);
    for profile in group.profiles().map(|profile| &profile.id).chain(apart) {
        let known = store.extraction(&ExtractionId::new(profile, handles)).await?;
        if let Some(known) = known
            && (known.state == ExtractionState::Begun || lead_to(&links, handles, &known.to))
        {
            return Ok(Extraction { state: ExtractionState::Begun, ..known });
        }
    }
    let from = home(group, &links, handles)?;
    let id = ExtractionId::new(&from, handles);
    let to = own_id(store, group, &from, handles, &id).await?;
    Ok(Extraction {
        id,
        at: person.at,
        by: person.by.to_owned(),
        from,
        to,
        handles: handles.clone(),
        state: ExtractionState::Begun,
    })
}

fn lead_to(links: &Links, handles: &BTreeSet<HandleKey>, profile: &CustomerId) -> bool {
    handles.iter().all(|key| links.get(key).is_some_and(|link| link.home == *profile))
}

/// The profile of the customer that has all of the handles.
fn home(
    group: &Group,
    links: &Links,
    handles: &BTreeSet<HandleKey>,
) -> Result<CustomerId, Trouble> {
    let refused = |refused: Refused, remedy: &str| Trouble::Refused {
        why: refused.to_string(),
        remedy: remedy.to_owned(),
    };
    let has = |id: &CustomerId| {
        group
            .profile(id)
            .is_some_and(|profile| handles.iter().all(|key| profile.handles.contains_key(key)))
    };
    let home = handles.iter().find_map(|key| links.get(key)).map(|link| link.home.clone());
    let profile = home.filter(&has).and_then(|id| group.profile(&id)).ok_or_else(|| {
        refused(
            Refused::NotHeld,
            "All of them have to be of one profile: omnicord customer show CUSTOMER lists each \
             profile's; customer unmerge takes profiles apart",
        )
    })?;
    if profile.handles.keys().all(|key| handles.contains(key)) {
        return Err(refused(
            Refused::NothingLeft,
            "To take profiles apart that are one customer: omnicord customer unmerge",
        ));
    }
    Ok(profile.id.clone())
}

/// The id that the handles would have got by themselves, where it is free.
async fn own_id(
    store: &impl Identities,
    group: &Group,
    from: &CustomerId,
    handles: &BTreeSet<HandleKey>,
    extraction: &ExtractionId,
) -> Result<CustomerId, Trouble> {
    let held = |key: &&HandleKey| group.profile(from)?.handles.get(*key).map(|held| held.since);
    let mut oldest_first: Vec<_> = handles.iter().collect();
    oldest_first.sort_by_key(held);
    for key in oldest_first {
        let id = CustomerId::new(key.as_str());
        if store.group(&id).await?.is_none() {
            return Ok(id);
        }
    }
    Ok(CustomerId::extracted(extraction))
}

/// The change to the graph.
fn separated(scene: &Scene, extraction: &Extraction) -> Result<Change, Stop> {
    let group = scene.group(&extraction.from).ok_or(Stop::Torn)?;
    let handles: Vec<_> = extraction.handles.iter().cloned().collect();
    let (from, to) = (&extraction.from, extraction.to.clone());
    let mut change = identity::extract(group, &scene.links, from, &handles, &to)?;
    keep_told(&mut change, group, &extraction.to);
    Ok(change)
}

/// Whichever side has the CRM record remembers the tags that the CRM was told, so that the next
/// event takes off there what the extraction took away here.
fn keep_told(change: &mut Change, group: &Group, to: &CustomerId) {
    let known = group.root.joint_tags.clone();
    let told = known.clone().unwrap_or_else(|| group.recorded().profile.tags.clone());
    let mut moves = false;
    for write in &mut change.customers {
        if let CustomerWrite::Create(profile) = write
            && profile.id == *to
            && profile.crm.is_some()
        {
            moves = true;
            profile.joint_tags = Some(told.clone());
        }
    }
    for write in &mut change.customers {
        if let CustomerWrite::Update { after, joint_tags, .. } = write
            && after.id == group.root.id
        {
            *joint_tags = match (moves, &known) {
                (true, Some(_)) => Some(None),
                (false, None) => Some(Some(told.clone())),
                (true, None) | (false, Some(_)) => None,
            };
        }
    }
}

#[cfg(test)]
mod tests;
