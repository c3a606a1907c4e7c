//! How configuration says where a payload holds what an event needs.

mod pointer;
mod read;
mod scalar;
mod schema;
mod validate;

use domain::{Direction, EventKind, HandleKind};
pub use pointer::{MalformedPointer, Pointer, Topic};
pub(crate) use read::{json, read};
pub use scalar::{NoScalar, Scalar};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
pub(crate) use validate::validate;

/// What must stand where for a payload to be claimed: all of it. An empty one claims everything.
///
/// Texts, numbers and truth values compare by their text: a form's `33` is JSON's `33`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Condition(#[schemars(with = "BTreeMap<String, Scalar>")] BTreeMap<Pointer, Scalar>);

impl Condition {
    /// Whether it claims the payload.
    #[must_use]
    pub fn holds(&self, payload: &Value) -> bool {
        self.0.iter().all(|(at, expected)| at.find(payload).is_some_and(|v| expected.equals(v)))
    }
}

/// How one sort of payload becomes an event.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Which payloads it claims.
    #[serde(default)]
    pub when: Condition,
    /// Where an array stands of which each element is an event. Every pointer but those of `when`
    /// then starts at the element.
    #[serde(default)]
    pub each: Option<Pointer>,
    /// What sort of thing happened.
    #[schemars(schema_with = "schema::event_kind")]
    pub kind: EventKind,
    /// What happened within the kind: a word such as `shipped`, or a pointer to one.
    pub topic: Topic,
    /// Where the parts of the source's dedupe key stand. Kind and topic are part of the key too,
    /// so that an order's number serves for all that happens to the order. Without it, the
    /// delivery's own id is the key.
    #[serde(default)]
    pub id: Vec<Pointer>,
    /// Where the time stands at which it happened: RFC 3339, or epoch seconds or milliseconds.
    /// Without it, or where nothing stands there, the time of arrival.
    #[serde(default)]
    pub time: Option<Pointer>,
    /// Who started it.
    #[serde(default)]
    #[schemars(schema_with = "schema::direction")]
    pub direction: Direction,
    /// Whom it concerns, the most telling first.
    pub handles: Vec<HandleAt>,
    /// Where the words stand.
    #[serde(default)]
    pub text: Option<Pointer>,
    /// Where the length in whole seconds stands.
    #[serde(default)]
    pub duration: Option<Pointer>,
    /// Where the times stand between which it lasted, for sources that do not give its length.
    #[serde(default)]
    pub duration_between: Option<Span>,
    /// What else the event keeps: its name in conditions and templates, and where it stands.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Pointer>")]
    pub fields: BTreeMap<String, Pointer>,
    /// What the event keeps that stands nowhere in the payload.
    #[serde(default)]
    pub constants: BTreeMap<String, Value>,
}

/// Where a handle stands. Nothing there is no error, as long as another handle is found.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandleAt {
    /// What sort of handle it is.
    #[schemars(schema_with = "schema::handle_kind")]
    pub kind: HandleKind,
    /// Where it stands.
    pub at: Pointer,
    /// Who issued it, where the value alone is not unique: `shop`, a corpid, an appid.
    #[serde(default)]
    pub scope: String,
    /// Whether the customer merely told it. A source is trusted to have checked what it sends,
    /// such as the number that called or the account that bought; say `true` for what someone
    /// typed into a form.
    #[serde(default)]
    pub claimed: bool,
}

/// Two times.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Where the earlier stands; nothing or 0 there means that it did not last at all.
    pub from: Pointer,
    /// Where the later stands.
    pub to: Pointer,
}
