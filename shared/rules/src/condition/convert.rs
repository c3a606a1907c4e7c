//! JSON to CEL values, with the way back.

use cel::Value as Cel;
use cel::objects::{Key, Map};
use serde_json::{Number, Value as Json};
use std::collections::HashMap;
use std::sync::Arc;

/// A CEL value. Whole numbers are `int`, all others `double`.
pub(super) fn to_cel(json: Json) -> Cel {
    match json {
        Json::Null => Cel::Null,
        Json::Bool(value) => Cel::Bool(value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Cel::Int(value),
            None => Cel::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Cel::String(Arc::new(text)),
        Json::Array(items) => Cel::List(Arc::new(items.into_iter().map(to_cel).collect())),
        Json::Object(members) => {
            let members = members.into_iter().map(|(key, value)| (key, to_cel(value)));
            Cel::from(members.collect::<HashMap<String, Cel>>())
        }
    }
}

/// JSON, where the value has a form in it.
pub(super) fn to_json(value: &Cel) -> Option<Json> {
    Some(match value {
        Cel::Null => Json::Null,
        Cel::Bool(value) => Json::Bool(*value),
        Cel::Int(value) => Json::from(*value),
        Cel::UInt(value) => Json::from(*value),
        Cel::Float(value) => Json::Number(Number::from_f64(*value)?),
        Cel::String(text) => Json::String(text.to_string()),
        Cel::List(items) => Json::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Cel::Map(Map { map }) => {
            let entry = |(key, value): (&Key, &Cel)| Some((key.to_string(), to_json(value)?));
            Json::Object(map.iter().map(entry).collect::<Option<_>>()?)
        }
        Cel::Function(..) | Cel::Bytes(_) | Cel::Opaque(_) | Cel::Struct(_) => return None,
    })
}
