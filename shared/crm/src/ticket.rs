//! A matter that somebody has to see to.

use std::fmt;

/// A ticket to be opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// One line.
    pub title: String,
    /// The whole matter.
    pub text: String,
    /// The person who is to answer, by the name that the CRM knows. `None` takes the connector's
    /// configured owner.
    pub owner: Option<String>,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}
