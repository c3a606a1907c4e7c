//! Why each rule fired or did not.

use super::RuleSet;
use super::judge::{Judge, Verdict};
use crate::condition::{Expression, Facts};
use domain::{Counter, Fired, Handle, HandleKey, Profile, RuleRef, Series, Tagged};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands in place of a value that is not shown.
const HIDDEN: &str = "•••";

/// Whether personal values are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disclosure {
    /// What was said is hidden, and so is every text that holds a handle.
    Masked,
    /// Everything is shown.
    Plain,
}

/// What one rule made of an event.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RuleTrace {
    /// The rule.
    pub rule: RuleRef,
    /// What was decided, with what decided it.
    pub verdict: Verdict,
    /// Its condition, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<ConditionTrace>,
    /// Its exception, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unless: Option<ConditionTrace>,
    /// When it fired for the customer before, as far as its limits look back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fired: Vec<Timestamp>,
}

/// A condition with the values that made it true or false.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ConditionTrace {
    /// Its text.
    pub text: String,
    /// What came out.
    pub truth: Truth,
    /// The conditions that it is made of, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartTrace>,
    /// Everything that it reads, such as `event.topic`; null where that is absent.
    pub reads: BTreeMap<String, Value>,
    /// Those of them that mean "at least", since more happened than is remembered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at_least: Vec<String>,
}

/// One of the conditions that a condition is made of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PartTrace {
    /// Its text.
    pub text: String,
    /// What came out, by itself.
    pub truth: Truth,
}

/// What came out of a condition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It needs something that is absent, and so does not hold.
    Absent,
    /// It does not fit the data.
    Failed(String),
}

impl RuleSet {
    /// Explains what [`RuleSet::decide`] would do with the same arguments: every rule that looks
    /// at events of this kind, in the order in which they are looked at.
    #[must_use]
    pub fn explain(
        &self,
        tagged: &Tagged,
        now: Timestamp,
        fired: &Fired,
        disclosure: Disclosure,
    ) -> Vec<RuleTrace> {
        let judge = Judge::new(self, tagged, now, fired);
        let echo = self.echo(&tagged.event);
        let mut stopped: Option<&str> = None;
        let mut traces = Vec::new();
        for index in self.index.of_kind(tagged.event.kind) {
            let (Some(rule), Some(compiled)) =
                (self.config.triggers.get(index), self.triggers.get(index))
            else {
                continue;
            };
            let verdict = match (echo, stopped) {
                (Some(by), _) => Verdict::Echo { by: by.to_owned() },
                (None, Some(by)) => Verdict::Stopped { by: by.to_owned() },
                (None, None) => judge.verdict(rule, compiled),
            };
            if rule.stop && verdict.matched() {
                stopped = Some(&rule.name);
            }
            let trace = |text: &Option<String>, compiled: &Option<Expression>| {
                let (text, compiled) = (text.as_ref()?, compiled.as_ref()?);
                Some(self.trace(text, compiled, &judge.facts, tagged, disclosure))
            };
            let window = rule.remembered().unwrap_or_default();
            traces.push(RuleTrace {
                rule: self.named(&rule.name),
                when: trace(&rule.when, &compiled.when),
                unless: trace(&rule.unless, &compiled.unless),
                fired: fired.within(&rule.name, &tagged.event.id, now, window).collect(),
                verdict,
            });
        }
        traces
    }

    fn trace(
        &self,
        text: &str,
        compiled: &Expression,
        facts: &Facts<'_>,
        tagged: &Tagged,
        disclosure: Disclosure,
    ) -> ConditionTrace {
        let truth = |expression: &Expression| match self.evaluator.truth(expression, facts) {
            Ok(Some(true)) => Truth::True,
            Ok(Some(false)) => Truth::False,
            Ok(None) => Truth::Absent,
            Err(error) => Truth::Failed(error.to_string()),
        };
        let parts = Expression::parts(text, &self.vocabulary);
        let parts = parts
            .iter()
            .map(|(text, part)| PartTrace { text: (*text).to_owned(), truth: truth(part) });
        let read = |path: &str| match disclosure {
            Disclosure::Plain => facts.get(path),
            Disclosure::Masked => masked(path, facts.get(path), tagged),
        };
        ConditionTrace {
            text: text.to_owned(),
            truth: truth(compiled),
            parts: parts.collect(),
            at_least: compiled
                .paths()
                .filter(|path| is_bounded(path, &tagged.customer.profile))
                .map(str::to_owned)
                .collect(),
            reads: compiled.paths().map(|path| (path.to_owned(), read(path))).collect(),
        }
    }
}

/// Whether a path leads to a count or fact whose oldest occurrences may be forgotten.
fn is_bounded(path: &str, profile: &Profile) -> bool {
    let name = ["customer.counts.", "customer.facts."].iter().find_map(|it| path.strip_prefix(it));
    name.is_some_and(|name| {
        let is_full = |counter: &Counter| counter.occurrences().count() >= Counter::MOST;
        profile.counters.get(name).is_some_and(is_full)
            || profile.facts.get(name).is_some_and(Series::is_full)
    })
}

/// The value without what is personal in it.
fn masked(path: &str, value: Value, tagged: &Tagged) -> Value {
    let personal = ["event.text", "customer.phone", "customer.email"].contains(&path);
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
        Value::String(text) if personal || holds_handle(&text, tagged) => HIDDEN.into(),
        Value::String(text) => Value::String(text),
        Value::Array(items) => items.into_iter().map(|item| masked(path, item, tagged)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, masked(path, value, tagged))).collect()
        }
    }
}

fn holds_handle(text: &str, tagged: &Tagged) -> bool {
    let told = tagged.event.handles.iter().map(Handle::key);
    let known = tagged.customer.handles.keys().cloned();
    // What was typed has other punctuation than the handle made of it.
    let bare = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let text = bare(text);
    told.chain(known).any(|key: HandleKey| text.contains(&bare(key.value())))
}
