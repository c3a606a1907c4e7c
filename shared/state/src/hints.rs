//! What agents are to know when they next speak with a customer.

use crate::StoreError;
use domain::{CustomerId, EffectKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// One hint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hint {
    /// The effect that left it.
    pub key: EffectKey,
    /// The rule that asked for it.
    pub rule: String,
    /// When that was.
    pub at: Timestamp,
    /// From when on it says nothing any more.
    pub until: Timestamp,
    /// The words.
    pub text: String,
}

/// The hints about one profile, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HintList(Vec<Hint>);

impl HintList {
    /// More are not kept: the oldest go.
    pub const MOST: usize = 20;

    /// Takes a hint in, once, and forgets what is over by `now`.
    #[must_use]
    pub fn with(mut self, hint: Hint, now: Timestamp) -> Self {
        self.0.retain(|known| known.key != hint.key);
        self.0.push(hint);
        self.0.retain(|hint| hint.until > now);
        self.0.sort_by_cached_key(|hint| Reverse((hint.at, hint.key.clone())));
        self.0.truncate(Self::MOST);
        self
    }

    /// What still says something at `now`, newest first.
    pub fn current(&self, now: Timestamp) -> impl Iterator<Item = &Hint> {
        self.0.iter().filter(move |hint| hint.until > now)
    }

    /// When the last of them is over.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.0.iter().map(|hint| hint.until).max()
    }
}

/// The hints about customers.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Hints {
    /// Adds a hint about a profile; a repetition changes nothing.
    async fn leave_hint(
        &self,
        profile: &CustomerId,
        hint: &Hint,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Reads the hints about a profile.
    async fn hints(&self, profile: &CustomerId) -> Result<HintList, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::EventId;
    use jiff::SignedDuration;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn hint(number: i64) -> Hint {
        let at = NOW + SignedDuration::from_secs(number);
        Hint {
            key: EffectKey::new(&EventId::new("shop", &number.to_string()), "rule", "agent.hint"),
            rule: "rule".into(),
            at,
            until: at + SignedDuration::from_hours(1),
            text: number.to_string(),
        }
    }

    fn texts(list: &HintList, now: Timestamp) -> Vec<&str> {
        list.current(now).map(|hint| &*hint.text).collect()
    }

    #[test]
    fn the_newest_come_first_in_any_order_and_each_once() {
        let add = |list: HintList, number| list.with(hint(number), NOW);
        let list = [1, 3, 2, 3, 1].into_iter().fold(HintList::default(), add);
        assert_eq!(texts(&list, NOW), ["3", "2", "1"]);
        let reversed = [2, 1, 3].into_iter().fold(HintList::default(), add);
        assert_eq!(list, reversed);
    }

    #[test]
    fn what_is_over_is_neither_shown_nor_kept() {
        let list = HintList::default().with(hint(1), NOW).with(hint(2), NOW);
        let later = NOW + SignedDuration::from_secs(3601);
        assert_eq!(texts(&list, later), ["2"]);
        assert_eq!(list.with(hint(9), later).0.len(), 2);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let most = i64::try_from(HintList::MOST).unwrap();
        let list = (0..most + 5).fold(HintList::default(), |list, n| list.with(hint(n), NOW));
        assert_eq!(texts(&list, NOW).len(), HintList::MOST);
        assert_eq!(texts(&list, NOW).last(), Some(&"5"));
    }
}
