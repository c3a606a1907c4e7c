//! What an event tells of its order, invoice, device or agent.

use domain::{EventKind, InboundEvent};
use serde_json::{Map, Value, json};

/// The members of a subject; null where the event is of another kind.
pub(super) fn subject(event: &InboundEvent, root: &str) -> Value {
    let kind = match root {
        "order" => EventKind::Order,
        "invoice" => EventKind::Invoice,
        "device" => EventKind::Device,
        _ => return agent(event),
    };
    if event.kind != kind {
        return Value::Null;
    }
    let known = event.fields.iter().filter(|(_, value)| !value.is_null());
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The field `agent` with those whose names begin with `agent_`.
fn agent(event: &InboundEvent) -> Value {
    let mut members = Map::new();
    for (name, value) in event.fields.iter().filter(|(_, value)| !value.is_null()) {
        match (name.as_str(), value) {
            ("agent", Value::Object(told)) => members.extend(told.clone()),
            ("agent", id) => _ = members.insert("id".to_owned(), json!(id)),
            (name, value) => {
                if let Some(name) = name.strip_prefix("agent_") {
                    members.insert(name.to_owned(), value.clone());
                }
            }
        }
    }
    if members.is_empty() { Value::Null } else { Value::Object(members) }
}
