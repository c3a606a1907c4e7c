//! A length of time as people write it.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A positive length of time such as `30d`, `2h` or `1w 12h`; a day has 24 hours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Duration(SignedDuration);

/// Ten years: longer is for ever, or a slip of the pen.
const MOST: SignedDuration = SignedDuration::from_hours(24 * 3653);

/// Why a text is no length of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotADuration {
    /// Not a number with a unit.
    #[error("no length of time; write a number with s, m, h, d or w, such as `30d`")]
    Unreadable,
    /// Zero, negative or beyond ten years.
    #[error("a length of time lies between 1s and 10 years")]
    OutOfRange,
}

impl std::str::FromStr for Duration {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, NotADuration> {
        let span: Span = text.parse().map_err(|_| NotADuration::Unreadable)?;
        // Months have no fixed length: jiff refuses them here.
        let length = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| NotADuration::Unreadable)?;
        if length < SignedDuration::from_secs(1) || length > MOST {
            return Err(NotADuration::OutOfRange);
        }
        Ok(Self(length))
    }
}

impl From<Duration> for SignedDuration {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];
        let exact = units.into_iter().find(|(length, _)| seconds % length == 0);
        let (length, unit) = exact.unwrap_or((1, 's'));
        write!(f, "{}{unit}", seconds / length)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A length of time such as `30d`, `2h` or `90s`; a day has 24 hours.",
            "examples": ["30d", "2h", "90s"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_write_days() {
        let seconds = |text: &str| text.parse::<Duration>().map(|duration| duration.0.as_secs());
        assert_eq!(seconds("30d"), Ok(2_592_000));
        assert_eq!(seconds("1w 12h"), Ok(648_000));
        assert_eq!(seconds("90s"), Ok(90));
        for text in ["", "30", "soon", "1 month", "1y"] {
            assert_eq!(seconds(text), Err(NotADuration::Unreadable), "{text}");
        }
        for text in ["0s", "-1d", "4000d"] {
            assert_eq!(seconds(text), Err(NotADuration::OutOfRange), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(seconds in 1i64..=315_619_200) {
            let duration = Duration(SignedDuration::from_secs(seconds));
            prop_assert_eq!(duration.to_string().parse::<Duration>(), Ok(duration));
        }
    }
}
