//! What of the CRM's side only the whole document shows: agents, skills, fields that flow.

use crate::config::{FieldSync, Flow, Owner, SyncPolicy, TagSync};
use crate::document::Path;
use crate::findings::Findings;
use crate::problem::suggestion;
use crate::{ActionRule, Config};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// Batches are looked at once a minute.
const LEAST_PERIOD: SignedDuration = SignedDuration::from_mins(1);

impl Config {
    pub(super) fn validate_sync(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("sync");
        if self.sync != SyncPolicy::default() && self.crm.is_none() {
            findings.add(&path, "there is no `crm` to sync with");
        }
        let TagSync { to_crm } = self.sync.tags;
        check_period(&path.key("tags"), Some(to_crm), findings);
        let mut crm_fields: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, sync) in &self.sync.fields {
            let path = path.key("fields").key(name);
            let known = || self.fields.iter().map(|rule| rule.name.as_str());
            if !known().any(|field| field == name) {
                let near = suggestion(name, known());
                findings.add(&path, format!("unknown field `{name}`{near}"));
            }
            check_period(&path, sync.to_crm, findings);
            let FieldSync { crm_field, .. } = sync;
            if crm_field.as_ref().is_some_and(|field| field.trim().is_empty()) {
                findings.add(&path.key("crm_field"), "the name is empty");
            }
            if let Some(other) = crm_fields.insert(sync.crm_field(name), name) {
                let field = sync.crm_field(name);
                let message = format!("`{other}` already flows to the CRM's field `{field}`");
                findings.add(&path, message);
            }
        }
    }

    pub(super) fn validate_agents(&self, findings: &mut Findings<'_>) {
        let path = Path::root().key("agents");
        let mut seen = BTreeSet::new();
        for (index, agent) in self.agents.iter().enumerate() {
            let path = path.index(index).key("name");
            if agent.name.trim().is_empty() {
                findings.add(&path, "the name is empty");
            } else if !seen.insert(&agent.name) {
                let message = format!("`{}` is already taken by an earlier item", agent.name);
                findings.add(&path, message);
            }
        }
    }

    /// What is wrong with the parts of an action that the CRM alone has.
    pub(super) fn validate_crm_action(
        &self,
        action: &ActionRule,
        path: &Path,
        findings: &mut Findings<'_>,
    ) {
        match action {
            ActionRule::CrmTicket { owner: Some(owner), .. }
            | ActionRule::CrmTask { owner: Some(owner), .. } => {
                self.validate_owner(owner, &path.key("owner"), findings);
            }
            ActionRule::CrmField { set } if set.is_empty() => {
                findings.add(&path.key("set"), "name at least one field of the CRM's");
            }
            ActionRule::CrmTicket { owner: None, .. }
            | ActionRule::CrmTask { owner: None, .. }
            | ActionRule::CrmField { .. }
            | ActionRule::CrmTag { .. }
            | ActionRule::CrmNote { .. }
            | ActionRule::Sms { .. }
            | ActionRule::Email { .. }
            | ActionRule::Webhook { .. }
            | ActionRule::Push { .. }
            | ActionRule::WechatTemplate { .. }
            | ActionRule::WechatMessage { .. }
            | ActionRule::WecomMessage { .. }
            | ActionRule::WhatsappTemplate { .. }
            | ActionRule::AgentHint { .. } => {}
        }
    }

    fn validate_owner(&self, owner: &Owner, path: &Path, findings: &mut Findings<'_>) {
        match owner {
            Owner::Name(_) => {}
            Owner::RoundRobin(names) => {
                if names.is_empty() || names.iter().any(|name| name.trim().is_empty()) {
                    findings.add(&path.key("round_robin"), "write at least one name, none empty");
                }
            }
            Owner::Skill(skill) => {
                let known = || self.agents.iter().flat_map(|agent| &agent.skills);
                if !known().any(|other| other == skill) {
                    let near = suggestion(skill, known().map(String::as_str));
                    let message = format!("no one of `agents` has the skill `{skill}`{near}");
                    findings.add(&path.key("skill"), message);
                }
            }
        }
    }
}

fn check_period(path: &Path, flow: Option<Flow>, findings: &mut Findings<'_>) {
    if let Some(Flow::Batch(period)) = flow
        && SignedDuration::from(period) < LEAST_PERIOD
    {
        findings.add(&path.key("to_crm").key("batch"), "batches go out once a minute; write 1m");
    }
}
