//! The stored versions of the configuration.

use super::apply::{LIST_VERSIONS, no_config};
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use jiff::Timestamp;
use serde::Serialize;
use state::dynamo::Store;
use state::{ConfigVersion, Settings};

/// The newest versions, newest first.
#[derive(Serialize)]
pub(super) struct History {
    versions: Vec<Stored>,
}

#[derive(Serialize)]
struct Stored {
    version: u64,
    in_force: bool,
    applied_at: Timestamp,
    applied_by: String,
    lines: usize,
}

/// One version with its text.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Document(ConfigVersion);

pub(super) async fn history(store: &Store, most: i32) -> Result<History, Trouble> {
    let current = store.current_version().await?;
    let versions = store.config_history(most).await?.into_iter().map(|config| Stored {
        version: config.version,
        in_force: current == Some(config.version),
        applied_at: config.applied_at,
        applied_by: config.applied_by,
        lines: config.text.lines().count(),
    });
    Ok(History { versions: versions.collect() })
}

pub(super) async fn show(store: &Store, version: Option<u64>) -> Result<Document, Trouble> {
    let version = match version {
        Some(version) => version,
        None => store.current_version().await?.ok_or_else(no_config)?,
    };
    let missing = Trouble::Missing {
        what: format!("configuration version {version}"),
        remedy: LIST_VERSIONS,
    };
    Ok(Document(store.config(version).await?.ok_or(missing)?))
}

impl View for History {
    fn text(&self, page: &Page) -> String {
        let mut sheet = page.table(["version", "in force", "applied at", "by", "lines"]);
        for version in &self.versions {
            sheet.row([
                version.version.to_string(),
                if version.in_force { "yes".into() } else { String::new() },
                page.time(version.applied_at),
                version.applied_by.clone(),
                version.lines.to_string(),
            ]);
        }
        sheet.or("no configuration was applied yet: omnicord config apply omnicord.yaml")
    }
}

impl View for Document {
    fn text(&self, _: &Page) -> String {
        self.0.text.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_force_is_marked() {
        let version = |version, applied_at: &str| Stored {
            version,
            in_force: version == 2,
            applied_at: applied_at.parse().unwrap(),
            applied_by: "anna".into(),
            lines: 40,
        };
        let history = History {
            versions: vec![
                version(3, "2026-01-02T03:04:00Z"),
                version(2, "2026-01-02T01:04:00Z"),
                version(1, "2025-12-02T03:04:00Z"),
            ],
        };
        insta::assert_snapshot!(history.text(&Page::unbounded("2026-01-02T03:04:05Z")));
    }
}
