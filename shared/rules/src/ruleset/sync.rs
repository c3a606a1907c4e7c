//! What the configuration lets flow to the CRM.

use super::{RuleSet, decide::Unsent};
use crate::{Flow, Passage};
use domain::{Action, EventKind, Tagged};
use serde_json::Value;
use std::collections::BTreeMap;

impl RuleSet {
    /// Whether the CRM's own changes reach this field of the customer's.
    pub(super) fn hears(&self, field: &str, kind: EventKind) -> bool {
        let sync = self.config.sync.fields.get(field);
        kind != EventKind::Contact || sync.is_none_or(|sync| sync.from_crm != Passage::Never)
    }

    /// What the event told of the fields that flow to the CRM by themselves, by the CRM's names.
    pub(super) fn synced_fields(&self, tagged: &Tagged) -> Option<Action> {
        let fields = &tagged.customer.profile.fields;
        let told = self.config.sync.fields.iter().filter_map(|(name, sync)| {
            let flows = matches!(sync.to_crm, Some(Flow::Realtime | Flow::Batch(_)));
            let dated = fields.get(name).filter(|dated| flows && dated.by == tagged.event.id)?;
            Some((sync.crm_field(name).to_owned(), dated.value.clone()))
        });
        let values: BTreeMap<String, Value> = told.collect();
        let (at, told_by_crm) = (tagged.event.occurred_at, tagged.event.kind == EventKind::Contact);
        (!values.is_empty()).then_some(Action::CrmField { values, at, told_by_crm })
    }

    /// The action, without what never flows to the CRM.
    pub(super) fn permitted(&self, action: Action) -> Result<Action, Unsent> {
        let sync = &self.config.sync;
        let closed = match &action {
            Action::CrmTag { .. } => sync.tags.to_crm == Flow::Never,
            Action::CrmNote { .. } => sync.notes.to_crm == Passage::Never,
            Action::CrmTicket { .. } => sync.tickets.to_crm == Passage::Never,
            Action::CrmTask { .. } => sync.tasks.to_crm == Passage::Never,
            Action::CrmField { values, .. } => {
                values.keys().all(|field| sync.of_crm_field(field) == Flow::Never)
            }
            Action::Sms { .. }
            | Action::Email { .. }
            | Action::Webhook { .. }
            | Action::Push { .. }
            | Action::WechatTemplate { .. }
            | Action::WechatMessage { .. }
            | Action::WecomMessage { .. }
            | Action::WhatsappTemplate { .. }
            | Action::AgentHint { .. } => false,
        };
        if closed {
            return Err(Unsent::NotSynced);
        }
        Ok(match action {
            Action::CrmField { mut values, at, told_by_crm } => {
                values.retain(|field, _| sync.of_crm_field(field) != Flow::Never);
                Action::CrmField { values, at, told_by_crm }
            }
            Action::CrmTag { .. }
            | Action::CrmNote { .. }
            | Action::CrmTicket { .. }
            | Action::CrmTask { .. }
            | Action::Sms { .. }
            | Action::Email { .. }
            | Action::Webhook { .. }
            | Action::Push { .. }
            | Action::WechatTemplate { .. }
            | Action::WechatMessage { .. }
            | Action::WecomMessage { .. }
            | Action::WhatsappTemplate { .. }
            | Action::AgentHint { .. } => action,
        })
    }
}
