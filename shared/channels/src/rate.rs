//! So many in such a time, as people write it.

use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A number for each second, minute, hour or day, such as `10/s` or `1000/d`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    count: u32,
    unit: char,
}

const UNITS: [(char, i64); 4] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
/// More in a unit is no limit, or a slip of the pen.
const MOST: u32 = 1_000_000;

/// The text is no rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no rate; write a number from 1 to 1000000 and /s, /m, /h or /d, such as `10/s`")]
pub struct NotARate;

impl Rate {
    /// How many.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }

    /// In which time.
    #[must_use]
    pub fn per(self) -> SignedDuration {
        let unit = UNITS.into_iter().find(|(unit, _)| *unit == self.unit);
        SignedDuration::from_secs(unit.map_or(1, |(_, seconds)| seconds))
    }
}

impl std::str::FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (count, unit) = text.split_once('/').ok_or(NotARate)?;
        let count = count.trim().parse().map_err(|_| NotARate)?;
        let unit = unit.trim().parse().map_err(|_| NotARate)?;
        let known = UNITS.iter().any(|(name, _)| *name == unit);
        if known && (1..=MOST).contains(&count) { Ok(Self { count, unit }) } else { Err(NotARate) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.unit)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^\\s*[0-9]+\\s*/\\s*[smhd]\\s*$",
            "description": "A number for each second, minute, hour or day.",
            "examples": ["10/s", "1000/d"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_a_number_and_a_unit() {
        let read = |text: &str| text.parse::<Rate>().map(|rate| (rate.count, rate.per().as_secs()));
        assert_eq!(read("10/s"), Ok((10, 1)));
        assert_eq!(read("600 / m"), Ok((600, 60)));
        assert_eq!(read("1/h"), Ok((1, 3_600)));
        assert_eq!(read("1000/d"), Ok((1000, 86_400)));
        for text in ["", "10", "/s", "10/", "10/w", "0/s", "-1/s", "1.5/s", "10/ss", "1000001/s"] {
            assert_eq!(read(text), Err(NotARate), "{text}");
        }
        assert_eq!("600 / m".parse::<Rate>().unwrap().to_string(), "600/m");
    }
}
