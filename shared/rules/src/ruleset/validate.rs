//! What neither a setting's form nor its expression shows: names, addresses, references.

use super::decide::{FIELDS, TAGS};
use crate::document::Path;
use crate::findings::Findings;
use crate::problem::suggestion;
use crate::{ActionRule, Config};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// How many firings a cap may count: a rule's last [`domain::Counter::MOST`] are remembered.
const MOST_FIRINGS: usize = 100;

impl Config {
    pub(super) fn validate(&self, findings: &mut Findings<'_>) {
        self.validate_company(findings);
        self.validate_sources(findings);
        self.validate_reconcile(findings);
        self.validate_identity(findings);
        self.validate_names(findings);
        self.validate_outbound(findings);
        self.validate_destinations(findings);
        self.validate_accounts(findings);
        self.validate_consent(findings);
        self.validate_facts(findings);
        self.validate_tags(findings);
        self.validate_sync(findings);
        self.validate_agents(findings);
        self.validate_timers(findings);
        self.validate_triggers(findings);
    }

    fn validate_company(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("company");
        let company = &self.company;
        if company.name.trim().is_empty() {
            findings.add(&path.key("name"), "the name is empty");
        }
        if company.region.len() != 2 || !company.region.bytes().all(|b| b.is_ascii_uppercase()) {
            let message = "no country; write the two capitals of ISO 3166, such as DE";
            findings.add(&path.key("region"), message);
        }
        if TimeZone::get(&company.time_zone).is_err() {
            let message = "no time zone; write an IANA name, such as Europe/Berlin";
            findings.add(&path.key("time_zone"), message);
        }
        if let Some(field) = &company.customer_time_zone
            && !self.fields.iter().any(|rule| rule.name == *field)
        {
            let near = suggestion(field, self.fields.iter().map(|rule| rule.name.as_str()));
            let message = format!("unknown field `{field}`{near}");
            findings.add(&path.key("customer_time_zone"), message);
        }
        check_url(&path.key("public_url"), &company.public_url, findings);
        if company.public_url.ends_with('/') {
            findings.add(&path.key("public_url"), "leave out the slash at the end");
        }
    }

    fn validate_sources(&self, findings: &mut Findings<'_>) {
        for (name, source) in &self.sources {
            let path = Path::root().key("sources").key(name);
            if !is_name(name, '-') {
                findings.add(&path, "a source's name ends an address; use a-z, 0-9 and -");
            }
            for problem in source.validate() {
                findings.add(&path.along(&problem.path), problem.message);
            }
        }
    }

    fn validate_identity(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("identity");
        for (domain, message) in self.identity.policy().1 {
            findings.add(&path.key("mailboxes").key(&domain), message);
        }
        for (index, entry) in self.identity.blocked.iter().enumerate() {
            if crate::config::pattern(entry).1.chars().all(|c| matches!(c, '*' | '?' | ' ')) {
                let message = "this blocks every value; write what the value looks like";
                findings.add(&path.key("blocked").index(index), message);
            }
        }
        for (kind, rule) in &self.identity.kinds {
            let path = path.key("kinds").key(kind.as_str());
            for (name, number) in [("limit", rule.limit), ("shared_after", rule.shared_after)] {
                if number.is_some_and(|number| !(1..=50).contains(&number)) {
                    findings.add(&path.key(name), "write a number from 1 to 50");
                }
            }
        }
        let mut seen = BTreeSet::new();
        for (index, kind) in self.identity.priority.iter().enumerate() {
            if !seen.insert(kind) {
                let message = format!("`{}` is named twice", kind.as_str());
                findings.add(&path.key("priority").index(index), message);
            }
        }
    }

    fn validate_names(&self, findings: &mut Findings<'_>) {
        let all = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let classify = Path::root().key("classify");
        let lists = [
            (classify.key("issues"), all(self.classify.issues.iter().map(|r| &*r.name).collect())),
            (classify.key("moods"), all(self.classify.moods.iter().map(|r| &*r.name).collect())),
            (Path::root().key("facts"), all(self.facts.iter().map(|r| &*r.name).collect())),
            (Path::root().key("counters"), all(self.counters.iter().map(|r| &*r.name).collect())),
            (Path::root().key("fields"), all(self.fields.iter().map(|r| &*r.name).collect())),
        ];
        for (path, names) in lists {
            unique(&path, &names, findings);
            for (index, name) in names.iter().enumerate() {
                if !is_name(name, '_') {
                    let message = "a name that expressions use; begin with a-z, go on with a-z, \
                                   0-9 and _";
                    findings.add(&path.index(index).key("name"), message);
                }
            }
        }
        let checks: Vec<_> = self.validate.iter().map(|rule| rule.name.clone()).collect();
        unique(&Path::root().key("validate"), &checks, findings);
        let rules = [
            (classify.key("issues"), &self.classify.issues),
            (classify.key("moods"), &self.classify.moods),
        ];
        for (path, rules) in rules {
            for (index, rule) in rules.iter().enumerate() {
                if rule.any.is_empty() || rule.any.iter().any(|word| word.trim().is_empty()) {
                    let message = "an empty word matches every text; write at least one word";
                    findings.add(&path.index(index).key("any"), message);
                }
            }
        }
        for (index, rule) in self.fields.iter().enumerate() {
            if rule.on.is_empty() {
                let path = Path::root().key("fields").index(index).key("on");
                findings.add(&path, "name at least one kind of event");
            }
        }
    }

    fn validate_outbound(&self, findings: &mut Findings<'_>) {
        let root = Path::root();
        if let Some(sender) = &self.sms.sender_id
            && (sender.len() > 11
                || !sender.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                || !sender.bytes().any(|b| b.is_ascii_alphabetic()))
        {
            let message = "up to 11 letters and digits, at least one letter";
            findings.add(&root.key("sms").key("sender_id"), message);
        }
        if let Some(email) = &self.email
            && domain::Handle::email(&email.from, domain::Assurance::Attested).is_err()
        {
            findings.add(&root.key("email").key("from"), "no e-mail address");
        }
        for (name, endpoint) in &self.endpoints {
            let path = root.key("endpoints").key(name);
            if !is_name(name, '-') {
                findings.add(&path, "an endpoint's name consists of a-z, 0-9 and -");
            }
            check_private(&path, &endpoint.allow_private, findings);
            if let Err(forbidden) = endpoint.guard().check(&endpoint.url) {
                findings.add(&path.key("url"), forbidden.to_string());
            }
        }
        if let Some(crate::Crm::Tryton(tryton)) = &self.crm {
            check_url(&root.key("crm").key("url"), &tryton.url, findings);
        }
    }

    fn validate_destinations(&self, findings: &mut Findings<'_>) {
        let known = self.endpoints.keys().map(|name| format!("webhook:{name}"));
        let known: Vec<String> = ["default", "crm", "sms", "email", "push", "agent"]
            .map(str::to_owned)
            .into_iter()
            .chain(known)
            .chain(self.messengers())
            .collect();
        for (name, destination) in &self.destinations {
            let path = Path::root().key("destinations").key(name);
            if !known.contains(name) {
                let nearest = suggestion(name, known.iter().map(String::as_str));
                findings.add(&path, format!("unknown destination `{name}`{nearest}"));
            }
            for (setting, message) in destination.faults() {
                findings.add(&path.along(setting), message);
            }
        }
        for (setting, message) in self.failures.faults() {
            findings.add(&Path::root().key("failures").key(setting), message);
        }
    }

    fn validate_tags(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("tags");
        unique(
            &path,
            &self.tags.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>(),
            findings,
        );
        let echoes = Path::root().key("echoes");
        let names: Vec<_> = self.echoes.iter().map(|rule| rule.name.clone()).collect();
        unique(&echoes, &names, findings);
        for (index, rule) in self.tags.iter().enumerate() {
            let path = path.index(index);
            if rule.name.trim().is_empty() {
                findings.add(&path.key("name"), "the name is empty");
            }
            if rule.sync && self.crm.is_none() {
                findings.add(&path.key("sync"), "there is no `crm` to sync with");
            }
        }
    }

    fn validate_triggers(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("triggers");
        let names: Vec<_> = self.triggers.iter().map(|rule| rule.name.clone()).collect();
        unique(&path, &names, findings);
        for (index, rule) in self.triggers.iter().enumerate() {
            let path = path.index(index);
            if !is_name(&rule.name.replace('_', "-"), '-')
                || [TAGS, FIELDS].contains(&rule.name.as_str())
            {
                let message = "a rule's name consists of a-z, 0-9, - and _, and is neither `tags` \
                               nor `fields`";
                findings.add(&path.key("name"), message);
            }
            if rule.on.is_empty() {
                findings.add(&path.key("on"), "name at least one kind of event");
            }
            if rule.actions.is_empty() {
                findings.add(&path.key("actions"), "name at least one action");
            }
            for (index, cap) in rule.caps.iter().enumerate() {
                if !(1..=MOST_FIRINGS).contains(&cap.most) {
                    let message = format!("write a number from 1 to {MOST_FIRINGS}");
                    findings.add(&path.key("caps").index(index).key("most"), message);
                }
            }
            for (index, action) in rule.actions.iter().enumerate() {
                let path = path.key("actions").index(index).key(action.name());
                self.validate_action(action, &path, findings);
                self.validate_crm_action(action, &path, findings);
            }
        }
    }

    fn validate_action(&self, action: &ActionRule, path: &Path, findings: &mut Findings<'_>) {
        match action {
            ActionRule::CrmTag { .. }
            | ActionRule::CrmNote { .. }
            | ActionRule::CrmTicket { .. }
            | ActionRule::CrmTask { .. }
            | ActionRule::CrmField { .. }
                if self.crm.is_none() =>
            {
                findings.add(path, "there is no `crm` to write to");
            }
            ActionRule::CrmTag { add, remove } if add.is_empty() && remove.is_empty() => {
                findings.add(path, "name a tag under `add` or `remove`");
            }
            ActionRule::Email { .. } if self.email.is_none() => {
                findings.add(path, "there is no sender; write `email: { from: … }`");
            }
            ActionRule::Webhook { endpoint, .. } if !self.endpoints.contains_key(endpoint) => {
                let known = self.endpoints.keys().map(String::as_str);
                let message =
                    format!("unknown endpoint `{endpoint}`{}", suggestion(endpoint, known));
                findings.add(&path.key("endpoint"), message);
            }
            ActionRule::CrmTag { .. }
            | ActionRule::CrmNote { .. }
            | ActionRule::CrmTicket { .. }
            | ActionRule::CrmTask { .. }
            | ActionRule::CrmField { .. }
            | ActionRule::Sms { .. }
            | ActionRule::Email { .. }
            | ActionRule::Webhook { .. } => {}
            ActionRule::Push { .. }
            | ActionRule::WechatTemplate { .. }
            | ActionRule::WechatMessage { .. }
            | ActionRule::WecomMessage { .. }
            | ActionRule::WhatsappTemplate { .. }
            | ActionRule::AgentHint { .. } => self.validate_message(action, path, findings),
        }
    }
}

/// Whether the name begins with a letter and holds only letters, digits and `joint`, in lower case.
pub(super) fn is_name(name: &str, joint: char) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}

pub(super) fn unique(path: &Path, names: &[String], findings: &mut Findings<'_>) {
    let mut seen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        if !seen.insert(name) {
            let message = format!("`{name}` is already taken by an earlier item");
            findings.add(&path.index(index).key("name"), message);
        }
    }
}

/// Secrets and customers' data travel over TLS, or stay on this machine.
fn check_url(path: &Path, url: &str, findings: &mut Findings<'_>) {
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    let valid = if let Some(rest) = url.strip_prefix("https://") {
        !host(rest).is_empty()
    } else if let Some(rest) = url.strip_prefix("http://") {
        let host = host(rest);
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        ["127.0.0.1", "localhost", "[::1]"].contains(&name)
    } else {
        false
    };
    if !valid || url.contains(char::is_whitespace) {
        findings.add(path, "no address; write https://…, or http:// to this machine");
    }
}

/// `allow_private` opens private networks, never public or reserved ones.
pub(super) fn check_private(path: &Path, nets: &[IpNet], findings: &mut Findings<'_>) {
    for (index, net) in nets.iter().enumerate() {
        if delivery::reach(net.network()) != delivery::Reach::Private
            || delivery::reach(net.broadcast()) != delivery::Reach::Private
        {
            let message = "no private network; write one such as 10.1.0.0/16";
            findings.add(&path.key("allow_private").index(index), message);
        }
    }
}
