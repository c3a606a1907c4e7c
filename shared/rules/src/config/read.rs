//! The document, section by section, so that one mistake does not hide the next.

use super::{Classify, Config, ConsentRules, FailureRules, Identity, Sms, Subjects, SyncPolicy};
use crate::Problem;
use crate::document::{Entry, Node, Path, Position, Value};
use crate::problem::{in_reading_order, suggestion};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The sections, in the order in which a document is best written.
const SECTIONS: [&str; 26] = [
    "company",
    "sources",
    "reconcile",
    "crm",
    "agents",
    "sync",
    "identity",
    "classify",
    "schema",
    "validate",
    "counters",
    "facts",
    "fields",
    "tags",
    "echoes",
    "timers",
    "triggers",
    "sms",
    "email",
    "endpoints",
    "wechat",
    "wecom",
    "whatsapp",
    "consent",
    "destinations",
    "failures",
];

impl Config {
    /// Reads the document's structure: every setting has a known name and the right form.
    ///
    /// # Errors
    /// Every section's or item's first mistake.
    pub(crate) fn read(document: &Node) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader { document, problems: Vec::new() };
        if !matches!(document.value, Value::Map(_)) {
            let message = format!("expected a mapping of sections: {}", SECTIONS.join(", "));
            reader.report(&Path::root(), document.at, message);
            return Err(reader.problems);
        }
        reader.known_sections();
        let company = reader.section("company");
        if company.is_none() && document.entry("company").is_none() {
            reader.report(&Path::root(), document.at, "`company` is missing".into());
        }
        let config = Self {
            sources: reader.map("sources"),
            reconcile: reader.map("reconcile"),
            crm: reader.section("crm"),
            agents: reader.list("agents"),
            sync: reader.section::<SyncPolicy>("sync").unwrap_or_default(),
            identity: reader.section::<Identity>("identity").unwrap_or_default(),
            classify: reader.section::<Classify>("classify").unwrap_or_default(),
            schema: reader.section::<Subjects>("schema").unwrap_or_default(),
            validate: reader.list("validate"),
            counters: reader.list("counters"),
            facts: reader.list("facts"),
            fields: reader.list("fields"),
            tags: reader.list("tags"),
            echoes: reader.list("echoes"),
            timers: reader.list("timers"),
            triggers: reader.list("triggers"),
            sms: reader.section::<Sms>("sms").unwrap_or_default(),
            email: reader.section("email"),
            endpoints: reader.map("endpoints"),
            wechat: reader.map("wechat"),
            wecom: reader.map("wecom"),
            whatsapp: reader.map("whatsapp"),
            consent: reader.section::<ConsentRules>("consent").unwrap_or_default(),
            destinations: reader.map("destinations"),
            failures: reader.section::<FailureRules>("failures").unwrap_or_default(),
            company: match company {
                Some(company) if reader.problems.is_empty() => company,
                Some(_) | None => return Err(in_reading_order(reader.problems)),
            },
        };
        if reader.problems.is_empty() { Ok(config) } else { Err(in_reading_order(reader.problems)) }
    }
}

struct Reader<'d> {
    document: &'d Node,
    problems: Vec<Problem>,
}

impl<'d> Reader<'d> {
    fn known_sections(&mut self) {
        for entry in self.document.entries() {
            if !SECTIONS.contains(&entry.key.as_str()) {
                let message =
                    format!("unknown section `{}`{}", entry.key, suggestion(&entry.key, SECTIONS));
                self.report(&Path::root().key(&entry.key), entry.at, message);
            }
        }
    }

    fn section<T: Deserialize<'d>>(&mut self, name: &str) -> Option<T> {
        let node = &self.document.entry(name)?.node;
        self.value(&Path::root().key(name), node)
    }

    fn list<T: Deserialize<'d>>(&mut self, name: &str) -> Vec<T> {
        let path = Path::root().key(name);
        let Some(Entry { node, .. }) = self.document.entry(name) else { return Vec::new() };
        if !matches!(node.value, Value::List(_) | Value::Null) {
            self.report(&path, node.at, "expected a list; begin each item with `- `".into());
        }
        let items = node.items().iter().enumerate();
        items.filter_map(|(index, node)| self.value(&path.index(index), node)).collect()
    }

    fn map<T: Deserialize<'d>>(&mut self, name: &str) -> BTreeMap<String, T> {
        let path = Path::root().key(name);
        let Some(Entry { node, .. }) = self.document.entry(name) else { return BTreeMap::new() };
        if !matches!(node.value, Value::Map(_) | Value::Null) {
            self.report(&path, node.at, "expected a mapping of names to settings".into());
        }
        let mut values = BTreeMap::new();
        for entry in node.entries() {
            if let Some(value) = self.value(&path.key(&entry.key), &entry.node) {
                values.insert(entry.key.clone(), value);
            }
        }
        values
    }

    fn value<T: Deserialize<'d>>(&mut self, path: &Path, node: &'d Node) -> Option<T> {
        match T::deserialize(node) {
            Ok(value) => Some(value),
            Err(fault) => {
                let (inner, at, message) = fault.placed(node);
                self.report(&path.join(&inner), at, message);
                None
            }
        }
    }

    fn report(&mut self, path: &Path, at: Position, message: String) {
        self.problems.push(Problem {
            line: Some(at.line),
            column: Some(at.column),
            path: path.to_string(),
            message,
        });
    }
}
