//! How often, and at what hours, a rule may do what it does.

use super::Duration;
use jiff::civil::Time;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// At most so many firings of a rule for one customer within any span of that length.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// How many firings.
    #[schemars(range(min = 1, max = 100))]
    pub most: usize,
    /// The length of the span, which slides.
    pub per: Duration,
}

/// The hours in which nothing reaches a customer, by the customer's own clock: messages wait or
/// are dropped. What concerns only the company (`crm.*`, `webhook`) is done at any hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// When they begin, such as `"21:00"`.
    pub from: Clock,
    /// When they end, on the same day or the next. The same as `from`: there are none.
    pub to: Clock,
    /// What becomes of a message that falls into them.
    #[serde(default)]
    pub then: InQuiet,
}

/// What becomes of a message in quiet hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InQuiet {
    /// It goes out when they end.
    #[default]
    Wait,
    /// It never goes out, and is recorded as refused.
    Drop,
}

/// A time of day, such as `21:00`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock(pub Time);

/// A text that is no time of day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no time of day; write hours and minutes, such as \"21:00\"")]
pub struct NotAClock;

impl std::str::FromStr for Clock {
    type Err = NotAClock;

    fn from_str(text: &str) -> Result<Self, NotAClock> {
        let (hours, minutes) = text.split_once(':').ok_or(NotAClock)?;
        let number = |digits: &str| {
            let two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            if two { digits.parse::<i8>().map_err(|_| NotAClock) } else { Err(NotAClock) }
        };
        Time::new(number(hours)?, number(minutes)?, 0, 0).map(Self).map_err(|_| NotAClock)
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Clock {
    fn schema_name() -> Cow<'static, str> {
        "Clock".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A time of day: hours and minutes, such as `21:00`.",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shows_hours_and_minutes() {
        assert_eq!("08:05".parse::<Clock>().unwrap().to_string(), "08:05");
        for text in ["8:05", "24:00", "08:60", "0805", "-1:00", "08:05:00", "+8:00"] {
            assert_eq!(text.parse::<Clock>(), Err(NotAClock), "{text}");
        }
    }
}
