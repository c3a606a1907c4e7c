//! Something that somebody has to do.

use jiff::civil::Date;
use std::fmt;

/// The id of a task, in the CRM's own form.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TaskId(String);

impl TaskId {
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

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
