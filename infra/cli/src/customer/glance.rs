//! Customers at a glance, for whoever has to tell them apart.

use crate::page::Page;
use crate::trouble::Trouble;
use domain::{CrmLink, CustomerId, HandleKey};
use identity::Group;
use jiff::Timestamp;
use rules::RuleSet;
use serde::Serialize;
use state::StoreError;
use state::dynamo::Store;
use std::collections::BTreeMap;

/// How many entries the history of each profile has.
pub(crate) type Counts = BTreeMap<CustomerId, usize>;

/// One customer, all profiles together.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Glance {
    customer: CustomerId,
    profiles: Vec<CustomerId>,
    handles: Vec<HandleKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crm: Option<CrmLink>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    tags: Vec<String>,
    events: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<Timestamp>,
}

impl Glance {
    /// Looks at a customer.
    pub(crate) fn new(group: &Group, rules: &RuleSet, counts: &Counts) -> Self {
        let customer = rules.combine(group);
        let name = customer.profile.fields.get("name");
        Self {
            customer: group.id().clone(),
            profiles: group.profiles().map(|profile| profile.id.clone()).collect(),
            handles: customer.handles.keys().cloned().collect(),
            crm: customer.crm,
            name: name.and_then(|name| name.value.as_str()).map(str::to_owned),
            tags: customer.profile.tags.keys().cloned().collect(),
            events: group.profiles().filter_map(|profile| counts.get(&profile.id)).sum(),
            last_seen: customer.profile.last_seen,
        }
    }
}

/// The histories of profiles, by their length.
pub(crate) trait Histories {
    /// How many entries a profile's history has.
    async fn entry_count(&self, profile: &CustomerId) -> Result<usize, StoreError>;
}

impl Histories for Store {
    async fn entry_count(&self, profile: &CustomerId) -> Result<usize, StoreError> {
        self.entry_count(profile).await
    }
}

/// Counts the history of every profile.
pub(crate) async fn count(store: &impl Histories, groups: &[Group]) -> Result<Counts, Trouble> {
    let mut counts = Counts::new();
    for profile in groups.iter().flat_map(Group::profiles) {
        counts.insert(profile.id.clone(), store.entry_count(&profile.id).await?);
    }
    Ok(counts)
}

/// A table of customers.
pub(crate) fn glances(page: &Page, customers: &[Glance]) -> String {
    let mut sheet = page.table([
        "customer",
        "profiles",
        "name",
        "handles",
        "crm record",
        "tags",
        "events",
        "last seen",
    ]);
    for each in customers {
        let profiles: Vec<_> = each.profiles.iter().map(CustomerId::as_str).collect();
        let handles: Vec<_> = each.handles.iter().map(HandleKey::as_str).collect();
        sheet.row([
            each.customer.to_string(),
            profiles.join("\n"),
            each.name.clone().unwrap_or_default(),
            handles.join("\n"),
            each.crm.as_ref().map(|crm| format!("{}:{}", crm.crm, crm.id)).unwrap_or_default(),
            each.tags.join(", "),
            each.events.to_string(),
            each.last_seen.map(|at| page.time(at)).unwrap_or_default(),
        ]);
    }
    sheet.or("none")
}
