//! People's decisions, put back into a replay as far as they apply.

use super::decision::{Decision, Pair};
use super::stored::Stored;
use crate::graph::Scene;
use crate::trouble::Trouble;
use domain::{CustomerId, HandleKey};
use identity::{Change, CustomerWrite, Refused};
use state::memory::Store;
use state::{Committed, Customers, Extraction, Identities, Journal};

/// Puts a decision back. Returns whether it still makes sense.
pub(super) async fn put_back(
    decision: &Decision,
    store: &Store,
    stored: &Stored,
    config_version: u64,
) -> Result<bool, Trouble> {
    let change = match decision {
        Decision::Join(pair) => join(store, stored, pair, config_version).await?,
        Decision::Part(pair) => part(store, stored, pair).await?,
        Decision::Extract(extraction) => extract(store, stored, extraction).await?,
    };
    Ok(match change {
        Some(Ok(change)) => store.commit(&change).await? == Committed::Written,
        Some(Err(refused)) => refused == Refused::AlreadyOne,
        None => false,
    })
}

type Proposed = Option<Result<Change, Refused>>;

/// Two profiles that are of this replay, with their customers.
async fn pair_of(
    store: &Store,
    stored: &Stored,
    (one, other): &(CustomerId, CustomerId),
) -> Result<Option<((CustomerId, CustomerId), Scene)>, Trouble> {
    let one = counterpart(store, stored, one).await?;
    let other = counterpart(store, stored, other).await?;
    let Some((one, other)) = one.zip(other) else { return Ok(None) };
    let scene = Scene::read(store, &[one.clone(), other.clone()], &[]).await?;
    Ok(Some(((one, other), scene)))
}

/// The profile of the same id, or else the one that has one of its handles.
async fn counterpart(
    store: &Store,
    stored: &Stored,
    profile: &CustomerId,
) -> Result<Option<CustomerId>, Trouble> {
    if store.group(profile).await?.is_some() {
        return Ok(Some(profile.clone()));
    }
    let handles: Vec<HandleKey> =
        stored.profiles.get(profile).into_iter().flatten().cloned().collect();
    let links = store.links(&handles).await?;
    Ok(handles.iter().find_map(|key| links.get(key)).map(|link| link.home.clone()))
}

async fn join(
    store: &Store,
    stored: &Stored,
    pair: &Pair,
    config_version: u64,
) -> Result<Proposed, Trouble> {
    let Some((joins, scene)) = pair_of(store, stored, &pair.profiles).await? else {
        return Ok(None);
    };
    let who = (pair.by.clone(), pair.at);
    let (groups, links) = (&scene.groups, &scene.links);
    Ok(Some(identity::join(groups, links, joins, Vec::new(), who, config_version)))
}

async fn part(store: &Store, stored: &Stored, pair: &Pair) -> Result<Proposed, Trouble> {
    let Some((profiles, scene)) = pair_of(store, stored, &pair.profiles).await? else {
        return Ok(None);
    };
    let [group] = scene.groups.as_slice() else {
        return Ok(Some(Ok(told_apart(&scene, profiles))));
    };
    let swapped = (profiles.1.clone(), profiles.0.clone());
    let standing = &group.root.membership.merges;
    let between = standing.iter().find(|(_, joins)| **joins == profiles || **joins == swapped);
    let Some((id, _)) = between else { return Ok(None) };
    let Some(merge) = store.merge(id).await? else { return Ok(None) };
    Ok(Some(identity::part(group, &scene.links, merge, (pair.by.clone(), pair.at))))
}

async fn extract(
    store: &Store,
    stored: &Stored,
    extraction: &Extraction,
) -> Result<Proposed, Trouble> {
    let Some(from) = counterpart(store, stored, &extraction.from).await? else { return Ok(None) };
    let handles: Vec<_> = extraction.handles.iter().cloned().collect();
    let scene = Scene::read(store, std::slice::from_ref(&from), &handles).await?;
    let Some(group) = scene.group(&from) else { return Ok(None) };
    let mut homes = handles.iter().filter_map(|key| scene.links.get(key)).map(|link| &link.home);
    if let Some(elsewhere) = homes.find(|home| **home != from) {
        return Ok(Some(Ok(told_apart(&scene, (from, elsewhere.clone())))));
    }
    let to = extraction.to.clone();
    Ok(Some(identity::extract(group, &scene.links, &from, &handles, &to)))
}

/// Keeps later events from joining the customers of two profiles.
fn told_apart(scene: &Scene, (one, other): (CustomerId, CustomerId)) -> Change {
    let pair = if one < other { (one, other) } else { (other, one) };
    let customers = scene.groups.iter().map(|group| {
        let mut after = group.root.clone();
        let read = after.membership.version;
        after.membership.apart.insert(pair.clone());
        after.membership.version += 1;
        CustomerWrite::Update { read, after: Box::new(after), joint_tags: None }
    });
    Change { customers: customers.collect(), ..Change::default() }
}
