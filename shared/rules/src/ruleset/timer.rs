//! When a customer's timers are due, as a function of what is known of the customer.

use super::{RuleSet, is_name, unique};
use crate::condition::Expression;
use crate::document::Path;
use crate::findings::Findings;
use crate::problem::suggestion;
use crate::{Config, TimerRule, Trigger};
use domain::{Customer, EventKind};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// The timer that is due when the first of the customer's synced tags falls off.
pub(super) const TAG_EXPIRY: &str = "tag_expiry";

/// The shortest period of a timer: each ring is an event of each customer.
const SHORTEST_PERIOD: SignedDuration = SignedDuration::from_hours(1);

/// A timer, compiled.
#[derive(Debug)]
pub(super) struct Timing {
    pub(super) at: Expression,
    pub(super) when: Option<Expression>,
}

impl RuleSet {
    /// The customer's timers, each with the time at which it is due next, in whole seconds. One
    /// that rang for its due time is no longer among them.
    ///
    /// They are a function of the customer, and so of the set of events. A due time may lie in the
    /// past: nobody was woken for it yet.
    #[must_use]
    pub fn timers(&self, customer: &Customer) -> BTreeMap<String, Timestamp> {
        let zone = self.zone_of(customer);
        let rules = self.config.timers.iter().zip(&self.timings);
        let mut timers: BTreeMap<String, Timestamp> = rules
            .filter_map(|(rule, timing)| {
                Some((rule.name.clone(), self.due(rule, timing, customer, &zone)?))
            })
            .collect();
        if let Some(due) = self.tag_expiry(customer) {
            timers.insert(TAG_EXPIRY.to_owned(), due);
        }
        timers
    }

    fn due(
        &self,
        rule: &TimerRule,
        timing: &Timing,
        customer: &Customer,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        let as_of = customer.profile.newest().map_or(customer.created_at, |(at, _)| at);
        let facts = self.facts(None, Some(customer), as_of);
        if let Some(when) = &timing.when
            && !self.evaluator.holds(when, &facts).unwrap_or(false)
        {
            return None;
        }
        let anchor = time(&self.evaluator.value(&timing.at, &facts).ok()??, zone)?;
        let first = match (rule.before, rule.after) {
            (Some(before), _) => anchor.checked_sub(SignedDuration::from(before)).ok()?,
            (None, Some(after)) => anchor.checked_add(SignedDuration::from(after)).ok()?,
            (None, None) => anchor,
        };
        let rung = customer.profile.rung.get(&rule.name).map(|(due, _)| *due);
        next(first, rung, rule.every.map(SignedDuration::from), as_of)
    }

    fn tag_expiry(&self, customer: &Customer) -> Option<Timestamp> {
        let synced = self.config.tags.iter().filter(|rule| rule.sync);
        let until = synced.filter_map(|rule| customer.profile.tags.get(&rule.name)?.until);
        // A tag is borne until just before its time: the second must have begun.
        until.filter_map(whole_second_from).min()
    }
}

/// When the timer is due that was first due at `first` and rang for `rung` last.
fn next(
    first: Timestamp,
    rung: Option<Timestamp>,
    every: Option<SignedDuration>,
    as_of: Timestamp,
) -> Option<Timestamp> {
    let again = |rung: Timestamp| rung.checked_add(every?).ok();
    let due = match rung {
        Some(rung) if rung >= first => again(rung)?,
        Some(_) | None => first,
    };
    let gone_by = every.map_or(0, |every| as_of.duration_since(due).as_secs() / every.as_secs());
    let due = match every {
        Some(every) if gone_by > 0 => due
            .checked_add(SignedDuration::from_secs(gone_by.checked_mul(every.as_secs())?))
            .ok()?,
        Some(_) | None => due,
    };
    Some(due)
}

/// The time that a value tells, cut to its second.
pub(super) fn time(value: &Value, zone: &TimeZone) -> Option<Timestamp> {
    let time = match value {
        Value::Number(number) => {
            Timestamp::from_second(number.as_i64().or_else(|| whole(number.as_f64()?))?).ok()?
        }
        Value::String(text) => text.trim().parse::<Timestamp>().ok().or_else(|| {
            let local: DateTime = text.trim().parse().ok()?;
            Some(local.to_zoned(zone.clone()).ok()?.timestamp())
        })?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Timestamp::from_second(time.as_second()).ok()
}

/// The seconds of a calculation whose result is no whole number.
fn whole(seconds: f64) -> Option<i64> {
    SignedDuration::try_from_secs_f64(seconds).ok().map(|since_epoch| since_epoch.as_secs())
}

fn whole_second_from(time: Timestamp) -> Option<Timestamp> {
    let begun = i64::from(time.subsec_nanosecond() > 0);
    Timestamp::from_second(time.as_second() + begun).ok()
}

/// Reports the topics that a rule about timers alone asks for and no timer has: it would never fire.
pub(super) fn check_topics(
    config: &Config,
    rule: &Trigger,
    when: &Expression,
    path: &Path,
    findings: &mut Findings<'_>,
) {
    if rule.on.iter().any(|kind| *kind != EventKind::Timer) {
        return;
    }
    let names: Vec<&str> =
        config.timers.iter().map(|timer| timer.name.as_str()).chain([TAG_EXPIRY]).collect();
    for topic in when.required_topics() {
        if !names.contains(&topic.as_str()) {
            let near = suggestion(&topic, names.iter().copied());
            findings.add(path, format!("no timer is called \"{topic}\"{near}"));
        }
    }
}

impl Config {
    pub(super) fn validate_timers(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("timers");
        let names: Vec<_> = self.timers.iter().map(|rule| rule.name.clone()).collect();
        unique(&path, &names, findings);
        for (index, rule) in self.timers.iter().enumerate() {
            let path = path.index(index);
            if !is_name(&rule.name.replace('_', "-"), '-') || rule.name == TAG_EXPIRY {
                let message = format!(
                    "a timer's name consists of a-z, 0-9, - and _, and is not `{TAG_EXPIRY}`"
                );
                findings.add(&path.key("name"), message);
            }
            if rule.before.is_some() && rule.after.is_some() {
                findings.add(&path.key("after"), "contradicts `before`; keep one");
            }
            if rule.every.is_some_and(|every| SignedDuration::from(every) < SHORTEST_PERIOD) {
                findings.add(&path.key("every"), "a timer rings at most once in 1h");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn berlin(value: &Value) -> Option<String> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        time(value, &zone).map(|time| time.to_string())
    }

    #[test]
    fn a_time_is_told_in_several_ways() {
        let told = |value: Value| berlin(&value);
        let winter = Some("2027-01-31T23:00:00Z".to_owned());
        assert_eq!(told(json!("2027-02-01")), winter);
        assert_eq!(told(json!(" 2027-02-01T00:00:00 ")), winter);
        assert_eq!(told(json!("2027-02-01T07:00:00+08:00")), winter);
        assert_eq!(told(json!("2027-01-31T23:00:00.9Z")), winter);
        assert_eq!(told(json!(1_801_436_400)), winter);
        assert_eq!(told(json!(1_801_436_400.5)), winter);
        for nothing in [json!("soon"), json!("01.02.2027"), json!(""), json!(true), json!(1e30)] {
            assert_eq!(told(nothing), None);
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        #[test]
        fn a_ring_is_followed_by_a_later_one_and_never_by_those_gone_by(
            first in 0i64..1_000, rung in prop::option::of(0i64..1_000), every in 1i64..50, as_of in 0i64..1_000
        ) {
            let (first, rung, as_of) = (at(first), rung.map(at), at(as_of));
            let period = SignedDuration::from_secs(every);
            let due = next(first, rung, Some(period), as_of).unwrap();
            prop_assert!(due >= first && rung.is_none_or(|rung| rung < due));
            prop_assert!(due > as_of - period, "what went by is rung for once");
            prop_assert_eq!(next(first, Some(due), Some(period), as_of.max(due)), Some(due + period));
            prop_assert_eq!(next(first, rung, None, as_of), Some(first).filter(|first| rung.is_none_or(|rung| rung < *first)));
        }
    }
}
