//! The Febrl sets, as `infra/local/bench/febrl.py` writes them.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The sets, by the names of their files.
pub(crate) const NAMES: [&str; 4] = ["febrl1", "febrl2", "febrl3", "febrl4"];

/// A description of a person, possibly with errors.
#[derive(Deserialize)]
pub(crate) struct Record {
    /// Whom it describes, in truth.
    pub(crate) person: usize,
    fields: BTreeMap<String, String>,
}

impl Record {
    /// A field without case, spaces and punctuation; none where nothing is left.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let bare = |text: &String| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        self.fields.get(name).map(bare).filter(|bare| !bare.is_empty())
    }
}

/// Records of which several describe the same person.
pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) records: Vec<Record>,
}

/// Every set of the folder.
pub(crate) fn read(folder: &Path) -> Vec<Set> {
    let set = |name: &'static str| {
        let text = fs::read_to_string(folder.join(name).with_extension("jsonl"))
            .expect("the sets were written before the measurement");
        let record = |line| serde_json::from_str(line).expect("each line is a record");
        Set { name, records: text.lines().map(record).collect() }
    };
    NAMES.map(set).into()
}
