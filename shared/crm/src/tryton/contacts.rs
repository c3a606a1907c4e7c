//! Parties.

use super::client::Search;
use super::handles::{Place, contact, place, value_clause};
use super::merged::number;
use super::wire::{Party, PartyWritten};
use super::{ID, Tryton};
use crate::{
    Contact, ContactId, ContactUpdate, Contacts, CrmError, Found, Located, NewContact, Stage,
};
use domain::{Assurance, Handle, HandleKey, HandleKind};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// How many parties are told apart; more are as ambiguous.
const MOST: usize = 20;

/// How often a create that another write outpaced is tried at once. Tryton on `SQLite` hands the same
/// party code to two creates that overlap.
const CREATES: usize = 3;

impl Contacts for Tryton {
    async fn find(&self, handles: &[Handle]) -> Result<Found, CrmError> {
        let mut contacts = self.holders(handles).await?;
        if contacts.is_empty() {
            let records = self.successors(handles).await?.into_iter().filter_map(record);
            contacts = self.holders(&records.collect::<Vec<_>>()).await?;
        }
        Ok(match (contacts.pop(), contacts.is_empty()) {
            (None, _) => Found::Nobody,
            (Some(only), true) => Found::One(only),
            (Some(last), false) => Found::Several(contacts.into_iter().chain([last]).collect()),
        })
    }

    async fn locate(&self, contact: &ContactId) -> Result<Located, CrmError> {
        self.whereabouts(contact).await
    }

    async fn create(&self, new: &NewContact) -> Result<ContactId, CrmError> {
        match &new.stage {
            Stage::Contact => self.party(new).await,
            Stage::Lead(customer) => self.lead(new, customer).await,
        }
    }

    async fn update(
        &self,
        contact: &ContactId,
        update: &ContactUpdate,
    ) -> Result<Contact, CrmError> {
        let held = super::handles::contact(&self.current(contact).await?);
        let known = keys(&held);
        let lacking = update.add.iter().filter(|handle| !known.contains(&handle.key()));
        let lacking: Vec<_> = lacking.cloned().collect();
        match self.find(&lacking).await? {
            Found::Nobody => {}
            Found::One(holder) if holder.id == held.id => {}
            Found::One(_) | Found::Several(_) => return Err(CrmError::Ambiguous),
        }
        let mut values = Map::new();
        let mechanisms = mechanisms(&lacking);
        if !mechanisms.is_empty() {
            values.insert("contact_mechanisms".to_owned(), json!([["create", mechanisms]]));
        }
        if update.name.is_some() && update.name != held.name {
            values.insert("name".to_owned(), json!(update.name));
        }
        if values.is_empty() {
            return Ok(held);
        }
        let id = number(&held.id).ok_or(CrmError::Missing)?;
        let written: Party = self.client.write(id, &Value::Object(values)).await?;
        Ok(super::handles::contact(&written))
    }
}

impl Tryton {
    /// The party that has any of the handles, made where there is none.
    pub(super) async fn party(&self, new: &NewContact) -> Result<ContactId, CrmError> {
        let mechanisms = mechanisms(&new.handles);
        let findable = !mechanisms.is_empty();
        let values = json!({ "name": new.name, "contact_mechanisms": [["create", mechanisms]] });
        let mut outpaced = CrmError::Unidentified;
        for _ in 0..CREATES {
            match self.find(&new.handles).await? {
                Found::One(contact) => return Ok(contact.id),
                Found::Several(_) => return Err(CrmError::Ambiguous),
                Found::Nobody if !findable => return Err(CrmError::Unidentified),
                Found::Nobody => match self.client.create::<Party>(&values).await {
                    Ok(party) => return self.settle(party.id, &new.handles).await,
                    Err(error @ CrmError::Outpaced { .. }) => outpaced = error,
                    Err(error) => return Err(error),
                },
            }
        }
        Err(outpaced)
    }

    /// The active parties that hold any of the handles, by ascending id.
    async fn holders(&self, handles: &[Handle]) -> Result<Vec<Contact>, CrmError> {
        let mut wanted = BTreeSet::new();
        let mut clauses = vec![json!("OR")];
        for handle in handles {
            match place(handle) {
                Place::Id(None) => {}
                Place::Id(Some(id)) => {
                    if let Some(id) = self.still_there(&id).await? {
                        wanted.extend(record(id).map(|handle| handle.key()));
                        clauses.push(json!(["id", "=", id]));
                    }
                }
                Place::Code(code) => {
                    wanted.insert(handle.key());
                    clauses.push(json!(["code", "=", code]));
                }
                Place::Mechanism(kind, value) => {
                    wanted.insert(handle.key());
                    clauses.push(value_clause("contact_mechanisms.value_compact", kind, &value));
                }
            }
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let search = Search::new(Value::Array(clauses), MOST);
        let contacts: Vec<_> =
            self.client.search::<Party>(&search).await?.iter().map(contact).collect();
        if contacts.iter().any(|contact| keys(contact).is_disjoint(&wanted)) {
            return Err(CrmError::Unfiltered { record: "party.party" });
        }
        Ok(contacts)
    }

    /// Gives way to a party of a lower id that was made for the same handles at the same time.
    ///
    /// Where ids do not grow in the order of commits (`PostgreSQL`) both may stay; the next
    /// [`Contacts::find`] then says so.
    async fn settle(&self, made: u64, handles: &[Handle]) -> Result<ContactId, CrmError> {
        match self.holders(handles).await?.into_iter().next() {
            // A record that cannot be found again would be made once more by every try.
            None => Err(CrmError::Unidentified),
            Some(first) => {
                if number(&first.id) != Some(made) {
                    let inactive = json!({ "active": false });
                    self.client.write::<PartyWritten>(made, &inactive).await?;
                }
                Ok(first.id)
            }
        }
    }
}

fn keys(contact: &Contact) -> BTreeSet<HandleKey> {
    contact.handles.iter().map(Handle::key).collect()
}

/// The handle of the party itself.
fn record(id: u64) -> Option<Handle> {
    Handle::account(HandleKind::Crm, ID, &id.to_string(), Assurance::Claimed).ok()
}

/// The mechanisms to make for these handles, one for each key; those that are the record's own are
/// none.
pub(super) fn mechanisms(handles: &[Handle]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    handles
        .iter()
        .filter(|handle| seen.insert(handle.key()))
        .filter_map(|handle| match place(handle) {
            Place::Id(_) | Place::Code(_) => None,
            Place::Mechanism(kind, value) => Some(json!({ "type": kind, "value": value })),
        })
        .collect()
}
