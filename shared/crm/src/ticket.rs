//! A matter that somebody has to see to.

use std::fmt;

/// The id of a ticket, in the CRM's own form.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TicketId(String);

impl TicketId {
    /// Takes the id that the CRM gave.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as the CRM gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
