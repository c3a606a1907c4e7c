//! The rules that are in force.

use super::apply::no_config;
use crate::trouble::Trouble;
use rules::RuleSet;
use state::Settings;

/// Reads the configuration in force.
pub(crate) async fn in_force(store: &impl Settings) -> Result<RuleSet, Trouble> {
    let version = store.current_version().await?.ok_or_else(no_config)?;
    of_version(store, version).await?.ok_or_else(|| Trouble::Refused {
        why: format!("this program cannot read configuration version {version}, which is in force"),
        remedy: "Use the omnicord of the version that was deployed".into(),
    })
}

/// Reads one version; none where it is not stored or does not fit this program.
pub(crate) async fn of_version(
    store: &impl Settings,
    version: u64,
) -> Result<Option<RuleSet>, Trouble> {
    let stored = store.config(version).await?;
    Ok(stored.and_then(|config| RuleSet::load(&config.text, version).ok()))
}
