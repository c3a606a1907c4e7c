//! What the company's validation rules left on an event.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What validation made of an event that it let pass. None of it repeats a value.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Checks {
    /// What was put right, in the order of the rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<Repair>,
    /// The rules that it breaks by itself: a function of the event and the configuration.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<String>,
    /// The rules that it breaks by what was known of its customer when it came, and so by the order
    /// of arrival: nothing that is kept of the customer may depend on them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub out_of_turn: BTreeSet<String>,
}

impl Checks {
    /// Whether no rule had anything to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.repairs.is_empty() && self.flags.is_empty() && self.out_of_turn.is_empty()
    }

    /// Every rule that the event breaks, each once, by name.
    #[must_use]
    pub fn broken(&self) -> BTreeSet<&str> {
        self.flags.union(&self.out_of_turn).map(String::as_str).collect()
    }
}

/// A field that a rule put right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Repair {
    /// The rule's name in the configuration.
    pub rule: String,
    /// The field as conditions name it, such as `event.fields.currency`.
    pub field: String,
}
