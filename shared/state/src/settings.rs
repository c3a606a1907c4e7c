//! The configuration in its versions.

use crate::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One applied configuration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConfigVersion {
    /// Counts up from 1.
    pub version: u64,
    /// The YAML document.
    pub text: String,
    /// When it was applied.
    pub applied_at: Timestamp,
    /// Who applied it, by the name of their account on their machine.
    pub applied_by: String,
}

/// The configuration store.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Settings {
    /// The number of the version in force, if any was applied yet.
    async fn current_version(&self) -> Result<Option<u64>, StoreError>;

    /// One version.
    async fn config(&self, version: u64) -> Result<Option<ConfigVersion>, StoreError>;
}
