//! The names that conditions and templates may use.

use crate::problem::{suggestion, suggestion_within};
use crate::{Config, Form, Measure, Subjects};
use domain::EventKind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a rule may speak of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scope {
    /// The event alone.
    Event,
    /// The event, or else the customer's counts and fields.
    Tag,
    /// The customer alone.
    Customer,
    /// Everything.
    All,
}

/// The type of a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Text,
    Number,
    Bool,
    List,
    /// Members whose names the configuration or the source gives.
    Map,
    /// Whatever the source sent.
    Any,
}

impl Type {
    /// Something of this type.
    pub(crate) fn example(self) -> Value {
        match self {
            Self::Text | Self::Any => json!("1"),
            Self::Number => json!(1),
            Self::Bool => json!(true),
            Self::List => json!(["1"]),
            Self::Map => json!({}),
        }
    }
}

impl From<Form> for Type {
    fn from(form: Form) -> Self {
        match form {
            Form::Text => Self::Text,
            Form::Number => Self::Number,
            Form::Bool => Self::Bool,
            Form::List => Self::List,
            Form::Map => Self::Map,
            Form::Any => Self::Any,
        }
    }
}

/// The roots that lead to fields of the event.
pub(crate) const SUBJECTS: [&str; 4] = ["order", "invoice", "device", "agent"];

pub(super) const EVENT: [(&str, Type); 14] = [
    ("id", Type::Text),
    ("source", Type::Text),
    ("channel", Type::Text),
    ("kind", Type::Text),
    ("topic", Type::Text),
    ("direction", Type::Text),
    ("text", Type::Text),
    ("duration", Type::Number),
    ("issue", Type::Text),
    ("mood", Type::Text),
    ("occurred_at", Type::Number),
    ("interaction", Type::Bool),
    ("fields", Type::Map),
    ("flags", Type::List),
];

pub(super) const CUSTOMER: [(&str, Type); 8] = [
    ("id", Type::Text),
    ("tags", Type::List),
    ("counts", Type::Map),
    ("facts", Type::Map),
    ("fields", Type::Map),
    ("crm", Type::Bool),
    ("phone", Type::Text),
    ("email", Type::Text),
];

/// The names of one configuration.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    counters: BTreeSet<String>,
    facts: BTreeMap<String, Type>,
    /// The declared members of each of [`SUBJECTS`].
    subjects: BTreeMap<&'static str, BTreeMap<String, Type>>,
    fields: BTreeSet<String>,
    tags: BTreeSet<String>,
    issues: BTreeSet<String>,
    moods: BTreeSet<String>,
    sources: BTreeSet<String>,
    checks: BTreeSet<String>,
}

impl Vocabulary {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            counters: config.counters.iter().map(|rule| rule.name.clone()).collect(),
            facts: facts(config),
            subjects: subjects(config),
            fields: config.fields.iter().map(|rule| rule.name.clone()).collect(),
            tags: config.tags.iter().map(|rule| rule.name.clone()).collect(),
            issues: config.classify.issues.iter().map(|rule| rule.name.clone()).collect(),
            moods: config.classify.moods.iter().map(|rule| rule.name.clone()).collect(),
            sources: config.sources.keys().cloned().collect(),
            checks: config.validate.iter().map(|rule| rule.name.clone()).collect(),
        }
    }

    /// The type of what a path such as `["event", "topic"]` leads to.
    ///
    /// # Errors
    /// What is wrong with the path, in words.
    pub(crate) fn check(&self, path: &[&str]) -> Result<Type, String> {
        match path {
            ["now"] => Ok(Type::Number),
            ["event" | "customer" | "company"] => {
                Err(format!("`{}` alone says nothing; name a member of it", path.join(".")))
            }
            [root] if SUBJECTS.contains(root) => Ok(Type::Map),
            [root, name, rest @ ..] if SUBJECTS.contains(root) => self.subject(root, name, rest),
            ["company", "name"] => Ok(Type::Text),
            ["company", name, ..] => Err(unknown("company", name, ["name"])),
            ["event", rest @ ..] => self.member("event", &EVENT, rest),
            ["customer", rest @ ..] => self.member("customer", &CUSTOMER, rest),
            [root, ..] => Err(format!(
                "unknown name `{root}`{}",
                suggestion(
                    root,
                    ["event", "customer", "company", "now"].into_iter().chain(SUBJECTS)
                )
            )),
            [] => Err("nothing is named".to_owned()),
        }
    }

    fn subject(&self, root: &str, name: &str, rest: &[&str]) -> Result<Type, String> {
        let Some(declared) = self.subjects.get(root) else { return Ok(Type::Any) };
        let found = declared.get(name);
        let found =
            found.ok_or_else(|| unknown(root, name, declared.keys().map(String::as_str)))?;
        match (found, rest) {
            (found, []) => Ok(*found),
            (Type::Map | Type::Any, [_, ..]) => Ok(Type::Any),
            (Type::Text | Type::Number | Type::Bool | Type::List, [member, ..]) => {
                Err(format!("`{root}.{name}` has no member `{member}`"))
            }
        }
    }

    fn member(&self, root: &str, members: &[(&str, Type)], path: &[&str]) -> Result<Type, String> {
        let [name, rest @ ..] = path else { return Err(format!("`{root}` has no name")) };
        let Some((_, found)) = members.iter().find(|(member, _)| member == name) else {
            let message = unknown(root, name, members.iter().map(|(member, _)| *member));
            let hint =
                if root == "event" { "; what a source sends is in `event.fields`" } else { "" };
            return Err(if message.ends_with('?') { message } else { message + hint });
        };
        match (root, *name, rest) {
            (_, _, []) => Ok(*found),
            ("customer", "counts", [counter]) => {
                one_of(&self.counters, "customer.counts", counter).map(|()| Type::Number)
            }
            ("customer", "facts", [fact]) => self.facts.get(*fact).copied().ok_or_else(|| {
                unknown("customer.facts", fact, self.facts.keys().map(String::as_str))
            }),
            ("customer", "fields", [field, ..]) => {
                one_of(&self.fields, "customer.fields", field).map(|()| Type::Any)
            }
            ("event", "fields", [_, ..]) => Ok(Type::Any),
            (_, _, [member, ..]) => Err(format!("`{root}.{name}` has no member `{member}`")),
        }
    }

    /// Whether `path` can ever equal, or hold, `text`.
    ///
    /// # Errors
    /// That it cannot, in words, with the nearest value that it can.
    pub(crate) fn check_value(&self, path: &str, text: &str) -> Result<(), String> {
        let known: Vec<&str> = match path {
            "event.kind" => EventKind::ALL.map(EventKind::as_str).to_vec(),
            "event.direction" => vec!["inbound", "outbound"],
            "event.issue" => self.issues.iter().map(String::as_str).collect(),
            "event.mood" => self.moods.iter().map(String::as_str).collect(),
            "event.source" => self.sources.iter().map(String::as_str).collect(),
            "event.flags" => self.checks.iter().map(String::as_str).collect(),
            "customer.tags" => self.tags.iter().map(String::as_str).collect(),
            _ => return Ok(()),
        };
        if known.contains(&text) {
            return Ok(());
        }
        Err(format!("`{path}` is never \"{text}\"{}", suggestion(text, known)))
    }
}

impl Scope {
    /// Whether a rule of this scope may read `path`.
    ///
    /// # Errors
    /// That it may not, in words, with what to do instead.
    pub(crate) fn check(self, path: &str) -> Result<(), String> {
        let of = |root: &str| path == root || path.starts_with(&format!("{root}."));
        match self {
            Self::All => Ok(()),
            Self::Customer if of("customer") || of("company") => Ok(()),
            Self::Customer => Err(format!("`{path}` is not known here; only `customer` is")),
            Self::Event | Self::Tag if of("company") || of("now") || is_of_event(path) => Ok(()),
            Self::Tag
                if ["counts", "facts", "fields"].iter().any(|it| of(&format!("customer.{it}"))) =>
            {
                Ok(())
            }
            Self::Event => Err(format!("`{path}` is not known here; only `event` is")),
            Self::Tag => Err(format!(
                "a tag cannot depend on `{path}`; use `customer.facts`, `customer.fields` or \
                 `event`, or a trigger with `crm.tag`"
            )),
        }
    }
}

/// Whether a path leads to something that the event itself tells.
pub(super) fn is_of_event(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or_default();
    root == "event" || SUBJECTS.contains(&root)
}

fn subjects(config: &Config) -> BTreeMap<&'static str, BTreeMap<String, Type>> {
    let Subjects { order, invoice, device, agent } = &config.schema;
    let declared = SUBJECTS.into_iter().zip([order, invoice, device, agent]);
    let typed = declared.filter_map(|(root, members)| {
        let members = members.as_ref()?.iter();
        Some((root, members.map(|(name, form)| (name.clone(), Type::from(*form))).collect()))
    });
    typed.collect()
}

fn facts(config: &Config) -> BTreeMap<String, Type> {
    let counters = config.counters.iter().map(|rule| (rule.name.clone(), Type::Number));
    let facts = config.facts.iter().map(|rule| {
        let found = match (rule.of, &rule.value) {
            (Measure::Count | Measure::Sum | Measure::Duration, _)
            | (Measure::First | Measure::Last, None) => Type::Number,
            (Measure::First | Measure::Last, Some(_)) => Type::Any,
            (Measure::Distinct, _) => Type::List,
        };
        (rule.name.clone(), found)
    });
    counters.chain(facts).collect()
}

fn one_of(known: &BTreeSet<String>, root: &str, name: &str) -> Result<(), String> {
    if known.contains(name) {
        return Ok(());
    }
    Err(unknown(root, name, known.iter().map(String::as_str)))
}

fn unknown<'k>(root: &str, name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let near = suggestion_within(&format!("{root}."), name, known);
    format!("unknown `{root}.{name}`{near}")
}
