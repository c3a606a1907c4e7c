//! Single values of a payload.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// A text, number or truth value that a condition expects; all compare by their text.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct Scalar(String);

/// The value is null, an array or an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a text, number or truth value")]
pub struct NoScalar;

impl TryFrom<Value> for Scalar {
    type Error = NoScalar;

    fn try_from(value: Value) -> Result<Self, NoScalar> {
        plain(&value).map(|text| Self(text.into_owned())).ok_or(NoScalar)
    }
}

impl Scalar {
    /// Whether the value has the same text.
    #[must_use]
    pub fn equals(&self, value: &Value) -> bool {
        plain(value).is_some_and(|text| text == self.0)
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

fn plain(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text, or the digits of a whole number. A number beyond 64 bits has lost digits when JSON was
/// read, so that it names nothing any more.
pub(super) fn exact(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
        Value::Number(_) | Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

/// RFC 3339, or epoch seconds or milliseconds, as a number or its digits.
///
/// From 10^11 on it is milliseconds: as seconds that would be after the year 5138, as
/// milliseconds it is 1973.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    let text = exact(value)?;
    let text = text.trim();
    match text.parse::<i64>() {
        Ok(number) if number.abs() >= 100_000_000_000 => Timestamp::from_millisecond(number).ok(),
        Ok(number) => Timestamp::from_second(number).ok(),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn texts_numbers_and_truth_values_compare_by_their_text() {
        let expected = |value| Scalar::try_from(value).unwrap();
        assert!(expected(json!(33)).equals(&json!("33")));
        assert!(expected(json!("true")).equals(&json!(true)));
        assert!(!expected(json!(33)).equals(&json!([33])));
        assert_eq!(Scalar::try_from(json!(null)), Err(NoScalar));
    }

    #[test]
    fn the_forms_of_one_instant_meet() {
        let instants = [
            json!("2026-11-22T08:00:00Z"),
            json!("2026-11-22T16:00:00+08:00"),
            json!(1_795_334_400),
            json!("1795334400"),
            json!(1_795_334_400_000_i64),
        ];
        for value in instants {
            assert_eq!(instant(&value), Timestamp::from_second(1_795_334_400).ok(), "{value}");
        }
        for value in [json!(""), json!("soon"), json!("2026-11-22 08:00:00"), json!(1.5), json!({})]
        {
            assert_eq!(instant(&value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_number_keeps_its_digits_or_is_refused(digits in "[1-9][0-9]{0,39}") {
            let value: Value = serde_json::from_str(&digits).unwrap();
            let kept = exact(&value).map(Cow::into_owned);
            prop_assert_eq!(kept, digits.parse::<u64>().ok().map(|_| digits));
        }
    }
}
