//! What a setting's form does not show of reconciliation: references, addresses, what cannot be asked.

use super::validate::check_private;
use crate::Config;
use crate::config::{History, Origin};
use crate::document::Path;
use crate::findings::Findings;
use crate::problem::suggestion;
use channels::{ChannelSettings, validate_fetched};

impl Config {
    pub(super) fn validate_reconcile(&self, findings: &mut Findings<'_>) {
        for (name, reconcile) in &self.reconcile {
            let path = Path::root().key("reconcile").key(name);
            let Some(source) = self.sources.get(name) else {
                let near = suggestion(name, self.sources.keys().map(String::as_str));
                findings.add(&path, format!("unknown source `{name}`{near}"));
                continue;
            };
            if let Some(why) = without_history(&source.channel) {
                findings.add(&path, why);
            }
            let from = path.key("from");
            let from = match &reconcile.from {
                Origin::Crm(origin) => {
                    let from = from.key("crm");
                    if self.crm.is_none() {
                        findings.add(&from, "there is no `crm` to ask");
                    }
                    if origin.records.is_empty() {
                        findings.add(&from.key("records"), "name at least one kind of records");
                    }
                    if origin.mappings.is_empty() {
                        let message = "is empty: no record could become an event";
                        findings.add(&from.key("mappings"), message);
                    }
                    from
                }
                Origin::History(history) => {
                    let from = from.key("history");
                    validate_history(history, &from, findings);
                    from
                }
            };
            for problem in validate_fetched(reconcile.mappings()) {
                findings.add(&from.along(&problem.path), problem.message);
            }
        }
    }
}

/// Why nobody can be asked what this channel should have delivered, where that is so.
fn without_history(channel: &ChannelSettings) -> Option<&'static str> {
    match channel {
        ChannelSettings::Wechat(_) => {
            Some("WeChat tells what customers sent by pushing it alone; it cannot be asked for")
        }
        ChannelSettings::Wecom(_) => {
            Some("WeCom tells what customers sent by pushing it alone; it cannot be asked for")
        }
        ChannelSettings::StandardWebhooks(_) | ChannelSettings::CallPush(_) => None,
    }
}

fn validate_history(history: &History, path: &Path, findings: &mut Findings<'_>) {
    check_private(path, &history.allow_private, findings);
    if let Err(forbidden) = history.guard().check(&history.url) {
        findings.add(&path.key("url"), forbidden.to_string());
    }
    let next = history.next.as_ref().map(|next| ("next.parameter", &next.parameter));
    let named = [("secret", &history.secret), ("since", &history.since), ("until", &history.until)];
    for (setting, text) in named.into_iter().chain(next) {
        if text.trim().is_empty() {
            findings.add(&path.along(setting), "is empty");
        }
    }
}
