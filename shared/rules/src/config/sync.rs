//! What of the customer's data flows between Omnicord and the CRM.

use super::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// For each field and kind of record: whether it flows, in which direction, at once or in batches.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SyncPolicy {
    /// The customer's fields, by the names that `fields` gives them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldSync>,
    /// Tags: those that are synced, and those of `crm.tag` actions.
    pub tags: TagSync,
    /// What `crm.note` actions write.
    pub notes: RecordSync,
    /// What `crm.ticket` actions open.
    pub tickets: RecordSync,
    /// What `crm.task` actions open.
    pub tasks: RecordSync,
}

/// How one of the customer's fields flows.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FieldSync {
    /// How it reaches the CRM when it changes; not by itself, if left out. `never` and `batch` hold
    /// for `crm.field` actions on the CRM's field as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_crm: Option<Flow>,
    /// Whether the CRM's own changes reach it: events of kind `contact`, by which the CRM tells
    /// that its record changed.
    pub from_crm: Passage,
    /// What the CRM calls the field; the same, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crm_field: Option<String>,
}

/// How tags flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TagSync {
    /// How they reach the CRM.
    pub to_crm: Flow,
}

/// How records of one kind flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecordSync {
    /// Whether they reach the CRM.
    pub to_crm: Passage,
}

/// How something flows that has a value at any time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// At once.
    #[default]
    Realtime,
    /// Together with other changes, within this time and a minute after the first; from `1m`. Of
    /// several changes, the last one counts.
    Batch(Duration),
    /// Not at all.
    Never,
}

/// Whether something flows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passage {
    /// At once.
    #[default]
    Realtime,
    /// Not at all.
    Never,
}

impl SyncPolicy {
    /// How this field of the CRM's is written to.
    #[must_use]
    pub fn of_crm_field(&self, crm_field: &str) -> Flow {
        let mut fields = self.fields.iter();
        let known = fields.find(|(name, sync)| sync.crm_field(name) == crm_field);
        known.and_then(|(_, sync)| sync.to_crm).unwrap_or_default()
    }
}

impl FieldSync {
    /// What the CRM calls the field of this name.
    #[must_use]
    pub fn crm_field<'s>(&'s self, name: &'s str) -> &'s str {
        self.crm_field.as_deref().unwrap_or(name)
    }
}
