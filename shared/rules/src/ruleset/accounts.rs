//! What a setting's form does not show of messengers' accounts: addresses, references.

use super::validate::{check_private, is_name};
use crate::document::Path;
use crate::findings::Findings;
use crate::problem::suggestion;
use crate::{ActionRule, Config, Reached, Server};
use std::collections::BTreeMap;

impl Config {
    /// The destinations that accounts are.
    pub(super) fn messengers(&self) -> impl Iterator<Item = String> {
        let of = |service: &'static str| move |name: &String| format!("{service}:{name}");
        let wechat = self.wechat.keys().map(of("wechat"));
        let wecom = self.wecom.keys().map(of("wecom"));
        wechat.chain(wecom).chain(self.whatsapp.keys().map(of("whatsapp")))
    }

    pub(super) fn validate_accounts(&self, findings: &mut Findings<'_>) {
        let root = Path::root();
        for (name, account) in &self.wechat {
            let path = root.key("wechat").key(name);
            validate_account(name, &path, findings);
            filled(&path.key("app_id"), &account.app_id, findings);
            validate_server(account.server.as_ref(), &account.reached(), &path, findings);
        }
        for (name, account) in &self.wecom {
            let path = root.key("wecom").key(name);
            validate_account(name, &path, findings);
            filled(&path.key("corp_id"), &account.corp_id, findings);
            validate_server(account.server.as_ref(), &account.reached(), &path, findings);
        }
        for (name, account) in &self.whatsapp {
            let path = root.key("whatsapp").key(name);
            validate_account(name, &path, findings);
            if !is_number(&account.phone_number_id) {
                let message = "no id; write the digits that Meta's console shows for the number";
                findings.add(&path.key("phone_number_id"), message);
            }
            let version = account.version.strip_prefix('v').and_then(|rest| rest.split_once('.'));
            if !version.is_some_and(|(major, minor)| is_number(major) && is_number(minor)) {
                findings.add(&path.key("version"), "no version; write one such as v23.0");
            }
            validate_server(account.server.as_ref(), &account.reached(), &path, findings);
        }
    }

    pub(super) fn validate_message(
        &self,
        action: &ActionRule,
        path: &Path,
        findings: &mut Findings<'_>,
    ) {
        match action {
            ActionRule::WechatTemplate { account, data, .. } => {
                known("wechat", account, &self.wechat, path, findings);
                if data.is_empty() {
                    findings.add(&path.key("data"), "fill at least one of the template's places");
                }
            }
            ActionRule::WechatMessage { account, .. } => {
                known("wechat", account, &self.wechat, path, findings);
            }
            ActionRule::WecomMessage { account, .. } => {
                known("wecom", account, &self.wecom, path, findings);
            }
            ActionRule::WhatsappTemplate { account, template, language, .. } => {
                known("whatsapp", account, &self.whatsapp, path, findings);
                filled(&path.key("template"), template, findings);
                filled(&path.key("language"), language, findings);
            }
            ActionRule::CrmTag { .. }
            | ActionRule::CrmNote { .. }
            | ActionRule::CrmTicket { .. }
            | ActionRule::CrmTask { .. }
            | ActionRule::CrmField { .. }
            | ActionRule::Sms { .. }
            | ActionRule::Email { .. }
            | ActionRule::Webhook { .. }
            | ActionRule::Push { .. }
            | ActionRule::AgentHint { .. } => {}
        }
    }

    pub(super) fn validate_consent(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("consent");
        let rules = &self.consent;
        for (name, words) in [("stop", &rules.stop), ("start", &rules.start)] {
            for (index, word) in words.iter().enumerate() {
                filled(&path.key(name).index(index), word, findings);
            }
        }
        let stop: Vec<_> = rules.stop.iter().map(|word| domain::folded(word)).collect();
        for (index, word) in rules.start.iter().enumerate() {
            if stop.contains(&domain::folded(word)) {
                findings.add(&path.key("start").index(index), "this word is under `stop` as well");
            }
        }
        for (index, rule) in rules.on.iter().enumerate() {
            if rule.on.is_empty() {
                let path = path.key("on").index(index).key("on");
                findings.add(&path, "name at least one kind of event");
            }
        }
    }
}

fn validate_account(name: &str, path: &Path, findings: &mut Findings<'_>) {
    if !is_name(name, '-') {
        findings.add(path, "an account's name consists of a-z, 0-9 and -");
    }
}

fn validate_server(
    server: Option<&Server>,
    reached: &Reached<'_>,
    path: &Path,
    findings: &mut Findings<'_>,
) {
    let Some(server) = server else { return };
    let path = path.key("server");
    check_private(&path, &server.allow_private, findings);
    if let Err(forbidden) = reached.guard.check(reached.url) {
        findings.add(&path.key("url"), forbidden.to_string());
    }
}

fn filled(path: &Path, text: &str, findings: &mut Findings<'_>) {
    if text.trim().is_empty() {
        findings.add(path, "this is empty");
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn known<A>(
    section: &str,
    name: &str,
    accounts: &BTreeMap<String, A>,
    path: &Path,
    findings: &mut Findings<'_>,
) {
    if !accounts.contains_key(name) {
        let near = suggestion(name, accounts.keys().map(String::as_str));
        let message = format!("unknown account `{name}` of `{section}`{near}");
        findings.add(&path.key("account"), message);
    }
}
