//! The marks by which a message, an event and a profile tell of a replay.

use crate::{ReplayId, Tag, TagChange};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose replay a message belongs to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Replay {
    /// The run.
    pub id: ReplayId,
    /// Whether what the rules decide newly goes out. Without, nothing leaves Omnicord.
    pub effects: bool,
    /// The configuration's version that was in force as the run began.
    pub config_version: u64,
    /// When the run began.
    pub begun_at: Timestamp,
}

/// A message as its queue carries it. Messages of older versions bear no mark.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Carried<M> {
    /// The message.
    #[serde(flatten)]
    pub message: M,
    /// The replay that sent it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
}

impl<M> From<M> for Carried<M> {
    fn from(message: M) -> Self {
        Self { message, replay: None }
    }
}

/// What a replay made of an event; its own decisions stay beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Replayed {
    /// The run.
    pub replay: ReplayId,
    /// When the event was replayed.
    pub at: Timestamp,
    /// The configuration's version by which it was.
    pub config_version: u64,
    /// Whether what was decided newly went out.
    pub effects: bool,
    /// The tags of the customer that changed with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagChange>,
}

/// That a profile was made anew from its whole history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Remade {
    /// By which run.
    pub replay: ReplayId,
    /// By which version of the configuration.
    pub config_version: u64,
    /// On a customer's root: the tags that the outside was told last, where a replay without
    /// effects changed them since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untold: Option<BTreeMap<String, Tag>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InboundEvent, Matched};

    const WITHOUT_A_MARK: &str = r#"{
        "event": {
            "id": "evt_1", "source": "shop", "channel": "standard-webhooks", "kind": "order",
            "topic": "shipped", "occurred_at": "2026-01-01T00:00:00Z",
            "received_at": "2026-01-01T00:00:01Z", "handles": [],
            "fields": { "total": 12.5, "count": 18446744073709551615 }
        },
        "customer": "cus_1",
        "decision": { "outcome": "matched", "config_version": 1 }
    }"#;

    #[test]
    fn a_message_without_a_mark_is_read_and_written_as_ever() {
        let plain: Matched = serde_json::from_str(WITHOUT_A_MARK).unwrap();
        let carried: Carried<Matched> = serde_json::from_str(WITHOUT_A_MARK).unwrap();
        assert_eq!(carried, Carried::from(plain.clone()));
        assert_eq!(serde_json::to_value(&carried).unwrap(), serde_json::to_value(&plain).unwrap());
    }

    #[test]
    fn a_mark_rides_beside_the_message_and_older_readers_pass_it_over() {
        let plain: Matched = serde_json::from_str(WITHOUT_A_MARK).unwrap();
        let begun_at = Timestamp::UNIX_EPOCH;
        let id = ReplayId::new("all", begun_at);
        let replay = Some(Replay { id, effects: true, config_version: 3, begun_at });
        let carried = Carried { message: plain.event, replay };
        let text = serde_json::to_string(&carried).unwrap();
        assert_eq!(serde_json::from_str::<Carried<InboundEvent>>(&text).unwrap(), carried);
        assert_eq!(serde_json::from_str::<InboundEvent>(&text).unwrap(), carried.message);
    }
}
