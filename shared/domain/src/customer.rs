//! What Omnicord knows of one customer.

use crate::{Assurance, CustomerId, EventId, HandleKey, MergeId, Remade, Series, States};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A value with the time at which its source said so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dated<T> {
    /// The value.
    pub value: T,
    /// The source's time, not the time of arrival.
    pub at: Timestamp,
    /// The configured source that said so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The event that said so; it decides between two values of the same time.
    pub by: EventId,
}

impl<T> Dated<T> {
    /// Whether this overwrites `other` in whatever order the two arrive.
    pub fn is_newer_than<U>(&self, other: &Dated<U>) -> bool {
        (self.at, &self.by) > (other.at, &other.by)
    }
}

/// A tag that the customer carries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tag {
    /// When the event that set it happened.
    pub since: Timestamp,
    /// When it falls off, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The rule that set it.
    pub rule: String,
    /// The event that set it.
    pub event: EventId,
}

/// The times at which a counted thing happened, newest last: an exact sliding-window count.
///
/// Bounded to [`Counter::MOST`] times; a count that reaches it means "at least as many".
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counter(BTreeSet<(Timestamp, EventId)>);

impl Counter {
    /// How many times are kept; the oldest fall off first.
    pub const MOST: usize = 256;

    /// Records one occurrence; the same event counts once.
    pub fn record(&mut self, at: Timestamp, event: &EventId) {
        self.0.insert((at, event.clone()));
        while self.0.len() > Self::MOST {
            self.0.pop_first();
        }
    }

    /// Forgets what no window that ends at or after `now` can still hold.
    pub fn forget_before(&mut self, now: Timestamp, window: SignedDuration) {
        let start = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        self.0.retain(|(at, _)| *at > start);
    }

    /// How often it happened in the window that ends at `now`, both ends in time order.
    #[must_use]
    pub fn count(&self, now: Timestamp, window: SignedDuration) -> usize {
        let start = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        self.0.iter().filter(|(at, _)| *at > start && *at <= now).count()
    }

    /// Takes in what another counter remembers.
    pub fn absorb(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
        while self.0.len() > Self::MOST {
            self.0.pop_first();
        }
    }

    /// Every remembered occurrence with its event, oldest first.
    pub fn occurrences(&self) -> impl Iterator<Item = (Timestamp, &EventId)> {
        self.0.iter().map(|(at, event)| (*at, event))
    }

    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The customer's record in the CRM.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CrmLink {
    /// The connector, such as `tryton`.
    pub crm: String,
    /// The record's id in the connector's own form.
    pub id: String,
}

/// What events have made of the customer. Only `tag-update` writes it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Profile {
    /// Current tags by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, Tag>,
    /// When an event last took a tag away, with that event, by the tag's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lifted: BTreeMap<String, (Timestamp, EventId)>,
    /// Sliding-window counters by the name of their rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counters: BTreeMap<String, Counter>,
    /// What events told over time, by the name of the fact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Series>,
    /// The states of the customer's objects, by the name of the validation rule that judges them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<String, States>,
    /// Facts that events told, the newest of each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Dated<Value>>,
    /// The latest due time at which each timer rang, with the event, by the timer's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rung: BTreeMap<String, (Timestamp, EventId)>,
    /// When the customer was last heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// The event that said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event: Option<EventId>,
}

impl Profile {
    /// Notes that the customer was heard of, unless something newer is known.
    pub fn see(&mut self, at: Timestamp, event: &EventId) {
        if self.heard().is_none_or(|newest| (at, event) > (newest.0, &newest.1)) {
            self.last_seen = Some(at);
            self.last_event = Some(event.clone());
        }
    }

    /// Notes that a timer rang, unless a later ring is known.
    pub fn ring(&mut self, timer: &str, due: Timestamp, event: &EventId) {
        let this = (due, event.clone());
        let latest = self.rung.entry(timer.to_owned()).or_insert_with(|| this.clone());
        if this > *latest {
            *latest = this;
        }
    }

    /// When the customer was last heard of, and by which event.
    #[must_use]
    pub fn heard(&self) -> Option<(Timestamp, EventId)> {
        self.last_seen.zip(self.last_event.clone())
    }

    /// The newest time known of the customer, with its event: they were heard of, or a timer rang.
    #[must_use]
    pub fn newest(&self) -> Option<(Timestamp, EventId)> {
        self.rung.values().cloned().chain(self.heard()).max()
    }

    /// Sets a field unless something newer is known. Returns whether it did.
    pub fn set_field(&mut self, name: &str, value: Dated<Value>) -> bool {
        let newer = self.fields.get(name).is_none_or(|known| value.is_newer_than(known));
        if newer {
            self.fields.insert(name.to_owned(), value);
        }
        newer
    }
}

/// A handle that leads to a profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Held {
    /// When the event happened by which it came to be held.
    pub since: Timestamp,
    /// Whether a channel ever proved it.
    pub assurance: Assurance,
    /// Whether it is a CRM record that was deleted or merged away: it still leads here, and counts
    /// no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub former: bool,
}

impl Held {
    /// A handle that counts.
    #[must_use]
    pub fn new(since: Timestamp, assurance: Assurance) -> Self {
        Self { since, assurance, former: false }
    }
}

/// How a profile stands in the identity graph.
///
/// Several profiles are one customer while merges join them. The oldest of them is the root: its
/// id is the customer's, and it alone bears the merges. Taking a merge away splits the customer
/// again, since no profile ever holds what belongs to another.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Membership {
    /// Counts the writes of handles, CRM record and membership; a write names the version that it
    /// read. A root's also counts those of its members.
    pub version: u64,
    /// The root, where that is another profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CustomerId>,
    /// On the root: every standing merge, with the two profiles that it joins.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub merges: BTreeMap<MergeId, (CustomerId, CustomerId)>,
    /// On the root: pairs of profiles, the lesser id first, that a person told apart. They are not
    /// merged again but by a person.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub apart: BTreeSet<(CustomerId, CustomerId)>,
    /// On the root: a person let a CRM record be made for this customer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admitted: bool,
}

/// One profile of the identity graph, as it is stored; or, with the same fields, the customer that
/// several profiles make.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Customer {
    /// Derived from the first handle.
    pub id: CustomerId,
    /// When the event that made the customer known happened.
    pub created_at: Timestamp,
    /// Every handle that leads here.
    #[serde(default)]
    pub handles: BTreeMap<HandleKey, Held>,
    /// The record in the CRM, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm: Option<CrmLink>,
    /// What events have made of the customer.
    #[serde(default)]
    pub profile: Profile,
    /// Counts the writes of `profile`; a write names the version that it read. A root's also
    /// counts those of its members.
    #[serde(default)]
    pub version: u64,
    /// How it stands in the identity graph.
    #[serde(default)]
    pub membership: Membership,
    /// On the root of several profiles: the tags that the customer bears, as the last event left
    /// them. Each profile's own tags are those that it would bear alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint_tags: Option<BTreeMap<String, Tag>>,
    /// The call that is set to wake each timer first, by the timer's name. A call is never taken
    /// back: one for a timer that has moved wakes nobody.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wakes: BTreeMap<String, Timestamp>,
    /// The last replay that made the profile anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remade: Option<Remade>,
}

impl Customer {
    /// A profile with nothing in it yet.
    #[must_use]
    pub fn new(id: CustomerId, created_at: Timestamp) -> Self {
        Self {
            id,
            created_at,
            handles: BTreeMap::new(),
            crm: None,
            profile: Profile::default(),
            version: 0,
            membership: Membership::default(),
            joint_tags: None,
            wakes: BTreeMap::new(),
            remade: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        #[test]
        fn a_count_depends_on_what_happened_not_on_its_order(
            seconds in prop::collection::vec(0i64..1000, 1..60), twice in any::<bool>()
        ) {
            let record = |order: &[i64]| {
                let mut counter = Counter::default();
                for second in order {
                    counter.record(at(*second), &EventId::new("s", &second.to_string()));
                }
                counter
            };
            let mut backwards = seconds.clone();
            backwards.reverse();
            if twice {
                backwards.extend(&seconds);
            }
            prop_assert_eq!(record(&seconds), record(&backwards));
        }

        #[test]
        fn the_newest_field_wins_in_any_order(seconds in prop::collection::vec(0i64..9, 1..20)) {
            let set = |order: &[(usize, i64)]| {
                let mut profile = Profile::default();
                for (index, second) in order {
                    let by = EventId::new("s", &index.to_string());
                    profile.set_field("name", Dated { value: (*index).into(), at: at(*second), source: "s".into(), by });
                }
                profile
            };
            let order: Vec<_> = seconds.into_iter().enumerate().collect();
            let backwards: Vec<_> = order.iter().rev().copied().collect();
            prop_assert_eq!(set(&order), set(&backwards));
        }
    }

    #[test]
    fn a_window_ends_with_now_and_excludes_its_start() {
        let mut counter = Counter::default();
        for second in [100, 160, 161, 220, 300] {
            counter.record(at(second), &EventId::new("s", &second.to_string()));
        }
        assert_eq!(counter.count(at(220), SignedDuration::from_secs(60)), 2);
    }
}
