//! Where in an event a repaired value goes.

use crate::condition::SUBJECTS;
use crate::ruleset::timer::time;
use domain::InboundEvent;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// Where in an event a value stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In `fields`: under a name, or within the map there.
    Field(String, Vec<String>),
    Text,
    Topic,
    Duration,
    OccurredAt,
}

impl Place {
    /// The place that a path names; none where a repair cannot reach it.
    pub(super) fn of(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.split('.').collect();
        let field = |name: &str, inner: &[&str]| {
            Self::Field(name.to_owned(), inner.iter().map(|key| (*key).to_owned()).collect())
        };
        match segments.as_slice() {
            ["event", "fields", name, inner @ ..] => Some(field(name, inner)),
            ["event", "text"] => Some(Self::Text),
            ["event", "topic"] => Some(Self::Topic),
            ["event", "duration"] => Some(Self::Duration),
            ["event", "occurred_at"] => Some(Self::OccurredAt),
            // Put together from several fields.
            ["agent", ..] => None,
            [root, name, inner @ ..] if SUBJECTS.contains(root) => Some(field(name, inner)),
            _ => None,
        }
    }

    /// Puts a value there. Returns whether it fits.
    pub(super) fn put(&self, event: &mut InboundEvent, value: Value, zone: &TimeZone) -> bool {
        match (self, value) {
            (Self::Field(name, inner), value) => {
                let outermost = event.fields.entry(name.clone()).or_default();
                insert(outermost, inner, value)
            }
            (Self::Text, Value::String(text)) => {
                event.text = Some(text);
                true
            }
            (Self::Topic, Value::String(topic)) => {
                event.topic = topic;
                true
            }
            (Self::Duration, Value::Number(seconds)) => {
                let seconds = seconds.as_u64().and_then(|seconds| u32::try_from(seconds).ok());
                event.duration_s = seconds.or(event.duration_s);
                seconds.is_some()
            }
            (Self::OccurredAt, value) => {
                let at = time(&value, zone);
                event.occurred_at = at.unwrap_or(event.occurred_at);
                at.is_some()
            }
            (Self::Text | Self::Topic | Self::Duration, _) => false,
        }
    }
}

fn insert(outer: &mut Value, keys: &[String], value: Value) -> bool {
    let Some((key, inner)) = keys.split_first() else {
        *outer = value;
        return true;
    };
    if outer.is_null() {
        *outer = Value::Object(Map::new());
    }
    let Some(members) = outer.as_object_mut() else { return false };
    insert(members.entry(key.clone()).or_insert(Value::Null), inner, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_goes_into_maps_and_makes_those_that_lack_but_breaks_no_other_value() {
        let keys = ["b".to_owned(), "c".to_owned()];
        let mut missing = Value::Null;
        assert!(insert(&mut missing, &keys, json!(1)));
        assert_eq!(missing, json!({ "b": { "c": 1 } }));
        let mut beside = json!({ "b": { "d": 2 } });
        assert!(insert(&mut beside, &keys, json!(1)));
        assert_eq!(beside, json!({ "b": { "c": 1, "d": 2 } }));
        let mut text = json!({ "b": "words" });
        assert!(!insert(&mut text, &keys, json!(1)));
        assert_eq!(text, json!({ "b": "words" }));
    }

    #[test]
    fn what_is_made_of_several_fields_or_told_by_no_source_has_no_place() {
        for path in ["agent.name", "event.id", "event.issue", "event.fields", "order"] {
            assert_eq!(Place::of(path), None, "{path}");
        }
        let tracking = Place::Field("parcel".into(), vec!["tracking".into()]);
        assert_eq!(Place::of("order.parcel.tracking"), Some(tracking.clone()));
        assert_eq!(Place::of("event.fields.parcel.tracking"), Some(tracking));
    }
}
