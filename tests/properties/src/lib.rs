//! What must hold of whatever bytes reach a parser of Omnicord.
//!
//! Each property panics where it does not hold. The fuzz targets of `tests/fuzz` look for such
//! bytes; the test `replay` tries those again that are kept in `tests/fuzz/corpus`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what does not hold ends the run"
)]

mod answers;
mod condition;
mod configuration;
mod crm_answer;
mod decision;
mod delivery;
mod endpoint;
mod field_map;
mod genuine;
mod handle;
mod history_answer;
mod queue_message;
mod quiet;
mod recipe;
mod sealed;
mod template;
mod verification;
mod wire;

/// What must hold of any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// The name of its fuzz target and of its folder in the corpus.
    pub name: &'static str,
    /// Returns if it holds.
    pub holds: fn(&[u8]),
}

/// Every property.
pub const ALL: [Property; 15] = [
    Property { name: "call-push", holds: delivery::call_push },
    Property { name: "condition", holds: condition::holds },
    Property { name: "configuration", holds: configuration::holds },
    Property { name: "crm-answer", holds: crm_answer::holds },
    Property { name: "endpoint", holds: endpoint::holds },
    Property { name: "field-map", holds: field_map::holds },
    Property { name: "handle", holds: handle::holds },
    Property { name: "history-answer", holds: history_answer::holds },
    Property { name: "queue-message", holds: queue_message::holds },
    Property { name: "recipe", holds: recipe::holds },
    Property { name: "sealed", holds: sealed::holds },
    Property { name: "standard-webhooks", holds: delivery::standard_webhooks },
    Property { name: "template", holds: template::holds },
    Property { name: "verification", holds: verification::holds },
    Property { name: "wechat", holds: delivery::wechat },
];

/// Tries the property of this name on these bytes.
///
/// # Panics
/// Where it does not hold, or where no property bears the name.
pub fn hold(name: &str, bytes: &[u8]) {
    let property = ALL.iter().find(|property| property.name == name);
    (property.expect("a property of this name").holds)(bytes);
}
