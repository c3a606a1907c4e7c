//! How words become issue and mood.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Keyword rules over an event's text. In each list the first rule that matches decides.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Classify {
    /// What the customer wants: `event.issue`.
    #[serde(default)]
    pub issues: Vec<Keywords>,
    /// How the customer feels: `event.mood`.
    #[serde(default)]
    pub moods: Vec<Keywords>,
}

/// One issue or mood with the words that tell it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keywords {
    /// The name that conditions compare with, such as `quality`.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub name: String,
    /// Words or phrases, in any case. A word of an alphabet matches whole words; one of a script
    /// that is written without spaces, such as Chinese, matches anywhere.
    #[schemars(length(min = 1))]
    pub any: Vec<String>,
}
