//! A store of the graph without a store: changes are written if nothing moved meanwhile.

use domain::{
    Assurance, Customer, CustomerId, Direction, EventId, EventKind, Handle, HandleKey, HandleKind,
    InboundEvent, MergeId,
};
use identity::{
    Answer, Candidates, Change, CustomerWrite, Group, Links, Merge, MergeState, Policy, Question,
    first_id, known, leads, part, resolve,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Profiles, handles and merges.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shelf {
    pub(crate) profiles: BTreeMap<CustomerId, Customer>,
    pub(crate) links: Links,
    pub(crate) merges: BTreeMap<MergeId, Merge>,
}

impl Shelf {
    pub(crate) fn group(&self, id: &CustomerId) -> Option<Group> {
        let mut root = self.profiles.get(id)?;
        if let Some(into) = &root.membership.merged_into {
            root = self.profiles.get(into)?;
        }
        let members = Group::member_ids(root).iter().map(|id| self.profiles[id].clone()).collect();
        Some(Group { root: root.clone(), members })
    }

    fn of(&self, keys: impl IntoIterator<Item = HandleKey>) -> Links {
        let link = |key| self.links.get_key_value(&key).map(|(k, l)| (k.clone(), l.clone()));
        keys.into_iter().filter_map(link).collect()
    }

    /// Decides about an event as `identity-match` does, and writes what came of it.
    pub(crate) fn tell(&mut self, event: &InboundEvent, policy: &Policy) -> Answer {
        let candidates = Candidates::of(event, policy);
        let links = self.of(candidates.keys());
        if let Some(answer) = known(event, policy, 1, &candidates, &links) {
            return answer;
        }
        let mut customers: BTreeSet<_> = links.values().map(|link| link.customer.clone()).collect();
        if !leads(&candidates, &links, policy) {
            customers.insert(first_id(&candidates, event));
        }
        let groups: Vec<_> = customers.iter().filter_map(|id| self.group(id)).collect();
        let all = groups.iter().flat_map(Group::handles).map(|(key, _)| key.clone());
        let links = self.of(candidates.keys().into_iter().chain(all));
        let on_record = BTreeSet::new();
        let question = Question {
            event,
            policy,
            config_version: 1,
            candidates: &candidates,
            on_record: &on_record,
            links: &links,
            groups: &groups,
            several: None,
        };
        let answer = resolve(question).expect("nobody else writes");
        self.write(&answer.change);
        answer
    }

    pub(crate) fn undo(&mut self, id: &MergeId) {
        let merge = self.merges[id].clone();
        let group = self.group(&merge.joins.0).unwrap();
        let links = self.of(group.handles().map(|(key, _)| key.clone()).collect::<Vec<_>>());
        let change = part(&group, &links, merge, ("anna".into(), Timestamp::MAX)).unwrap();
        self.write(&change);
    }

    pub(crate) fn standing(&self) -> Vec<MergeId> {
        let standing = self.merges.values().filter(|merge| merge.state == MergeState::Standing);
        standing.map(|merge| merge.id.clone()).collect()
    }

    pub(crate) fn write(&mut self, change: &Change) {
        for write in &change.customers {
            let after = match write {
                CustomerWrite::Create(customer) => {
                    assert!(!self.profiles.contains_key(&customer.id), "made twice");
                    (**customer).clone()
                }
                CustomerWrite::Update { read, after, .. } => {
                    assert_eq!(self.profiles[&after.id].membership.version, *read);
                    (**after).clone()
                }
            };
            self.profiles.insert(after.id.clone(), after);
        }
        for write in &change.links {
            assert_eq!(self.links.get(&write.key).map(|link| link.version), write.read);
            match &write.after {
                Some(link) => self.links.insert(write.key.clone(), link.clone()),
                None => self.links.remove(&write.key),
            };
        }
        self.merges.extend(change.merges.iter().map(|merge| (merge.id.clone(), merge.clone())));
        self.check();
    }

    /// What holds at any time.
    fn check(&self) {
        for (key, link) in &self.links {
            let home = &self.profiles[&link.home];
            assert!(home.handles.contains_key(key), "a handle leads where it is not held");
            let root = home.membership.merged_into.as_ref().unwrap_or(&link.home);
            assert_eq!(link.customer, *root, "a handle names another customer than its profile");
        }
        for (id, profile) in &self.profiles {
            for key in profile.handles.keys() {
                assert_eq!(self.links[key].home, *id, "a handle is held that leads elsewhere");
            }
            let Some(root) = &profile.membership.merged_into else { continue };
            let root = &self.profiles[root];
            assert!(root.membership.merged_into.is_none(), "a root is itself merged");
            assert!(Group::member_ids(root).contains(id), "a member that no merge names");
            assert!(profile.membership.merges.is_empty(), "a member bears merges");
            assert!((root.created_at, &root.id) < (profile.created_at, id), "the older stays");
        }
        for (id, merge) in &self.merges {
            let stands = merge.state == MergeState::Standing;
            let root = self.group(&merge.joins.0).unwrap().root;
            assert_eq!(root.membership.merges.contains_key(id), stands);
        }
    }

    /// Handles by profile: what is left when merges are looked through.
    pub(crate) fn held(&self) -> BTreeMap<CustomerId, String> {
        let told = |profile: &Customer| {
            let part = (&profile.created_at, &profile.handles, &profile.crm, &profile.profile);
            serde_json::to_string(&part).unwrap()
        };
        self.profiles.iter().map(|(id, profile)| (id.clone(), told(profile))).collect()
    }

    /// Which handles are one customer's.
    pub(crate) fn customers(&self) -> BTreeSet<BTreeSet<HandleKey>> {
        let mut customers: BTreeMap<&CustomerId, BTreeSet<HandleKey>> = BTreeMap::new();
        for (key, link) in &self.links {
            customers.entry(&link.customer).or_default().insert(key.clone());
        }
        customers.into_values().collect()
    }
}

/// The account of this number: all of one kind and issuer.
pub(crate) fn account(number: u8) -> Handle {
    let value = format!("a{number}");
    Handle::account(HandleKind::Account, "shop", &value, Assurance::Attested).unwrap()
}

/// An event by whoever has these accounts.
pub(crate) fn event(number: usize, accounts: &BTreeSet<u8>) -> InboundEvent {
    let second = 1_780_000_000 + i64::try_from(number).unwrap();
    let at = Timestamp::from_second(second).unwrap();
    InboundEvent {
        id: EventId::new("test", &number.to_string()),
        source: "test".into(),
        channel: "standard-webhooks".into(),
        kind: EventKind::Message,
        topic: "text".into(),
        direction: Direction::Inbound,
        occurred_at: at,
        received_at: at,
        handles: accounts.iter().map(|number| account(*number)).collect(),
        text: None,
        duration_s: None,
        fields: BTreeMap::new(),
        checks: domain::Checks::default(),
    }
}
