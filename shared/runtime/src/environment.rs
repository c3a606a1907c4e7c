//! The one place that reads environment variables.

/// A variable that the template should have set.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment lacks {0}: deploy the function with this repository's template.yaml")]
pub struct MissingVariable(pub &'static str);

/// The process environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Environment;

impl Environment {
    /// A variable, unless it is unset or empty.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "everything else reads the environment here")]
    pub fn optional(self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// A variable that must be set.
    pub fn required(self, name: &'static str) -> Result<String, MissingVariable> {
        self.optional(name).ok_or(MissingVariable(name))
    }
}
