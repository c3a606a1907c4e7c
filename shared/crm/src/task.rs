//! Something that somebody has to do.

use jiff::civil::Date;
use std::fmt;

/// A task to be opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Task {
    /// One line.
    pub title: String,
    /// What is to be done.
    pub text: String,
    /// The day by which it is to be done.
    pub due: Option<Date>,
    /// The person who is to do it, by the name that the CRM knows. `None` takes the connector's
    /// configured owner.
    pub owner: Option<String>,
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Task(…)")
    }
}
