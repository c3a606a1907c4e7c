//! Message texts with places to fill in.

use crate::condition::{Facts, SUBJECTS, Vocabulary};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The engine walks an expression recursively: its length bounds its depth.
const MOST_CODE: usize = 1_000;

/// What one text may cost: an instruction is 1, and so are 64 bytes of any value made on the way. A
/// text that takes in all that an event can tell costs a tenth of it.
const MOST_FUEL: u64 = 100_000;

/// All templates of one configuration.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
    count: usize,
}

/// A template that was found to name only what exists.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    name: String,
    paths: BTreeSet<String>,
}

/// Why a text cannot be written, without repeating any of it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unrendered {
    /// Something that the text needs is absent.
    #[error("the text needs {}, which is absent", .0.join(", "))]
    Absent(Vec<String>),
    /// A filter or operator met a type that it does not take.
    #[error("a filter or operator in the text met a type that it does not take")]
    Type,
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Loops without end, or a text that no message can hold.
    #[error("the text takes too many steps or grows too long")]
    TooMuch,
}

impl Template {
    /// What it names, such as `event.fields.number`.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }
}

impl Templates {
    /// None yet. `time_zone` is the one in which `local_time` prints.
    pub(crate) fn new(time_zone: TimeZone) -> Self {
        let mut environment = Environment::new();
        // A condition may ask whether something is there; printing it needs it.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(MOST_FUEL));
        environment.add_filter("local_time", move |seconds: i64| {
            let time = Timestamp::from_second(seconds).unwrap_or_default();
            time.to_zoned(time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
        });
        Self { environment, count: 0 }
    }

    /// Takes a text in.
    ///
    /// # Errors
    /// Every mistake, in words: syntax, names that do not exist.
    pub(crate) fn add(
        &mut self,
        text: &str,
        vocabulary: &Vocabulary,
    ) -> Result<Template, Vec<String>> {
        let mut code = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        if code.any(|code| code.len() > MOST_CODE) {
            return Err(vec![format!("more than {MOST_CODE} bytes between braces; shorten it")]);
        }
        let name = self.count.to_string();
        self.environment.add_template_owned(name.clone(), text.to_owned()).map_err(|error| {
            vec![format!("no valid template: {}", error.detail().unwrap_or("syntax error"))]
        })?;
        self.count += 1;
        let named = self.environment.get_template(&name).map(|it| it.undeclared_variables(true));
        let functions: BTreeSet<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let (mut paths, mut mistakes) = (BTreeSet::new(), Vec::new());
        for path in named.unwrap_or_default() {
            if functions.contains(path.as_str()) {
                continue;
            }
            match vocabulary.check(&path.split('.').collect::<Vec<_>>()) {
                Ok(_) => {
                    paths.insert(path);
                }
                Err(message) => mistakes.push(message),
            }
        }
        mistakes.sort();
        let template = Template { name, paths };
        if mistakes.is_empty() {
            mistakes.extend(self.unusable(&template, vocabulary));
        }
        if mistakes.is_empty() { Ok(template) } else { Err(mistakes) }
    }

    /// Tries the text where everything is there, and where nothing is: the engine looks filters and
    /// tests up only when it uses them, so that one in a branch taken in neither case, such as one
    /// on a certain value, goes unnoticed. A loop without end is found by the fuel that it takes.
    fn unusable(&self, template: &Template, vocabulary: &Vocabulary) -> Option<String> {
        let mut facts = Map::new();
        for path in &template.paths {
            let segments: Vec<&str> = path.split('.').collect();
            if let Ok(found) = vocabulary.check(&segments) {
                put(&mut facts, &segments, found.example());
            }
        }
        let roots = ["event", "customer", "company"].into_iter().chain(SUBJECTS);
        let nothing: Map<String, Json> =
            roots.map(|root| (root.to_owned(), Json::Object(Map::new()))).collect();
        let template = self.environment.get_template(&template.name).ok()?;
        let unknown = [
            ErrorKind::UnknownFilter,
            ErrorKind::UnknownTest,
            ErrorKind::UnknownFunction,
            ErrorKind::UnknownMethod,
        ];
        [facts, nothing].iter().find_map(|facts| {
            let error = template.render(Value::from(Serde(facts))).err()?;
            if error.kind() == ErrorKind::OutOfFuel {
                return Some(Unrendered::TooMuch.to_string());
            }
            unknown.contains(&error.kind()).then(|| {
                format!("no valid template: {}", error.detail().unwrap_or("unknown filter or test"))
            })
        })
    }

    /// Fills the text in.
    ///
    /// # Errors
    /// [`Unrendered`], where it would come out incomplete.
    pub(crate) fn render(
        &self,
        template: &Template,
        facts: &Facts<'_>,
    ) -> Result<String, Unrendered> {
        let rendered = self
            .environment
            .get_template(&template.name)
            .and_then(|it| it.render(context(template, facts)));
        match rendered {
            Ok(text) if text.trim().is_empty() => Err(Unrendered::Empty),
            Ok(text) => Ok(text),
            Err(error) if error.kind() == ErrorKind::OutOfFuel => Err(Unrendered::TooMuch),
            Err(_) => {
                let absent = template.paths.iter().filter(|path| facts.get(path).is_null());
                let absent: Vec<_> = absent.map(|path| format!("`{path}`")).collect();
                Err(if absent.is_empty() { Unrendered::Type } else { Unrendered::Absent(absent) })
            }
        }
    }
}

/// Puts a value at the end of a path of objects.
pub(crate) fn put(members: &mut Map<String, Json>, path: &[&str], value: Json) {
    let [first, rest @ ..] = path else { return };
    if rest.is_empty() {
        members.entry(*first).or_insert(value);
        return;
    }
    let inner = members.entry(*first).or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// The facts that the template names, as nested objects. What is absent is left out.
fn context(template: &Template, facts: &Facts<'_>) -> Value {
    let mut roots: Map<String, Json> = ["event", "customer", "company"]
        .into_iter()
        .chain(SUBJECTS)
        .map(|root| (root.to_owned(), Json::Object(Map::new())))
        .collect();
    for path in &template.paths {
        // Two levels suffice: what lies deeper comes with its member.
        let mut segments = path.split('.');
        let (Some(root), member) = (segments.next(), segments.next()) else { continue };
        let prefix = member.map_or(root.to_owned(), |member| format!("{root}.{member}"));
        let value = facts.get(&prefix);
        match (roots.get_mut(root), member) {
            (Some(Json::Object(members)), Some(member)) if !value.is_null() => {
                members.insert(member.to_owned(), value);
            }
            (_, None) if !value.is_null() => {
                roots.insert(root.to_owned(), value);
            }
            _ => {}
        }
    }
    Value::from(Serde(&roots))
}
