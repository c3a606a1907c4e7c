//! What WeCom adds to WeChat's message.

use crate::{Malformed, wechat::wire::Message};
use domain::{Direction, EventKind};

/// Who a callback is about. A member whom a customer deals with is the company's side: it stays
/// a field, lest customers be merged with those who serve them.
#[derive(Debug)]
pub(super) enum Party {
    /// A member of the company, who wrote to one of its apps.
    Member(String),
    /// A customer, who is an external contact of a member.
    External(String),
}

/// What a callback is about.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) party: Party,
    pub(super) kind: EventKind,
    pub(super) topic: String,
    pub(super) direction: Direction,
}

/// Elements that tell apart what the system account sends within one second.
pub(super) const TELLING: [&str; 3] = ["ChangeType", "UserID", "ExternalUserID"];

/// The `FromUserName` of what no member sent.
const SYSTEM: &str = "sys";

impl Subject {
    /// The subject, or none where the vendor's documents name no customer.
    pub(super) fn of(message: &Message) -> Result<Option<Self>, Malformed> {
        let event = message.event.as_deref().unwrap_or_default();
        if let "change_contact"
        | "change_external_chat"
        | "change_external_tag"
        | "batch_job_result" = event
        {
            return Ok(None);
        }
        let topic = message.field("ChangeType").map_or_else(|| message.topic(), str::to_owned);
        let (kind, direction) = nature(event, &topic);
        let external = message.field("ExternalUserID").map(|id| Party::External(id.to_owned()));
        let party = match external {
            Some(party) => party,
            None if message.from == SYSTEM => return Err(Malformed::missing("ExternalUserID")),
            None => Party::Member(message.from.clone()),
        };
        Ok(Some(Self { party, kind, topic, direction }))
    }
}

fn nature(event: &str, topic: &str) -> (EventKind, Direction) {
    match (event, topic) {
        ("change_external_contact", "edit_external_contact" | "transfer_fail") => {
            (EventKind::Contact, Direction::Outbound)
        }
        // The member removed the customer; `del_follow_user` is the reverse.
        ("change_external_contact", "del_external_contact") => {
            (EventKind::Follow, Direction::Outbound)
        }
        (
            "change_external_contact" | "subscribe" | "unsubscribe" | "enter_agent" | "LOCATION",
            _,
        ) => (EventKind::Follow, Direction::Inbound),
        _ => (EventKind::Message, Direction::Inbound),
    }
}
