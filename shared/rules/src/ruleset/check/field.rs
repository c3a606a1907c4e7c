//! One field of an event against one check.

use super::Broken;
use super::place::Place;
use crate::condition::decimal;
use crate::ruleset::{group::is_empty, timer::time};
use crate::{Bound, Range};
use domain::InboundEvent;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex_lite::Regex;
use serde_json::Value;
use std::cmp::Ordering;

/// A longer text, in bytes, has no form that a person would write down as a pattern.
const LONGEST: usize = 4_096;

/// What a field has to be.
#[derive(Debug)]
pub(super) enum Test {
    /// There.
    Present,
    /// Of a form.
    Matches(Regex),
    /// Within bounds.
    Within(Range),
}

/// A field with what it has to be.
#[derive(Debug)]
pub(super) struct FieldTest {
    /// As conditions name it.
    pub(super) path: String,
    /// Where in the event it stands, if a repair can reach it.
    pub(super) place: Option<Place>,
    pub(super) test: Test,
}

/// What times are told by: the event's arrival, and the company's zone for those that lack one.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    arrival: Timestamp,
    zone: &'a TimeZone,
}

impl<'a> Setting<'a> {
    pub(super) fn of(event: &InboundEvent, zone: &'a TimeZone) -> Self {
        Self { arrival: event.received_at, zone }
    }

    /// The time that a value tells, in whole seconds as conditions see them.
    fn time(self, value: &Value) -> Option<Timestamp> {
        time(value, self.zone)
    }

    fn compare(self, value: &Value, bound: &Bound) -> Option<Ordering> {
        match bound {
            Bound::Number(number) => {
                Some(decimal(value)?.cmp(&decimal(&Value::Number(number.clone()))?))
            }
            Bound::Since(since) => {
                let bound = self.arrival.checked_add(*since).ok()?.as_second();
                Some(self.time(value)?.as_second().cmp(&bound))
            }
        }
    }

    /// The bound that a value lies beyond.
    ///
    /// # Errors
    /// The value cannot be compared with it.
    fn beyond<'r>(self, range: &'r Range, value: &Value) -> Result<Option<&'r Bound>, NoOrder> {
        for (bound, outside) in [(&range.min, Ordering::Less), (&range.max, Ordering::Greater)] {
            let Some(bound) = bound else { continue };
            if self.compare(value, bound).ok_or(NoOrder)? == outside {
                return Ok(Some(bound));
            }
        }
        Ok(None)
    }

    /// The bound in the form of the value that it takes the place of.
    fn instead(self, bound: &Bound, of: &Value) -> Option<Value> {
        let time = match bound {
            Bound::Number(number) if of.is_string() => return Some(number.to_string().into()),
            Bound::Number(number) => return Some(number.clone().into()),
            Bound::Since(since) => self.arrival.checked_add(*since).ok()?.as_second(),
        };
        if !of.is_string() {
            return Some(time.into());
        }
        Some(Timestamp::from_second(time).ok()?.to_string().into())
    }
}

/// A value that is no number, or no time.
struct NoOrder;

impl FieldTest {
    /// In what way a value fails; none where it passes. What has no value fails only where one is
    /// required.
    pub(super) fn broken(&self, value: &Value, setting: Setting<'_>) -> Option<Broken> {
        match &self.test {
            Test::Present => is_empty(value).then_some(Broken::Missing),
            Test::Matches(_) | Test::Within(_) if is_empty(value) => None,
            Test::Matches(form) => {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                        return Some(Broken::Malformed);
                    }
                };
                let fits = text.len() <= LONGEST && form.is_match(&text);
                (!fits).then_some(Broken::Malformed)
            }
            Test::Within(range) => match setting.beyond(range, value) {
                Ok(None) => None,
                Ok(Some(_)) | Err(NoOrder) => Some(Broken::OutOfRange),
            },
        }
    }

    /// The nearest bound in place of a value beyond it.
    pub(super) fn clamped(&self, value: &Value, setting: Setting<'_>) -> Option<Value> {
        let Test::Within(range) = &self.test else { return None };
        setting.instead(setting.beyond(range, value).ok()??, value)
    }
}
