//! A part of the identity graph that a person is about to change.

use crate::trouble::Trouble;
use domain::{Customer, CustomerId, HandleKey};
use identity::{Change, CustomerWrite, Group, Links, Refused};
use state::{Committed, Identities, StoreError};
use std::collections::BTreeMap;

/// How often a lost race is run again: events go on changing customers meanwhile.
const RACES: usize = 8;

/// Customers with all of their profiles, and where their handles lead.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Scene {
    /// The customers, each once.
    pub(crate) groups: Vec<Group>,
    /// The link of every handle of theirs, and of those that were asked for.
    pub(crate) links: Links,
}

/// Why nothing can be decided.
pub(crate) enum Stop {
    /// What was read contradicts itself: read again.
    Torn,
    /// There is no reading that would help.
    For(Trouble),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::For(trouble)
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        let remedy = match refused {
            Refused::Torn => return Self::Torn,
            Refused::AlreadyOne => "Their merges: omnicord customer show CUSTOMER",
            Refused::NotStanding => "The merges that stand: omnicord customer show CUSTOMER",
            Refused::TooLarge => {
                "Give one of them fewer handles first: omnicord customer extract CUSTOMER"
            }
            Refused::NotHeld | Refused::NothingLeft => {
                "The handles of each profile: omnicord customer show CUSTOMER"
            }
        };
        Self::For(Trouble::Refused { why: refused.to_string(), remedy: remedy.into() })
    }
}

/// A change, with what it was computed from.
#[derive(Debug)]
pub(crate) struct Decided {
    /// What was read.
    pub(crate) scene: Scene,
    /// What is to be written, or was.
    pub(crate) change: Change,
}

impl Scene {
    /// Reads the customers of some profiles, and those whom some handles lead to.
    pub(crate) async fn read(
        store: &impl Identities,
        profiles: &[CustomerId],
        handles: &[HandleKey],
    ) -> Result<Self, StoreError> {
        let mut links = store.links(handles).await?;
        let owners: Vec<_> = links.values().map(|link| link.customer.clone()).collect();
        let mut groups: Vec<Group> = Vec::new();
        for profile in profiles.iter().chain(&owners) {
            if groups.iter().all(|group| group.profile(profile).is_none()) {
                groups.extend(store.group(profile).await?);
            }
        }
        let held = groups.iter().flat_map(Group::handles).map(|(key, _)| key);
        let more: Vec<_> = held.filter(|key| !links.contains_key(*key)).cloned().collect();
        links.extend(store.links(&more).await?);
        Ok(Self { groups, links })
    }

    /// The customer of a profile.
    pub(crate) fn group(&self, profile: &CustomerId) -> Option<&Group> {
        self.groups.iter().find(|group| group.profile(profile).is_some())
    }
}

impl Decided {
    /// The customers as the change leaves them, the oldest first.
    pub(crate) fn after(&self) -> Vec<Group> {
        let read = self.scene.groups.iter().flat_map(Group::profiles);
        let mut profiles: BTreeMap<_, _> =
            read.map(|profile| (&profile.id, profile.clone())).collect();
        for write in &self.change.customers {
            let after = match write {
                CustomerWrite::Create(after) | CustomerWrite::Update { after, .. } => &**after,
            };
            profiles.insert(&after.id, after.clone());
        }
        let (mut roots, members): (Vec<_>, Vec<_>) =
            profiles.into_values().partition(|profile| profile.membership.merged_into.is_none());
        roots.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        let group = |root: Customer| {
            let id = Some(&root.id);
            let joined = |member: &&Customer| member.membership.merged_into.as_ref() == id;
            let members = members.iter().filter(joined).cloned().collect();
            Group { root, members }
        };
        roots.into_iter().map(group).collect()
    }
}

/// Decides what to change about the customers of some profiles, and of whoever has some handles,
/// without writing it.
pub(crate) async fn propose(
    store: &impl Identities,
    profiles: &[CustomerId],
    handles: &[HandleKey],
    decide: impl Fn(&Scene) -> Result<Change, Stop>,
) -> Result<Decided, Trouble> {
    for _ in 0..RACES {
        let scene = Scene::read(store, profiles, handles).await?;
        match decide(&scene) {
            Ok(change) => return Ok(Decided { scene, change }),
            Err(Stop::Torn) => {}
            Err(Stop::For(trouble)) => return Err(trouble),
        }
    }
    Err(Trouble::Contended)
}

/// Like [`propose`], and writes it; where others were writing, decides again.
pub(crate) async fn settle(
    store: &impl Identities,
    profiles: &[CustomerId],
    handles: &[HandleKey],
    decide: impl Fn(&Scene) -> Result<Change, Stop>,
) -> Result<Decided, Trouble> {
    for _ in 0..RACES {
        let decided = propose(store, profiles, handles, &decide).await?;
        match store.commit(&decided.change).await? {
            Committed::Written => return Ok(decided),
            Committed::Lost => {}
        }
    }
    Err(Trouble::Contended)
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
