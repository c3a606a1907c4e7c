//! Identifiers that are derived from what they name, so that a replay meets what it made before.

use crate::{HandleKey, Medium, Step};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;

/// First 128 bits of the SHA-256 over the length-prefixed parts, as 32 lower-case hex digits.
///
/// Length prefixes keep `("ab", "c")` and `("a", "bc")` apart.
fn derive(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let high =
        hasher.finalize().iter().take(16).fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
    format!("{high:032x}")
}

macro_rules! derived_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            fn derived(parts: &[&str]) -> Self {
                Self(format!(concat!($prefix, "_{}"), derive(parts)))
            }

            /// Takes back an identifier that was printed or stored.
            #[must_use]
            pub fn from_stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The identifier as it is printed and stored.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

derived_id!(
    /// An inbound event, `evt_…`: the same for every delivery of the same occurrence.
    EventId,
    "evt"
);
derived_id!(
    /// A customer of this company, `cus_…`.
    CustomerId,
    "cus"
);
derived_id!(
    /// The idempotency key of one outward effect, `eff_…`.
    EffectKey,
    "eff"
);
derived_id!(
    /// A failure record, `fail_…`: one per message and step, however often it fails.
    FailureId,
    "fail"
);
derived_id!(
    /// The line of a queue group at a step, `line_…`.
    LineId,
    "line"
);

derived_id!(
    /// A merge of two profiles, `mrg_…`.
    MergeId,
    "mrg"
);
derived_id!(
    /// A question for a person, `rev_…`: the same question is asked once.
    ReviewId,
    "rev"
);
derived_id!(
    /// The giving of some handles to a profile of their own, `ext_…`.
    ExtractionId,
    "ext"
);
derived_id!(
    /// The erasure of a person, `era_…`.
    ErasureId,
    "era"
);

derived_id!(
    /// One run over stored events, `rpl_…`.
    ReplayId,
    "rpl"
);

derived_id!(
    /// The consent of one handle to one medium, `cns_…`: it tells neither, so that an erasure can
    /// leave it in place.
    ConsentId,
    "cns"
);
derived_id!(
    /// A wake-up call of one of a customer's timers, `tmr_…`: it names the schedule.
    WakeId,
    "tmr"
);

impl EventId {
    /// From the configured source's name and the dedupe key that the source itself defines.
    #[must_use]
    pub fn new(source: &str, dedupe_key: &str) -> Self {
        Self::derived(&["event", source, dedupe_key])
    }

    /// For a timer that is due: the same for every call that wakes it.
    #[must_use]
    pub fn ring(profile: &CustomerId, timer: &str, due: Timestamp) -> Self {
        Self::derived(&["ring", profile.as_str(), timer, &due.to_string()])
    }
}

impl LineId {
    /// From the step and the FIFO group of its messages.
    #[must_use]
    pub fn new(step: Step, group: &str) -> Self {
        Self::derived(&["line", step.as_str(), group])
    }
}

impl WakeId {
    /// From the profile that keeps the timer, the timer's name, and the time at which it is due: a
    /// timer that moves gets another call, and none takes the place of another.
    #[must_use]
    pub fn new(profile: &CustomerId, timer: &str, due: Timestamp) -> Self {
        Self::derived(&["wake", profile.as_str(), timer, &due.to_string()])
    }
}

impl CustomerId {
    /// From the handle that the customer was first seen by.
    #[must_use]
    pub fn new(first_handle: &str) -> Self {
        Self::derived(&["customer", first_handle])
    }
}

impl CustomerId {
    /// For a handle whose own id is taken: the customer that it once began has lost it since.
    #[must_use]
    pub fn anew(first_handle: &str, event: &EventId) -> Self {
        Self::derived(&["customer", first_handle, event.as_str()])
    }

    /// For handles that were given a profile of their own, where the ids of all of them are taken.
    #[must_use]
    pub fn extracted(by: &ExtractionId) -> Self {
        Self::derived(&["customer", by.as_str()])
    }

    /// In place of a customer who was erased.
    #[must_use]
    pub fn erased() -> Self {
        Self("cus_erased".to_owned())
    }
}

impl ExtractionId {
    /// From the profile that had the handles, and the handles in whatever order.
    #[must_use]
    pub fn new(from: &CustomerId, handles: &BTreeSet<HandleKey>) -> Self {
        let handles = handles.iter().map(HandleKey::as_str);
        let parts: Vec<_> = ["extraction", from.as_str()].into_iter().chain(handles).collect();
        Self::derived(&parts)
    }
}

impl ErasureId {
    /// From the customer, and how often they were erased before: who comes again may go again.
    #[must_use]
    pub fn new(customer: &CustomerId, before: u64) -> Self {
        Self::derived(&["erasure", customer.as_str(), &before.to_string()])
    }
}

impl ReplayId {
    /// From what is to be replayed, in a form that is the same for the same, and when the run began.
    #[must_use]
    pub fn new(plan: &str, begun_at: Timestamp) -> Self {
        Self::derived(&["replay", plan, &begun_at.to_string()])
    }
}

impl MergeId {
    /// From the two profiles, what caused the merge, and the membership version that it read: two
    /// profiles that were separated and joined again were merged twice.
    #[must_use]
    pub fn new(one: &CustomerId, other: &CustomerId, cause: &str, version: u64) -> Self {
        Self::derived(&["merge", one.as_str(), other.as_str(), cause, &version.to_string()])
    }
}

impl ReviewId {
    /// From what is asked and about whom.
    #[must_use]
    pub fn new(question: &str, about: &[&str]) -> Self {
        let parts: Vec<_> = ["review", question].into_iter().chain(about.iter().copied()).collect();
        Self::derived(&parts)
    }
}

impl EffectKey {
    /// From the event that caused the effect, the rule that asked for it, and its target.
    #[must_use]
    pub fn new(event: &EventId, rule: &str, target: &str) -> Self {
        Self::derived(&["effect", event.as_str(), rule, target])
    }

    /// For what a replay tells the same target once more, because it is something else by now.
    #[must_use]
    pub fn retold(&self, replay: &ReplayId) -> Self {
        Self::derived(&["effect", self.as_str(), replay.as_str()])
    }
}

impl ConsentId {
    /// From the medium and the handle that it reaches.
    #[must_use]
    pub fn new(medium: Medium, handle: &HandleKey) -> Self {
        Self::derived(&["consent", medium.as_str(), handle.as_str()])
    }
}

impl EffectKey {
    /// Which of so many the effect falls to: the same one each time, each as likely as any other.
    /// 0 where there are none.
    #[must_use]
    pub fn turn(&self, among: usize) -> usize {
        let digits = self.0.get("eff_".len()..).and_then(|digits| digits.get(..16));
        let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let among = u64::try_from(among).unwrap_or(u64::MAX).max(1);
        usize::try_from(number.unwrap_or_default() % among).unwrap_or_default()
    }
}

impl FailureId {
    /// From the step that gave up and the identity of the message it gave up on.
    #[must_use]
    pub fn new(step: &str, message: &str) -> Self {
        Self::derived(&["failure", step, message])
    }
}

/// A FIFO group for what these parts name: SQS takes 128 characters, and none that is personal.
#[must_use]
pub fn queue_group(parts: &[&str]) -> String {
    derive(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_says_what_it_names() {
        assert_eq!(
            EventId::new("shop", "msg_1").to_string(),
            EventId::new("shop", "msg_1").to_string()
        );
        assert!(EventId::new("shop", "msg_1").as_str().starts_with("evt_"));
        assert_ne!(EventId::new("shop", "msg_1"), EventId::new("desk", "msg_1"));
    }

    #[test]
    fn effects_fall_to_each_in_turn_about_as_often() {
        let mut counts = [0; 3];
        for number in 0..3_000 {
            let key = EffectKey::new(&EventId::new("shop", &number.to_string()), "rule", "task");
            assert_eq!(key.turn(3), key.turn(3));
            counts[key.turn(3)] += 1;
        }
        // Five standard deviations of a fair choice.
        assert!(counts.iter().all(|count| (870..=1_130).contains(count)), "{counts:?}");
        assert_eq!(EffectKey::from_stored("eff_1").turn(0), 0);
    }

    proptest! {
        #[test]
        fn moving_a_border_between_parts_changes_the_id(text in "[a-z]{2,20}", at in 1usize..19) {
            let at = at.min(text.len() - 1);
            prop_assert_ne!(EventId::new(&text, ""), EventId::new(&text[..at], &text[at..]));
        }
    }
}
