//! Between the events and deeds of the reckoning and those of the pipeline.

use crate::world::World;
use domain::{
    Action, Assurance, CustomerId, Direction, Effect, EventId, EventKind, Handle, InboundEvent,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::expected::{Deed, Handled, Tags};
use support::telling::{Telling, What, price};

/// The area codes under which the customers' numbers are: a hundred of each.
const AREAS: [usize; 5] = [202, 212, 213, 214, 215];

fn phone(customer: usize) -> Handle {
    let number = format!("+1{}55501{:02}", AREAS[customer / 100], customer % 100);
    Handle::phone(&number, "US", Assurance::Attested).unwrap()
}

/// The event, as the receiver would hand it on.
pub(crate) fn event(telling: &Telling) -> InboundEvent {
    let number = telling.number;
    let at = Timestamp::from_second(telling.at).unwrap();
    let (kind, topic, text, duration_s, total) = match telling.what {
        What::Message(words) => (EventKind::Message, "text", Some(words), None, Value::Null),
        What::Call(seconds, words) => {
            (EventKind::Call, "answered", Some(words), Some(seconds), Value::Null)
        }
        What::Order(topic, cents) => (EventKind::Order, topic, None, None, price(cents).into()),
        What::Statement => (EventKind::Contact, "statement", None, None, Value::Null),
    };
    InboundEvent {
        id: EventId::new("model", &number.to_string()),
        source: "model".into(),
        channel: "standard-webhooks".into(),
        kind,
        topic: topic.into(),
        direction: Direction::Inbound,
        occurred_at: at,
        received_at: at,
        handles: vec![phone(telling.customer)],
        text: text.map(str::to_owned),
        duration_s,
        fields: [("number".to_owned(), number.into()), ("total".to_owned(), total)].into(),
        checks: domain::Checks::default(),
    }
}

/// What the pipeline made of one customer.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// The events, in the order in which they were applied.
    pub(crate) history: Vec<Handled>,
    pub(crate) tags: BTreeMap<String, (i64, Option<i64>)>,
    /// The tags that the CRM bears.
    pub(crate) crm: BTreeSet<String>,
    pub(crate) deeds: BTreeSet<Deed>,
}

/// What the pipeline made of each customer, in no order.
pub(crate) fn made(world: &World, told: &[Telling]) -> Vec<Made> {
    let by_id: BTreeMap<EventId, &Telling> = told
        .iter()
        .map(|telling| (EventId::new("model", &telling.number.to_string()), telling))
        .collect();
    let mut made: BTreeMap<CustomerId, BTreeMap<u64, (Handled, Vec<Deed>)>> = BTreeMap::new();
    for ((customer, _), entry) in &world.contents.timeline {
        let id = &entry.tagged.event.id;
        let (telling, record) = (by_id[id], &world.contents.events[id]);
        let decided_at = record.applied_at.unwrap().as_second();
        let handled = Handled { telling: telling.clone(), decided_at };
        let deeds = record.effects.iter().map(|effect| deed(telling.number, effect)).collect();
        let order = entry.tagged.customer.version;
        let other = made.entry(customer.clone()).or_default().insert(order, (handled, deeds));
        assert!(other.is_none(), "two events left one version of a profile");
    }
    let one = |(id, by_order): (CustomerId, BTreeMap<u64, (Handled, Vec<Deed>)>)| {
        let (history, deeds): (Vec<_>, Vec<_>) = by_order.into_values().unzip();
        let tags = world.contents.customers[&id].profile.tags.iter();
        let tags = tags.map(|(name, tag)| {
            (name.clone(), (tag.since.as_second(), tag.until.map(Timestamp::as_second)))
        });
        let crm = world.done.tags.get(&id).cloned().unwrap_or_default();
        Made { history, tags: tags.collect(), crm, deeds: deeds.into_iter().flatten().collect() }
    };
    made.into_iter().map(one).collect()
}

/// The tags of the reckoning, as those of the pipeline are written.
pub(crate) fn owned(tags: Tags) -> BTreeMap<String, (i64, Option<i64>)> {
    tags.into_iter().map(|(name, times)| (name.to_owned(), times)).collect()
}

fn deed(number: usize, effect: &Effect) -> Deed {
    let says = match &effect.action {
        Action::Webhook { payload, .. } => {
            assert_eq!(payload["number"], number.to_string());
            payload["says"].as_str().unwrap().trim_end().to_owned()
        }
        Action::Sms { text, .. } => text.clone(),
        Action::CrmTag { add, remove } => {
            let signs = add.iter().map(|tag| format!("+{tag}"));
            let mut signs: Vec<_> =
                signs.chain(remove.iter().map(|tag| format!("-{tag}"))).collect();
            signs.sort();
            signs.join(" ")
        }
        Action::CrmNote { .. }
        | Action::CrmTicket { .. }
        | Action::CrmTask { .. }
        | Action::CrmField { .. }
        | Action::Push { .. }
        | Action::WechatTemplate { .. }
        | Action::WechatMessage { .. }
        | Action::WecomMessage { .. }
        | Action::WhatsappTemplate { .. }
        | Action::AgentHint { .. }
        | Action::Email { .. } => {
            panic!("no rule asks for it")
        }
    };
    let not_before = effect.not_before.map(Timestamp::as_second);
    Deed { rule: effect.rule.name.clone(), number, says, not_before }
}
