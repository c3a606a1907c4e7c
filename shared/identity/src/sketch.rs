//! A part of the graph, as it was read and as it is to be.

use crate::{Change, CustomerWrite, Group, Link, LinkWrite, Links, Merge, MergeState, Review};
use domain::{Assurance, CrmLink, Customer, CustomerId, HandleKey, HandleKind, Held, MergeId, Tag};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

type Profiles = BTreeMap<CustomerId, Customer>;

/// Profiles and handles to be changed together. [`Sketch::change`] tells what is different.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sketch {
    read: Profiles,
    profiles: Profiles,
    links_read: Links,
    links: Links,
    touched: BTreeSet<CustomerId>,
    joint_tags: BTreeMap<CustomerId, Option<BTreeMap<String, Tag>>>,
    merges: Vec<Merge>,
    pub(crate) reviews: Vec<Review>,
}

impl Sketch {
    /// Starts from what was read. None where groups and links were read at different times and
    /// contradict each other: read again.
    pub(crate) fn new(groups: &[Group], links: &Links) -> Option<Self> {
        let profiles: Profiles = groups
            .iter()
            .flat_map(Group::profiles)
            .map(|profile| (profile.id.clone(), profile.clone()))
            .collect();
        let sketch = Self {
            read: profiles.clone(),
            profiles,
            links_read: links.clone(),
            links: links.clone(),
            ..Self::default()
        };
        let fits = |(key, link): (&HandleKey, &Link)| match sketch.profiles.get(&link.home) {
            Some(home) => {
                sketch.root_of(&link.home) == link.customer && home.handles.contains_key(key)
            }
            // Nobody asked for its customer.
            None => !sketch.profiles.contains_key(&link.customer),
        };
        links.iter().all(fits).then_some(sketch)
    }

    /// Whether the link of every handle of the customer was read.
    pub(crate) fn is_complete(&self, root: &CustomerId) -> bool {
        self.handles(root).all(|(key, _)| self.links.contains_key(key))
    }

    pub(crate) fn link(&self, key: &HandleKey) -> Option<&Link> {
        self.links.get(key)
    }

    pub(crate) fn profile(&self, id: &CustomerId) -> Option<&Customer> {
        self.profiles.get(id)
    }

    /// The customer to whom the profile belongs.
    pub(crate) fn root_of(&self, profile: &CustomerId) -> CustomerId {
        let merged = self.profiles.get(profile).and_then(|p| p.membership.merged_into.clone());
        merged.unwrap_or_else(|| profile.clone())
    }

    /// All profiles of a customer.
    pub(crate) fn members<'s>(
        &'s self,
        root: &'s CustomerId,
    ) -> impl Iterator<Item = &'s Customer> {
        self.profiles.values().filter(move |profile| {
            profile.id == *root || profile.membership.merged_into.as_ref() == Some(root)
        })
    }

    /// All handles of a customer.
    pub(crate) fn handles<'s>(
        &'s self,
        root: &'s CustomerId,
    ) -> impl Iterator<Item = (&'s HandleKey, &'s Held)> {
        self.members(root).flat_map(|profile| &profile.handles)
    }

    /// Adds a profile that does not exist yet.
    pub(crate) fn create(&mut self, profile: Customer) {
        self.profiles.insert(profile.id.clone(), profile);
    }

    /// Makes a handle lead to a profile, and no more to the one that it led to.
    pub(crate) fn hold(&mut self, home: &CustomerId, key: &HandleKey, held: Held) {
        let contested = self.links.get(key).map(|link| link.contested.clone());
        if self.links.get(key).is_some_and(|link| link.home != *home) {
            self.release(key);
        }
        let customer = self.root_of(home);
        let link = Link {
            customer: customer.clone(),
            home: home.clone(),
            assurance: held.assurance,
            since: held.since,
            version: 0,
            shared: false,
            contested: contested.unwrap_or_default(),
        };
        self.links.insert(key.clone(), link);
        self.touched.insert(customer);
        if let Some(profile) = self.profiles.get_mut(home) {
            profile.handles.insert(key.clone(), held);
            if key.kind() == Some(HandleKind::Crm) {
                let (crm, id) = (key.scope().to_owned(), key.value().to_owned());
                profile.crm = Some(CrmLink { crm, id });
            }
        }
    }

    /// Keeps a record that is gone as one that counts no more.
    pub(crate) fn retire(&mut self, key: &HandleKey) {
        let Some(link) = self.links.get(key) else { return };
        let customer = link.customer.clone();
        let Some(profile) = self.profiles.get_mut(&link.home) else { return };
        let Some(held) = profile.handles.get_mut(key).filter(|held| !held.former) else { return };
        held.former = true;
        if profile.crm.as_ref().is_some_and(|crm| names(crm, key)) {
            profile.crm = None;
        }
        self.touched.insert(customer);
    }

    /// Makes a handle lead nowhere.
    pub(crate) fn release(&mut self, key: &HandleKey) {
        let Some(link) = self.links.remove(key) else { return };
        self.touched.insert(link.customer.clone());
        if let Some(profile) = self.profiles.get_mut(&link.home) {
            profile.handles.remove(key);
            if profile.crm.as_ref().is_some_and(|crm| names(crm, key)) {
                profile.crm = None;
            }
        }
    }

    /// Notes that a customer came with a handle and could not have it. Returns by how many it is
    /// contested.
    pub(crate) fn contest(&mut self, key: &HandleKey, by: CustomerId) -> usize {
        let Some(link) = self.links.get_mut(key) else { return 0 };
        link.contested.insert(by);
        link.contested.len()
    }

    /// Takes a handle from its profile and gives it one of its own, for what comes in by it alone.
    pub(crate) fn quarantine(&mut self, key: &HandleKey, own: Customer) {
        let (home, created_at) = (own.id.clone(), own.created_at);
        let contested = self.links.get(key).map(|link| link.contested.clone());
        self.create(own);
        let held = Held::new(created_at, Assurance::Attested);
        self.hold(&home, key, held);
        if let Some(link) = self.links.get_mut(key) {
            link.shared = true;
            link.contested = contested.unwrap_or_default();
        }
    }

    /// Remembers on a customer that a person told two profiles apart.
    pub(crate) fn keep_apart(&mut self, root: &CustomerId, pair: (CustomerId, CustomerId)) {
        if let Some(root) = self.profiles.get_mut(root) {
            root.membership.apart.insert(pair);
        }
    }

    /// Remembers on a customer that a person let a CRM record be made for it.
    pub(crate) fn admit(&mut self, root: &CustomerId) {
        if let Some(root) = self.profiles.get_mut(root) {
            root.membership.admitted = true;
        }
    }

    /// Joins the customers of two profiles. The older customer stays.
    pub(crate) fn join(&mut self, mut merge: Merge) -> Option<CustomerId> {
        let (one, other) = (self.root_of(&merge.joins.0), self.root_of(&merge.joins.1));
        let age = |id: &CustomerId| Some((self.profiles.get(id)?.created_at, id.clone()));
        let (root, absorbed) = if age(&one)? <= age(&other)? { (one, other) } else { (other, one) };
        let recorded = |root| self.members(root).any(|profile| profile.crm.is_some());
        let tags_move = recorded(&absorbed) && !recorded(&root);
        let joining: Vec<_> = self.members(&absorbed).map(|profile| profile.id.clone()).collect();
        for id in &joining {
            self.profiles.get_mut(id)?.membership.merged_into = Some(root.clone());
        }
        let gone = self.profiles.get_mut(&absorbed)?;
        let merges = std::mem::take(&mut gone.membership.merges);
        let apart = std::mem::take(&mut gone.membership.apart);
        let admitted = std::mem::take(&mut gone.membership.admitted);
        let tags = gone.joint_tags.take();
        if tags.is_some() {
            self.joint_tags.insert(absorbed.clone(), None);
        }
        let stays = self.profiles.get_mut(&root)?;
        stays.membership.merges.extend(merges);
        stays.membership.merges.insert(merge.id.clone(), merge.joins.clone());
        stays.membership.apart.extend(apart);
        stays.membership.admitted |= admitted;
        if tags_move && stays.joint_tags != tags {
            stays.joint_tags.clone_from(&tags);
            self.joint_tags.insert(root.clone(), tags);
        }
        for link in self.links.values_mut().filter(|link| link.customer == absorbed) {
            link.customer = root.clone();
        }
        merge.survivor = root.clone();
        merge.absorbed = absorbed;
        self.merges.push(merge);
        Some(root)
    }

    /// Takes one merge away, and tells the two profiles that it joined apart.
    pub(crate) fn part(&mut self, merge: Merge, at: Timestamp, by: String) -> Option<()> {
        let root = self.root_of(&merge.joins.0);
        let former = self.profiles.get_mut(&root)?;
        let (one, other) = former.membership.merges.remove(&merge.id)?;
        let merges = std::mem::take(&mut former.membership.merges);
        let mut apart = std::mem::take(&mut former.membership.apart);
        apart.insert(if one < other { (one, other) } else { (other, one) });
        let admitted = former.membership.admitted;
        let tags = former.joint_tags.take();
        for part in components(self.members(&root), &merges) {
            self.found(&part, &merges, &apart, admitted)?;
        }
        self.move_joint_tags(&root, tags);
        self.touched.insert(root);
        self.merges.push(Merge { state: MergeState::Undone { at, by }, ..merge });
        Some(())
    }

    /// Makes profiles that merges hold together a customer of their own.
    fn found(
        &mut self,
        part: &BTreeSet<CustomerId>,
        merges: &BTreeMap<MergeId, (CustomerId, CustomerId)>,
        apart: &BTreeSet<(CustomerId, CustomerId)>,
        admitted: bool,
    ) -> Option<()> {
        let age = |id: &&CustomerId| Some((self.profiles.get(*id)?.created_at, (*id).clone()));
        let root = part.iter().min_by_key(age)?.clone();
        for id in part {
            let membership = &mut self.profiles.get_mut(id)?.membership;
            membership.merged_into = (*id != root).then(|| root.clone());
        }
        let inside =
            |(one, other): &(CustomerId, CustomerId)| part.contains(one) && part.contains(other);
        let touches =
            |(one, other): &(CustomerId, CustomerId)| part.contains(one) || part.contains(other);
        let membership = &mut self.profiles.get_mut(&root)?.membership;
        membership.merges = merges
            .iter()
            .filter(|(_, pair)| inside(pair))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        membership.apart = apart.iter().filter(|pair| touches(pair)).cloned().collect();
        membership.admitted = admitted;
        for link in self.links.values_mut().filter(|link| part.contains(&link.home)) {
            link.customer = root.clone();
        }
        self.touched.insert(root);
        Some(())
    }

    /// After a split: the side with the CRM record goes on from the tags that the CRM was told.
    fn move_joint_tags(&mut self, root: &CustomerId, tags: Option<BTreeMap<String, Tag>>) {
        if tags.is_none() {
            return;
        }
        let recorded = self
            .profiles
            .values()
            .find(|profile| profile.crm.is_some() && self.read.contains_key(&profile.id));
        let heir = recorded.map_or_else(|| root.clone(), |profile| self.root_of(&profile.id));
        if heir == *root {
            if let Some(profile) = self.profiles.get_mut(root) {
                profile.joint_tags = tags;
            }
            return;
        }
        self.joint_tags.insert(root.clone(), None);
        if let Some(profile) = self.profiles.get_mut(&heir) {
            profile.joint_tags.clone_from(&tags);
        }
        self.joint_tags.insert(heir, tags);
    }

    /// What is different.
    pub(crate) fn change(mut self) -> Change {
        let mut customers = Vec::new();
        for (id, mut after) in std::mem::take(&mut self.profiles) {
            let Some(read) = self.read.get(&id) else {
                customers.push(CustomerWrite::Create(Box::new(after)));
                continue;
            };
            let same = read.handles == after.handles
                && read.crm == after.crm
                && read.membership == after.membership;
            let joint_tags = self.joint_tags.remove(&id);
            if same && !self.touched.contains(&id) && joint_tags.is_none() {
                continue;
            }
            after.membership.version += 1;
            let read = read.membership.version;
            customers.push(CustomerWrite::Update { read, after: Box::new(after), joint_tags });
        }
        Change { customers, links: self.link_writes(), merges: self.merges, reviews: self.reviews }
    }

    fn link_writes(&self) -> Vec<LinkWrite> {
        let keys: BTreeSet<_> = self.links_read.keys().chain(self.links.keys()).collect();
        let write = |key: &HandleKey| {
            let (read, after) = (self.links_read.get(key), self.links.get(key));
            let version = read.map(|link| link.version);
            let after = after.map(|link| Link { version: version.unwrap_or(0), ..link.clone() });
            if after.as_ref() == read {
                return None;
            }
            let after = after.map(|link| Link { version: link.version + 1, ..link });
            Some(LinkWrite { key: key.clone(), read: version, after })
        };
        keys.into_iter().filter_map(write).collect()
    }
}

fn names(crm: &CrmLink, key: &HandleKey) -> bool {
    key.kind() == Some(HandleKind::Crm) && crm.crm == key.scope() && crm.id == key.value()
}

/// The profiles that the merges hold together, one set each.
fn components<'p>(
    profiles: impl Iterator<Item = &'p Customer>,
    merges: &BTreeMap<MergeId, (CustomerId, CustomerId)>,
) -> Vec<BTreeSet<CustomerId>> {
    let mut parts: Vec<BTreeSet<CustomerId>> =
        profiles.map(|profile| BTreeSet::from([profile.id.clone()])).collect();
    for (one, other) in merges.values() {
        let (mut joined, rest): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| part.contains(one) || part.contains(other));
        parts = rest;
        parts.push(joined.drain(..).flatten().collect());
    }
    parts
}
