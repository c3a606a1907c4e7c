//! Changes of the configuration version in force.

use crate::clock;
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use serde::Serialize;
use state::Settings;
use state::dynamo::Store;

/// What to do where a version is not there.
pub(super) const LIST_VERSIONS: &str = "List the versions: omnicord config history";

/// The version in force after a command, and before.
#[derive(Serialize)]
pub(super) struct InForce {
    version: u64,
    before: Option<u64>,
}

/// Stores a checked document as a version and puts it in force, unless it is already.
pub(super) async fn apply(store: &Store, text: &str, by: &str) -> Result<InForce, Trouble> {
    let before = store.current_version().await?;
    if let Some(version) = before
        && store.config(version).await?.is_some_and(|current| current.text == text)
    {
        return Ok(InForce { version, before });
    }
    let version = store.add_config(text, by, clock::now()).await?.version;
    store.point_to(version).await?;
    Ok(InForce { version, before })
}

/// Puts a stored version in force again: this one, or that before the one in force.
pub(super) async fn rollback(store: &Store, to: Option<u64>) -> Result<InForce, Trouble> {
    let before = store.current_version().await?;
    let (version, what) = match (to, before) {
        (Some(version), _) => (version, format!("configuration version {version}")),
        (None, Some(before)) => {
            (before.saturating_sub(1), format!("configuration before version {before}"))
        }
        (None, None) => return Err(no_config()),
    };
    let missing = Trouble::Missing { what, remedy: LIST_VERSIONS };
    let config = store.config(version).await?.ok_or(missing)?;
    if rules::parse(&config.text).is_err() {
        return Err(Trouble::Missing {
            what: format!("use for configuration version {version}: it does not fit this program"),
            remedy: "See why: omnicord config show VERSION > file; omnicord config check file",
        });
    }
    store.point_to(version).await?;
    Ok(InForce { version, before })
}

pub(super) fn no_config() -> Trouble {
    Trouble::Missing {
        what: "configuration in force".into(),
        remedy: "Apply one: omnicord config apply omnicord.yaml",
    }
}

impl View for InForce {
    fn text(&self, _: &Page) -> String {
        let version = self.version;
        match self.before {
            Some(before) if before == version => {
                format!("unchanged: version {version} is in force already")
            }
            Some(before) => format!(
                "version {version} is in force: functions pick it up within 60 s\n\
                 back to the one before: omnicord config rollback {before}"
            ),
            None => format!("version {version} is in force: functions pick it up within 60 s"),
        }
    }
}
