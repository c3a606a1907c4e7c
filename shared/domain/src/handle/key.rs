//! The text by which a handle is stored.

use super::{Handle, HandleKind, phone};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The normalised text `kind:scope:value` under which a handle is stored and compared.
///
/// It is personal data: it never reaches a log, a metric or an error.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HandleKey(String);

impl HandleKey {
    pub(super) fn of(handle: &Handle) -> Self {
        Self(format!("{}:{}:{}", handle.kind.as_str(), handle.scope, handle.value))
    }

    /// Takes back a key that was stored.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind, which may be logged.
    #[must_use]
    pub fn kind(&self) -> Option<HandleKind> {
        let name = self.0.split(':').next()?;
        HandleKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Who issued the value; see [`HandleKind`].
    #[must_use]
    pub fn scope(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// The part after the scope.
    #[must_use]
    pub fn value(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }

    /// The number to which a text message can be sent; see [`Handle::dialable`].
    #[must_use]
    pub fn dialable(&self) -> Option<&str> {
        let phone = self.kind() == Some(HandleKind::Phone);
        phone.then(|| phone::dialable(self.value())).flatten()
    }

    /// Whether it is the line of a service; see [`Handle::is_service_line`].
    #[must_use]
    pub fn is_service_line(&self) -> bool {
        self.kind() == Some(HandleKind::Phone) && phone::is_service_line(self.value())
    }
}

impl fmt::Debug for HandleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A text that was stored as a key need not be one: only a known kind is no personal data.
        write!(f, "HandleKey({}:…)", self.kind().map_or("?", HandleKind::as_str))
    }
}
