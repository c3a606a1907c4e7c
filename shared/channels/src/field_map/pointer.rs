//! Places in a payload.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::{borrow::Cow, fmt};

/// A JSON pointer (RFC 6901), such as `/data/order/number`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Pointer(String);

/// The text is no JSON pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a JSON pointer: it starts with `/`, and `~` stands only in `~0` and `~1`")]
pub struct MalformedPointer;

impl TryFrom<String> for Pointer {
    type Error = MalformedPointer;

    fn try_from(text: String) -> Result<Self, MalformedPointer> {
        let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if text.starts_with('/') && escapes { Ok(Self(text)) } else { Err(MalformedPointer) }
    }
}

impl Pointer {
    /// What stands there; null counts as nothing.
    #[must_use]
    pub fn find<'v>(&self, payload: &'v Value) -> Option<&'v Value> {
        payload.pointer(&self.0).filter(|value| !value.is_null())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Pointer {
    fn schema_name() -> Cow<'static, str> {
        "Pointer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A JSON pointer (RFC 6901), such as /data/order/number.",
            "pattern": "^/([^~]|~[01])*$",
        })
    }
}

/// A word such as `shipped`, or a pointer to one.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub enum Topic {
    /// The word.
    Word(String),
    /// Where it stands. A text that begins with `/` is a pointer.
    At(Pointer),
}

impl TryFrom<String> for Topic {
    type Error = MalformedPointer;

    fn try_from(text: String) -> Result<Self, MalformedPointer> {
        if text.starts_with('/') {
            Pointer::try_from(text).map(Self::At)
        } else {
            Ok(Self::Word(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pointer_starts_with_a_slash() {
        for text in ["", "data/id", "#/id", "/a~2", "/a~"] {
            assert_eq!(Pointer::try_from(text.to_owned()), Err(MalformedPointer), "{text}");
        }
        assert!(Pointer::try_from("/a~1b/~0/0".to_owned()).is_ok());
    }

    #[test]
    fn null_counts_as_nothing() {
        let pointer = Pointer::try_from("/a".to_owned()).unwrap();
        assert_eq!(pointer.find(&json!({"a": null})), None);
        assert_eq!(pointer.find(&json!({"a": 0})), Some(&json!(0)));
    }

    #[test]
    fn a_topic_that_begins_with_a_slash_is_a_pointer() {
        assert!(matches!(Topic::try_from("/type".to_owned()), Ok(Topic::At(_))));
        assert_eq!(Topic::try_from("paid".to_owned()), Ok(Topic::Word("paid".to_owned())));
    }
}
