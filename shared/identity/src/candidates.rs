//! The handles of an event that may have a say.

use crate::{Claims, Policy};
use domain::{Assurance, Handle, HandleKey, InboundEvent, Obstacle, SetAside};

/// An event's handles, sorted into those that count and those that do not.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidates {
    /// The most telling first, each once, what a channel proved before what was claimed.
    pub handles: Vec<Handle>,
    /// The others.
    pub set_aside: Vec<SetAside>,
}

impl Candidates {
    /// Those of an event.
    #[must_use]
    pub fn of(event: &InboundEvent, policy: &Policy) -> Self {
        let in_mailbox = |handle: &Handle| handle.clone().in_mailbox(&policy.mailboxes);
        let mut handles: Vec<_> = event.handles.iter().map(in_mailbox).collect();
        handles.sort_by_cached_key(|handle| policy.rank(handle));
        let mut seen = std::collections::BTreeSet::new();
        handles.retain(|handle| seen.insert(handle.key()));
        let mut candidates = Self { handles: Vec::new(), set_aside: Vec::new() };
        for handle in handles {
            if policy.blocked.blocks(&handle) {
                candidates.set_aside(handle.key(), Obstacle::Blocked);
            } else if handle.assurance == Assurance::Claimed && policy.claims == Claims::Ignore {
                candidates.set_aside(handle.key(), Obstacle::Claimed);
            } else {
                candidates.handles.push(handle);
            }
        }
        if !candidates.handles.iter().any(|handle| policy.kind(handle.kind).matches) {
            for key in candidates.keys() {
                candidates.set_aside(key, Obstacle::NotMatching);
            }
        }
        candidates
    }

    /// The keys of those that count.
    #[must_use]
    pub fn keys(&self) -> Vec<HandleKey> {
        self.handles.iter().map(Handle::key).collect()
    }

    /// Puts a record before the handle that led to it: it tells as much as that.
    pub(crate) fn add_record(&mut self, record: Handle, before: &HandleKey) {
        let place = self.handles.iter().position(|handle| handle.key() == *before);
        self.handles.insert(place.unwrap_or(0), record);
    }

    /// Takes another record for the one that the event names.
    pub fn replace(&mut self, named: &HandleKey, record: Option<Handle>) {
        if let Some(record) = record {
            self.add_record(record, named);
        }
        self.set_aside(named.clone(), Obstacle::UnknownRecord);
    }

    /// Takes the say from a handle.
    pub fn set_aside(&mut self, handle: HandleKey, why: Obstacle) {
        self.handles.retain(|each| each.key() != handle);
        self.set_aside.push(SetAside { handle, why, limit: None, leads_to: None });
    }
}
