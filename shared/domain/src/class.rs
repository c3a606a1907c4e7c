//! At whose door a failure lies.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What the on-call engineer asks first about a failure. Every error of every boundary names its
/// class; there is no "other".
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Throttled, unavailable, too slow: time mends it.
    #[default]
    Transient,
    /// A secret or a right that the other side does not accept: whoever holds the key mends it, for
    /// everything that goes there at once.
    Authorisation,
    /// `omnicord.yaml` or the stack lacks something: the next configuration may mend it.
    Configuration,
    /// A fault of this program's, or something that this version cannot read: the next version may
    /// mend it.
    Ours,
    /// The other side sent something unreadable, or refuses what it was sent.
    Theirs,
    /// The message's own content: nobody or several are meant by it, or a rule forbids it.
    Data,
}

impl Class {
    /// Every class, those that mend themselves first.
    pub const ALL: [Self; 6] = [
        Self::Transient,
        Self::Authorisation,
        Self::Configuration,
        Self::Ours,
        Self::Theirs,
        Self::Data,
    ];

    /// The class's name in records, metrics and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Authorisation => "authorisation",
            Self::Configuration => "configuration",
            Self::Ours => "ours",
            Self::Theirs => "theirs",
            Self::Data => "data",
        }
    }

    /// Whether a new version of the program or of the configuration may mend it, so that what
    /// failed is worth another try then.
    #[must_use]
    pub fn is_mended_by_release(self) -> bool {
        match self {
            Self::Configuration | Self::Ours => true,
            Self::Transient | Self::Authorisation | Self::Theirs | Self::Data => false,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_stored_by_its_name() {
        for class in Class::ALL {
            assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
        }
    }
}
