//! The states through which a customer's objects went.

use crate::EventId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What events told of the states of objects, such as orders, each with its time: a function of the
/// set of events, whatever their order.
///
/// Bounded to the newest [`States::MOST`] over all objects of one customer, about 25 KB. An object
/// whose states have fallen off counts as one that nothing is known of.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct States(BTreeSet<(Timestamp, EventId, String, String)>);

impl States {
    /// How many are kept; the oldest fall off first.
    pub const MOST: usize = 256;

    /// The longest name of an object or a state, in bytes.
    pub const MOST_BYTES: usize = 64;

    /// Records that an event told an object's state; the same event tells it once. A longer name
    /// than [`States::MOST_BYTES`] tells nothing.
    pub fn record(&mut self, at: Timestamp, event: &EventId, object: &str, state: &str) {
        if object.len() <= Self::MOST_BYTES && state.len() <= Self::MOST_BYTES {
            self.0.insert((at, event.clone(), object.to_owned(), state.to_owned()));
            self.bound();
        }
    }

    /// The object's last state before the event, with its time, in the order of the source's times.
    #[must_use]
    pub fn before(
        &self,
        at: Timestamp,
        event: &EventId,
        object: &str,
    ) -> Option<((Timestamp, &EventId), &str)> {
        let start = (at, event.clone(), String::new(), String::new());
        let mut earlier = self.0.range(..start).rev();
        let (at, by, _, state) = earlier.find(|(_, _, of, _)| of == object)?;
        Some(((*at, by), state))
    }

    /// Takes in what others remember.
    pub fn absorb(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
        self.bound();
    }

    fn bound(&mut self) {
        while self.0.len() > Self::MOST {
            self.0.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(states: &mut States, second: i64) {
        let at = Timestamp::from_second(second / 3).unwrap();
        let object = format!("A-{}", second % 2);
        states.record(at, &EventId::new("s", &second.to_string()), &object, &second.to_string());
    }

    proptest! {
        #[test]
        fn what_is_known_depends_on_what_was_told_not_on_its_order(
            seconds in prop::collection::vec(0i64..1_000, 1..600), cut in 0usize..600
        ) {
            let known = |order: &[i64]| {
                let mut states = States::default();
                for second in order {
                    told(&mut states, *second);
                }
                states
            };
            let mut backwards = seconds.clone();
            backwards.reverse();
            backwards.extend(&seconds);
            let whole = known(&seconds);
            prop_assert!(whole.0.len() <= States::MOST);
            prop_assert_eq!(&whole, &known(&backwards));
            let (one, other) = seconds.split_at(cut.min(seconds.len()));
            let mut joined = known(other);
            joined.absorb(&known(one));
            prop_assert_eq!(whole, joined);
        }
    }

    #[test]
    fn the_state_before_an_event_is_its_own_objects_by_the_sources_time() {
        let mut states = States::default();
        let event = |key: &str| EventId::new("s", key);
        let at = |second| Timestamp::from_second(second).unwrap();
        states.record(at(30), &event("c"), "A", "shipped");
        states.record(at(10), &event("a"), "A", "placed");
        states.record(at(20), &event("b"), "B", "paid");
        let before = |second, object| states.before(at(second), &event("x"), object);
        assert_eq!(before(25, "A"), Some(((at(10), &event("a")), "placed")));
        assert_eq!(before(40, "A"), Some(((at(30), &event("c")), "shipped")));
        assert_eq!(before(5, "A"), None);
        assert_eq!(states.before(at(30), &event("c"), "A").map(|it| it.1), Some("placed"));
        let mut after = states.clone();
        after.record(at(50), &event("d"), "A", &"x".repeat(65));
        assert_eq!(after, states, "a name that is too long tells nothing");
    }
}
