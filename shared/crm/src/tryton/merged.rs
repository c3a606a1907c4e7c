//! Where parties stand today that an agent may have merged into others.
//!
//! Tryton's wizard `party.replace` deactivates the party, and moves its contact mechanisms to the
//! successor deactivated as well: the customer would no longer be known by their own number.

use super::client::Search;
use super::handles::{Place, place, value_clause};
use super::wire::{FormerMechanism, FormerParty, Party};
use super::{Tryton, handles};
use crate::{ContactId, CrmError, Located};
use domain::{Handle, HandleKey};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How often a replaced party may have been replaced again: what is longer is a circle.
const REPLACEMENTS: usize = 20;

/// How many replaced parties are followed.
const MOST: usize = 20;

/// What has become of a party.
enum Fate {
    /// This one stands for it, or is it.
    Active(Party),
    Deactivated,
    Missing,
}

impl Tryton {
    /// Where the contact stands today.
    pub(super) async fn whereabouts(&self, contact: &ContactId) -> Result<Located, CrmError> {
        Ok(match self.fate(contact).await? {
            Fate::Active(party) if number(contact) == Some(party.id) => {
                Located::Here(handles::contact(&party))
            }
            Fate::Active(successor) => Located::MovedTo(handles::contact(&successor)),
            Fate::Deactivated | Fate::Missing => Located::Gone,
        })
    }

    /// The party that stands for the contact today: what is written to a replaced one is seen by
    /// nobody.
    pub(super) async fn current(&self, contact: &ContactId) -> Result<Party, CrmError> {
        match self.fate(contact).await? {
            Fate::Active(party) => Ok(party),
            Fate::Deactivated => Err(CrmError::Deactivated { record: "party.party" }),
            Fate::Missing => Err(CrmError::Missing),
        }
    }

    /// Like [`Self::current`], where a record that nobody stands for leads nowhere.
    pub(super) async fn still_there(&self, contact: &ContactId) -> Result<Option<u64>, CrmError> {
        match self.fate(contact).await? {
            Fate::Active(party) => Ok(Some(party.id)),
            Fate::Deactivated | Fate::Missing => Ok(None),
        }
    }

    /// Follows the contact from successor to successor.
    ///
    /// Each is searched for: a read of one id answers 404 for a missing party just as for a missing
    /// database, and no customer's record is gone because an address is wrong.
    async fn fate(&self, contact: &ContactId) -> Result<Fate, CrmError> {
        let Some(mut id) = number(contact) else { return Ok(Fate::Missing) };
        for _ in 0..REPLACEMENTS {
            // Not by the context: it would bring the party's deactivated mechanisms as well.
            let domain = json!([["id", "=", id], ["active", "in", [true, false]]]);
            let search = Search::new(domain, 1);
            let Some(party) = self.client.search::<Party>(&search).await?.into_iter().next() else {
                return Ok(Fate::Missing);
            };
            match party {
                Party { id: other, .. } if other != id => {
                    return Err(CrmError::Unfiltered { record: "party.party" });
                }
                Party { active: true, .. } => return Ok(Fate::Active(party)),
                Party { replaced_by: Some(successor), .. } => id = successor,
                Party { replaced_by: None, .. } => break,
            }
        }
        Ok(Fate::Deactivated)
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

/// The party's id; `None` where the text is no id. Tryton's ids are integers of 32 bits, and a larger
/// number than its database takes is answered with a 500.
pub(super) fn number(contact: &ContactId) -> Option<u64> {
    let id: i32 = contact.as_str().parse().ok()?;
    id.try_into().ok()
}
