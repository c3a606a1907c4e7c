//! The least or greatest value of a range.

use super::Duration;
use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};
use std::borrow::Cow;

/// A number; or a time, told by how long after the event's arrival it lies: `1d`, or `-30d` before.
#[derive(Clone, PartialEq, Debug)]
pub enum Bound {
    /// The number.
    Number(Number),
    /// The time, after the event's `received_at`.
    Since(SignedDuration),
}

/// A text that is no bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no bound; write a number, or a time from the event's arrival on, such as `1d` or `-30d`")]
pub struct NotABound;

impl std::str::FromStr for Bound {
    type Err = NotABound;

    fn from_str(text: &str) -> Result<Self, NotABound> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        let (sign, length) = match text.strip_prefix('-') {
            Some(length) => (-1, length),
            None => (1, text),
        };
        let length: Duration = length.trim_start().parse().map_err(|_| NotABound)?;
        Ok(Self::Since(SignedDuration::from(length) * sign))
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => Ok(Self::Number(number)),
            Value::String(text) => text.parse().map_err(D::Error::custom),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err(D::Error::custom(NotABound))
            }
        }
    }
}

impl JsonSchema for Bound {
    fn schema_name() -> Cow<'static, str> {
        "Bound".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"],
            "description": "A number, or a time from the event's arrival on.",
            "examples": [1, "1d", "-30d"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_number_or_a_time_before_or_after_the_arrival() {
        let read = |text: &str| text.parse::<Bound>();
        assert_eq!(read("-1.5"), Ok(Bound::Number(Number::from_f64(-1.5).unwrap())));
        assert_eq!(read("1d"), Ok(Bound::Since(SignedDuration::from_hours(24))));
        assert_eq!(read("-1h"), Ok(Bound::Since(SignedDuration::from_hours(-1))));
        for text in ["", "soon", "--1d", "1 month", "0s"] {
            assert_eq!(read(text), Err(NotABound), "{text}");
        }
    }
}
