//! What the CRM is to hold of each customer, beside what it was last given.

use crate::StoreError;
use domain::{CrmLink, CustomerId, Dated, Reason};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The first wait after a refusal; each later one is twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// The longest such wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// One field or tag of one CRM record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ReplicaKey {
    /// The record: connector and id, such as `tryton:4`.
    pub record: String,
    /// The part of it: `field:NAME` by the CRM's own name, or `tag:NAME`.
    pub part: String,
}

/// What a replica is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part<'a> {
    /// A field, by the CRM's own name.
    Field(&'a str),
    /// Whether the record bears this tag.
    Tag(&'a str),
}

impl ReplicaKey {
    /// Of this part of the record.
    #[must_use]
    pub fn new(link: &CrmLink, part: Part<'_>) -> Self {
        let part = match part {
            Part::Field(name) => format!("field:{name}"),
            Part::Tag(name) => format!("tag:{name}"),
        };
        Self { record: Self::record(link), part }
    }

    /// How a record is named in keys.
    #[must_use]
    pub fn record(link: &CrmLink) -> String {
        format!("{}:{}", link.crm, link.id)
    }

    /// The record's id, where it is one of this CRM's.
    #[must_use]
    pub fn contact(&self, crm: &str) -> Option<&str> {
        self.record.strip_prefix(crm)?.strip_prefix(':')
    }

    /// The part of the record; none where this version knows no such part.
    #[must_use]
    pub fn part(&self) -> Option<Part<'_>> {
        match self.part.split_once(':')? {
            ("field", name) => Some(Part::Field(name)),
            ("tag", name) => Some(Part::Tag(name)),
            _ => None,
        }
    }
}

/// A refusal by the CRM that stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// How often it refused the value.
    pub times: u32,
    /// Why, the last time.
    pub reason: Reason,
}

/// A value that the CRM is to hold, beside the one that it was last given.
///
/// What is wanted is the newest by its source's time, in whatever order the values arrive. The
/// value goes out while it differs from what is held, and never where it does not.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Replica {
    /// Which.
    #[serde(flatten)]
    pub key: ReplicaKey,
    /// Counts the writes; a write names the version that it read.
    pub version: u64,
    /// The profile whose event asked for the value.
    pub customer: CustomerId,
    /// What the CRM is to hold.
    pub wanted: Dated<Value>,
    /// What the CRM was last given, or told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Value>,
    /// From when on the next batch takes it along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// That the CRM refuses the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

/// What becomes of a value that the CRM is to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// It is to go out.
    Missing,
    /// The CRM holds it.
    Held,
    /// A newer one is known.
    Stale,
}

impl Replica {
    /// Of a value that nobody has sent yet.
    #[must_use]
    pub fn new(key: ReplicaKey, customer: CustomerId, wanted: Dated<Value>) -> Self {
        Self { key, version: 0, customer, wanted, held: None, due: None, refused: None }
    }

    /// Takes a value in. Where it has to wait for a batch, `due` says until when at most.
    pub fn want(&mut self, value: Dated<Value>, due: Option<Timestamp>) -> Wanted {
        if self.wanted.is_newer_than(&value) {
            return Wanted::Stale;
        }
        if value.is_newer_than(&self.wanted) {
            self.refused = None;
        }
        self.wanted = value;
        if self.is_held() {
            self.settle();
            return Wanted::Held;
        }
        if let Some(due) = due {
            self.due = Some(self.due.map_or(due, |known| known.min(due)));
        }
        Wanted::Missing
    }

    /// Takes in that the CRM itself said what it holds.
    pub fn told(&mut self, value: Dated<Value>) {
        if !self.wanted.is_newer_than(&value) {
            self.held = Some(value.value.clone());
            self.wanted = value;
            self.settle();
        }
    }

    /// Takes in that the CRM was given a value. Where another is wanted by now, it goes out with
    /// the next batch: nobody knows which of two writes at once came last.
    pub fn given(&mut self, value: Value, now: Timestamp) {
        self.held = Some(value);
        if self.is_held() {
            self.settle();
        } else {
            self.due = Some(self.due.map_or(now, |known| known.min(now)));
        }
    }

    /// Takes in that the CRM refuses the value: it is offered again, at growing intervals, until a
    /// person has mended what is wrong or another value is wanted.
    pub fn refuse(&mut self, reason: Reason, now: Timestamp) {
        let times = self.refused.as_ref().map_or(0, |refused| refused.times) + 1;
        let wait = FIRST_WAIT.saturating_mul(2i32.saturating_pow(times - 1)).min(LONGEST_WAIT);
        self.due = Some(now.checked_add(wait).unwrap_or(Timestamp::MAX));
        self.refused = Some(Refused { times, reason });
    }

    /// Whether the CRM holds what it is to hold.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.as_ref() == Some(&self.wanted.value)
    }

    /// Waits for no batch any more.
    pub fn settle(&mut self) {
        self.due = None;
        self.refused = None;
    }
}

/// The replicas of every CRM record. `outbound-delivery` writes them.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Replicas {
    /// Reads one.
    async fn replica(&self, key: &ReplicaKey) -> Result<Option<Replica>, StoreError>;

    /// Replaces one by what follows it: that of the version before `after`'s. Returns whether it
    /// did; if not, another writer was faster.
    async fn put_replica(&self, after: &Replica) -> Result<bool, StoreError>;

    /// Those that are due at `now`, the longest due first. The list may lag behind: read each
    /// before acting on it.
    async fn due_replicas(&self, now: Timestamp, most: u32) -> Result<Vec<ReplicaKey>, StoreError>;

    /// Those of one record, as [`ReplicaKey::record`] names it.
    async fn replicas_of(&self, record: &str) -> Result<Vec<ReplicaKey>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::EventId;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn dated(second: i64, value: &str) -> Dated<Value> {
        let at = Timestamp::from_second(second).unwrap();
        let by = EventId::new("shop", &second.to_string());
        Dated { value: json!(value), at, source: String::new(), by }
    }

    fn replica(value: Dated<Value>) -> Replica {
        let link = CrmLink { crm: "tryton".into(), id: "4".into() };
        let key = ReplicaKey::new(&link, Part::Field("city"));
        Replica::new(key, CustomerId::new("a"), value)
    }

    #[test]
    fn a_key_reads_back() {
        let link = CrmLink { crm: "tryton".into(), id: "4".into() };
        for part in [Part::Field("a:b"), Part::Tag("VIP")] {
            let key = ReplicaKey::new(&link, part);
            assert_eq!((key.part(), key.contact("tryton")), (Some(part), Some("4")));
            assert_eq!(key.contact("try"), None);
        }
    }

    #[test]
    fn the_first_change_says_when_the_batch_goes_out() {
        let mut replica = replica(dated(1, "Bonn"));
        let due = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(replica.want(dated(1, "Bonn"), Some(due(61))), Wanted::Missing);
        assert_eq!(replica.want(dated(2, "Berlin"), Some(due(90))), Wanted::Missing);
        assert_eq!(replica.due, Some(due(61)));
    }

    #[test]
    fn what_the_crm_tells_takes_back_what_was_older_only() {
        let mut replica = replica(dated(5, "Bonn"));
        assert_eq!(replica.want(dated(5, "Bonn"), Some(NOW)), Wanted::Missing);
        replica.told(dated(3, "Ulm"));
        assert!(!replica.is_held() && replica.due.is_some());
        replica.told(dated(7, "Ulm"));
        assert!(replica.is_held() && replica.due.is_none());
        assert_eq!(replica.want(dated(8, "Ulm"), Some(NOW)), Wanted::Held);
    }

    #[test]
    fn a_refused_value_is_offered_less_and_less_often_and_a_new_one_at_once() {
        let mut replica = replica(dated(1, "Bonn"));
        let reason = Reason { code: "crm_refused".into(), detail: String::new() };
        let mut waits = Vec::new();
        for _ in 0..9 {
            replica.refuse(reason.clone(), NOW);
            waits.push(replica.due.unwrap().as_second() / 60);
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 360, 360]);
        replica.want(dated(2, "Ulm"), Some(NOW));
        assert_eq!((replica.due, replica.refused), (Some(NOW), None));
    }

    #[test]
    fn a_write_that_came_too_late_is_made_good() {
        let mut replica = replica(dated(1, "Bonn"));
        replica.want(dated(2, "Ulm"), None);
        replica.given(json!("Ulm"), NOW);
        assert_eq!(replica.due, None);
        replica.given(json!("Bonn"), NOW);
        assert_eq!(replica.due, Some(NOW), "the CRM may hold the older one now");
    }
}
