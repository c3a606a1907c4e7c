//! What a timer's wake-up call says.

use crate::{
    Checks, CustomerId, Direction, EventId, EventKind, InboundEvent, Match, MatchOutcome, Matched,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

impl InboundEvent {
    /// The name under which timers stand among the sources and channels.
    const TIMERS: &'static str = "timers";

    /// A timer of this profile being due.
    #[must_use]
    pub fn ring(profile: &CustomerId, timer: &str, due: Timestamp, received_at: Timestamp) -> Self {
        Self {
            id: EventId::ring(profile, timer, due),
            source: Self::TIMERS.to_owned(),
            channel: Self::TIMERS.to_owned(),
            kind: EventKind::Timer,
            topic: timer.to_owned(),
            direction: Direction::default(),
            occurred_at: due,
            received_at,
            handles: Vec::new(),
            text: None,
            duration_s: None,
            checks: Checks::default(),
            fields: BTreeMap::new(),
        }
    }
}

impl Matched {
    /// What the queue hands to `tag-update` when a timer is due. `set_at` is when the call was set:
    /// two calls for one due time differ in it, so that the queue does not take the second for a
    /// repetition of the first.
    #[must_use]
    pub fn ring(
        profile: &CustomerId,
        timer: &str,
        due: Timestamp,
        set_at: Timestamp,
        config_version: u64,
    ) -> Self {
        let decision = Match {
            outcome: MatchOutcome::Matched,
            by: None,
            linked: Vec::new(),
            set_aside: Vec::new(),
            merges: Vec::new(),
            reviews: Vec::new(),
            config_version,
        };
        let event = InboundEvent::ring(profile, timer, due, set_at);
        Self { event, customer: profile.clone(), decision, matched_at: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What lies in schedules for a year: a version that no longer reads it would lose them all.
    const SET_LONG_AGO: &str = r#"{
        "event": {
            "id": "evt_3c39e2e2ce1a9c9a6b4d43f4be1d5a0f",
            "source": "timers", "channel": "timers", "kind": "timer", "topic": "warranty_reminder",
            "direction": "inbound",
            "occurred_at": "2027-01-01T00:00:00Z", "received_at": "2026-01-01T00:00:00Z",
            "handles": []
        },
        "customer": "cus_1",
        "decision": { "outcome": "matched", "config_version": 1 }
    }"#;

    #[test]
    fn a_call_that_was_set_long_ago_is_still_understood() {
        let profile = CustomerId::from_stored("cus_1");
        let at = |text: &str| text.parse().unwrap();
        let (due, set_at) = (at("2027-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
        let now = Matched::ring(&profile, "warranty_reminder", due, set_at, 1);
        let mut then: Matched = serde_json::from_str(SET_LONG_AGO).unwrap();
        then.event.id = now.event.id.clone();
        assert_eq!(then, now);
    }
}
