//! From validation rules to checks that can be made.

use super::field::{FieldTest, Test};
use super::place::Place;
use crate::condition::{Expression, Scope};
use crate::document::Path;
use crate::problem::suggestion;
use crate::ruleset::compile::Compiler;
use crate::ruleset::is_name;
use crate::{Bound, Check, CheckRule, Config, Range, Remedy, Transition};
use domain::EventKind;
use regex_lite::{Regex, RegexBuilder};
use serde_json::Value;
use std::collections::BTreeSet;

/// Bytes of one compiled pattern: what a person writes takes a few hundred.
const LARGEST_PATTERN: usize = 64 << 10;

/// A rule, compiled.
#[derive(Debug)]
pub(in crate::ruleset) struct Checking {
    pub(super) when: Option<Expression>,
    /// Whether `when` asks what the event's words mean.
    pub(super) hears_words: bool,
    pub(super) testing: Testing,
}

/// What is looked at.
#[derive(Debug)]
pub(super) enum Testing {
    /// The event by itself.
    Fields { tests: Vec<FieldTest>, mending: Option<Mending> },
    /// The event beside those that are known.
    Transition,
}

/// A remedy, compiled.
#[derive(Debug)]
pub(super) enum Mending {
    Trim,
    Clamp,
    Default(Value),
    From(Expression),
}

impl Checking {
    pub(in crate::ruleset) fn new(
        compiler: &mut Compiler<'_>,
        path: &Path,
        rule: &CheckRule,
        config: &Config,
    ) -> Option<Self> {
        frame(compiler, path, rule, config);
        let when = match &rule.when {
            None => Some(None),
            Some(text) => compiler.condition(&path.key("when"), text, Scope::Event).map(Some),
        };
        let check = path.key("check");
        let tests = tests(compiler, &check, &rule.check);
        let mending = mending(compiler, path, rule, tests.as_deref());
        let testing = match tests {
            None => Testing::Transition,
            Some(tests) if tests.is_empty() => {
                compiler.findings.add(&check, "name at least one field");
                return None;
            }
            Some(tests) => {
                Testing::Fields { tests: tests.into_iter().collect::<Option<_>>()?, mending }
            }
        };
        let when = when?;
        let words = |path: &str| ["event", "event.issue", "event.mood"].contains(&path);
        let hears_words = when.as_ref().is_some_and(|when| when.paths().any(words));
        Some(Self { when, hears_words, testing })
    }
}

/// The fields to look at, of which those with a mistake are none; none at all for a transition.
fn tests(
    compiler: &mut Compiler<'_>,
    path: &Path,
    check: &Check,
) -> Option<Vec<Option<FieldTest>>> {
    match check {
        Check::Required(fields) => {
            let path = path.key("required");
            let tests = fields.iter().enumerate().map(|(index, field)| {
                test_of(compiler, &path.index(index), field, Some(Test::Present))
            });
            Some(tests.collect())
        }
        Check::Format(formats) => {
            let path = path.key("format");
            let tests = formats.iter().map(|(field, form)| {
                let test = pattern(compiler, &path.key(field), form).map(Test::Matches);
                test_of(compiler, &path.key(field), field, test)
            });
            Some(tests.collect())
        }
        Check::Range(ranges) => {
            let path = path.key("range");
            let tests = ranges.iter().map(|(field, range)| {
                bounds(compiler, &path.key(field), range);
                test_of(compiler, &path.key(field), field, Some(Test::Within(range.clone())))
            });
            Some(tests.collect())
        }
        Check::Transition(transition) => {
            turns(compiler, &path.key("transition"), transition);
            None
        }
    }
}

/// What every rule has.
fn frame(compiler: &mut Compiler<'_>, path: &Path, rule: &CheckRule, config: &Config) {
    if !is_name(&rule.name.replace('_', "-"), '-') {
        let message = "a rule's name consists of a-z, 0-9, - and _";
        compiler.findings.add(&path.key("name"), message);
    }
    if rule.on.is_empty() {
        compiler.findings.add(&path.key("on"), "name at least one kind of event");
    }
    if rule.on.contains(&EventKind::Timer) {
        compiler.findings.add(&path.key("on"), "no source tells of timers; leave `timer` out");
    }
    if let Some(source) = &rule.source
        && !config.sources.contains_key(source)
    {
        let near = suggestion(source, config.sources.keys().map(String::as_str));
        compiler.findings.add(&path.key("source"), format!("unknown source `{source}`{near}"));
    }
}

fn test_of(
    compiler: &mut Compiler<'_>,
    path: &Path,
    field: &str,
    test: Option<Test>,
) -> Option<FieldTest> {
    let named = named(compiler, path, field);
    let test = test?;
    named.then(|| FieldTest { path: field.to_owned(), place: Place::of(field), test })
}

/// Whether the text names something that a source tells of an event.
fn named(compiler: &mut Compiler<'_>, path: &Path, field: &str) -> bool {
    let expression = compiler.expression(path, field, Scope::Event, Expression::value);
    let Some(expression) = expression else { return false };
    let told =
        !["event.issue", "event.mood", "event.flags", "now", "company.name"].contains(&field);
    let is_path = told && expression.paths().eq([field]);
    if !is_path {
        let message = "name one field that the source tells, such as event.fields.number";
        compiler.findings.add(path, message);
    }
    is_path
}

fn pattern(compiler: &mut Compiler<'_>, path: &Path, form: &str) -> Option<Regex> {
    let whole = format!("^(?:{form})$");
    match RegexBuilder::new(&whole).size_limit(LARGEST_PATTERN).build() {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            compiler.findings.add(path, format!("no regular expression: {error}"));
            None
        }
    }
}

fn bounds(compiler: &mut Compiler<'_>, path: &Path, range: &Range) {
    let number = |number: &serde_json::Number| number.as_f64().unwrap_or_default();
    let message = match (&range.min, &range.max) {
        (None, None) => "write `min`, `max`, or both",
        (Some(Bound::Number(min)), Some(Bound::Number(max))) if number(min) > number(max) => {
            "nothing lies between these; `min` is greater than `max`"
        }
        (Some(Bound::Since(min)), Some(Bound::Since(max))) if min > max => {
            "nothing lies between these; `min` is later than `max`"
        }
        (Some(Bound::Number(_)), Some(Bound::Since(_)))
        | (Some(Bound::Since(_)), Some(Bound::Number(_))) => {
            "a number and a time cannot bound the same value"
        }
        (Some(_), _) | (_, Some(_)) => return,
    };
    compiler.findings.add(path, message);
}

fn turns(compiler: &mut Compiler<'_>, path: &Path, transition: &Transition) {
    named(compiler, &path.key("of"), &transition.of);
    named(compiler, &path.key("state"), &transition.state);
    if transition.allowed.is_empty() {
        compiler.findings.add(&path.key("allowed"), "name at least one state with what follows it");
    }
    let allowed = transition.allowed.iter();
    let known: BTreeSet<&str> = allowed
        .flat_map(|(before, next)| std::iter::once(before).chain(next))
        .map(String::as_str)
        .collect();
    for (index, state) in transition.first.iter().enumerate() {
        if !known.contains(state.as_str()) {
            let near = suggestion(state, known.iter().copied());
            let message = format!("`allowed` says nothing of `{state}`{near}");
            compiler.findings.add(&path.key("first").index(index), message);
        }
    }
}

/// The remedy, where it can help at all.
fn mending(
    compiler: &mut Compiler<'_>,
    path: &Path,
    rule: &CheckRule,
    tests: Option<&[Option<FieldTest>]>,
) -> Option<Mending> {
    let remedy = rule.repair.as_ref()?;
    let path = path.key("repair");
    let Some(tests) = tests else {
        compiler
            .findings
            .add(&path, "a state that may not follow cannot be put right; leave it out");
        return None;
    };
    for field in tests.iter().flatten().filter(|field| field.place.is_none()) {
        let message = format!("a repair cannot write `{}`", field.path);
        compiler.findings.add(&path, message);
    }
    match (remedy, &rule.check) {
        (Remedy::Trim, Check::Format(_)) => Some(Mending::Trim),
        (Remedy::Clamp, Check::Range(_)) => Some(Mending::Clamp),
        (Remedy::Trim, _) => {
            compiler.findings.add(&path, "only a `format` is helped by `trim`");
            None
        }
        (Remedy::Clamp, _) => {
            compiler.findings.add(&path, "only a `range` has bounds for `clamp`");
            None
        }
        (Remedy::Default(value), _) => Some(Mending::Default(value.clone())),
        (Remedy::From(text), _) => {
            let path = path.key("from");
            compiler.expression(&path, text, Scope::Event, Expression::value).map(Mending::From)
        }
    }
}
