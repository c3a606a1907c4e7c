//! Parties that an agent merged into others.
//!
//! Tryton's wizard `party.replace` deactivates the party, and moves its contact mechanisms to the
//! successor deactivated as well: the customer would no longer be known by their own number.

use super::client::Search;
use super::handles::{Place, place, value_clause};
use super::wire::{FormerMechanism, FormerParty, PartyStanding};
use super::{Tryton, handles};
use crate::{ContactId, CrmError};
use domain::{Handle, HandleKey};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How often a replaced party may have been replaced again.
const REPLACEMENTS: usize = 5;

/// How many replaced parties are followed.
const MOST: usize = 20;

impl Tryton {
    /// The record that stands for the contact today: what is written to a replaced one is seen by
    /// nobody.
    pub(super) async fn current(&self, contact: &ContactId) -> Result<u64, CrmError> {
        let mut id: u64 = contact.as_str().parse().map_err(|_| CrmError::Missing)?;
        for _ in 0..REPLACEMENTS {
            let party: PartyStanding = self.client.read(id).await?;
            match (party.active, party.replaced_by) {
                (true, _) => return Ok(id),
                (false, Some(successor)) => id = successor,
                (false, None) => break,
            }
        }
        Err(CrmError::Deactivated { record: "party.party" })
    }

    /// Like [`Self::current`], where a record that nobody stands for leads nowhere.
    pub(super) async fn still_there(&self, contact: &ContactId) -> Result<Option<u64>, CrmError> {
        match self.current(contact).await {
            Ok(id) => Ok(Some(id)),
            Err(CrmError::Missing | CrmError::Deactivated { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The parties that stand for replaced ones that held any of the handles.
    ///
    /// A deactivated mechanism counts only on a party that has replaced another: elsewhere an agent
    /// took it out of use, and the number may be a stranger's by now.
    pub(super) async fn successors(&self, handles: &[Handle]) -> Result<BTreeSet<u64>, CrmError> {
        let (mut codes, mut values) = (Vec::new(), vec![json!("OR")]);
        for handle in handles {
            match place(handle) {
                Place::Id(_) => {}
                Place::Code(code) => codes.push(code),
                Place::Mechanism(kind, value) => {
                    values.push(value_clause("value_compact", kind, &value));
                }
            }
        }
        let mut former = Vec::new();
        if !codes.is_empty() {
            former.extend(self.replaced(json!(["code", "in", codes])).await?);
        }
        if values.len() > 1 {
            let parties = self.with_deactivated(values, handles).await?;
            if !parties.is_empty() {
                former.extend(self.replaced(json!(["replaced_by", "in", parties])).await?);
            }
        }
        let mut successors = BTreeSet::new();
        for party in former {
            successors.extend(self.still_there(&ContactId::new(party.to_string())).await?);
        }
        Ok(successors)
    }

    /// The replaced parties that meet the clause.
    async fn replaced(&self, clause: Value) -> Result<Vec<u64>, CrmError> {
        let domain = json!([clause, ["active", "=", false], ["replaced_by", "!=", null]]);
        let search = Search::new(domain, MOST).inactive_too();
        let parties = self.client.search::<FormerParty>(&search).await?;
        if parties.iter().any(|party| party.replaced_by.is_none()) {
            return Err(CrmError::Unfiltered { record: "party.party" });
        }
        Ok(parties.into_iter().map(|party| party.id).collect())
    }

    /// The active parties that hold any of the handles deactivated.
    async fn with_deactivated(
        &self,
        values: Vec<Value>,
        handles: &[Handle],
    ) -> Result<BTreeSet<u64>, CrmError> {
        let wanted: BTreeSet<HandleKey> = handles.iter().map(Handle::key).collect();
        let domain = json!([values, ["active", "=", false], ["party.active", "=", true]]);
        let search = Search::new(domain, MOST).inactive_too();
        let mechanisms = self.client.search::<FormerMechanism>(&search).await?;
        let wrong = |mechanism: &FormerMechanism| {
            handles::read(&mechanism.kind, mechanism.value_compact.as_deref())
                .is_none_or(|handle| !wanted.contains(&handle.key()))
        };
        if mechanisms.iter().any(wrong) {
            return Err(CrmError::Unfiltered { record: "party.contact_mechanism" });
        }
        Ok(mechanisms.into_iter().map(|mechanism| mechanism.party).collect())
    }
}
