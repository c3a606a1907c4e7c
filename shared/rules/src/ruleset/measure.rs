//! What events tell of a customer over time.

use super::RuleSet;
use crate::condition::{Expression, Said, decimal};
use crate::document::Path;
use crate::findings::Findings;
use crate::{Config, FactRule, Measure};
use domain::Profile;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A fact that is not a count, compiled.
#[derive(Debug)]
pub(super) struct Measuring {
    pub(super) when: Expression,
    pub(super) value: Option<Expression>,
    /// How long a value is remembered; for ever, if none.
    pub(super) horizon: Option<SignedDuration>,
}

/// The shortest and the longest window of a fact.
const WINDOWS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(1), SignedDuration::from_hours(24 * 366));

impl Config {
    pub(super) fn validate_facts(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("facts");
        for (index, rule) in self.facts.iter().enumerate() {
            let path = path.index(index);
            if self.counters.iter().any(|counter| counter.name == rule.name) {
                let message = format!("`{}` is already taken by a counter", rule.name);
                findings.add(&path.key("name"), message);
            }
            let window = SignedDuration::from(rule.window);
            if window < WINDOWS.0 || window > WINDOWS.1 {
                findings.add(&path.key("window"), "a window lasts from 1h to 366d");
            }
            match (rule.of, &rule.value) {
                (Measure::Sum | Measure::Distinct, None) => {
                    findings.add(&path, "`value` is missing: what each event tells");
                }
                (Measure::Count | Measure::Duration, Some(_)) => {
                    findings.add(&path.key("value"), "this measure takes no value; leave it out");
                }
                (Measure::Sum | Measure::Distinct, Some(_))
                | (Measure::Count | Measure::Duration, None)
                | (Measure::First | Measure::Last, _) => {}
            }
        }
    }
}

impl RuleSet {
    pub(super) fn measure(&self, profile: &mut Profile, said: Said<'_>) {
        let event = said.event;
        let newest = profile.last_seen.unwrap_or(event.occurred_at);
        for (rule, measuring) in self.measures.iter().zip(&self.measurings) {
            if let Some(value) = self.told(rule, measuring, said) {
                let series = profile.facts.entry(rule.name.clone()).or_default();
                series.record(event.occurred_at, &event.id, value);
            }
            if let (Some(series), Some(horizon)) =
                (profile.facts.get_mut(&rule.name), measuring.horizon)
            {
                series.forget_before(newest, horizon);
            }
        }
        profile.facts.retain(|_, series| !series.is_empty());
    }

    /// What the event tells of a fact, if anything.
    fn told(&self, rule: &FactRule, measuring: &Measuring, said: Said<'_>) -> Option<Value> {
        let facts = self.facts(Some(said), None, said.event.occurred_at);
        if !self.evaluator.holds(&measuring.when, &facts).unwrap_or(false) {
            return None;
        }
        if rule.of == Measure::Duration {
            return said.event.duration_s.map(|seconds| json!(seconds));
        }
        let Some(expression) = &measuring.value else {
            return Some(json!(said.event.occurred_at.as_second()));
        };
        let value = self.evaluator.value(expression, &facts).ok()??;
        (rule.of != Measure::Sum || decimal(&value).is_some()).then_some(value)
    }
}
