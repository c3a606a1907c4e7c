//! Fields of parties, of one or of many at once.
//!
//! Tryton's REST API writes to one record at a time, but lets any public method of a model be
//! called: `import_data`, which its desktop client reads spreadsheets with, takes as many rows as
//! `request.records_limit` (10 000) allows in one transaction. A row with an id changes the record;
//! its cells are texts, which Tryton reads by the type of the field: `true`, `7.5`, `2027-01-31`, the
//! name of another record.
//!
//! Source: `action` in `trytond/protocols/rest.py`, `import_data` in
//! `trytond/model/modelstorage.py` of 8.2.

use super::Tryton;
use super::client::Search;
use super::merged::number;
use super::wire::{PartyState, PartyWritten};
use crate::{Batch, ContactId, CrmError, FieldChange, Fields};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many parties one call changes: a refused call is repeated for each of them.
const MOST: usize = 100;

impl Fields for Tryton {
    async fn set_fields(
        &self,
        contact: &ContactId,
        values: &BTreeMap<String, Value>,
    ) -> Result<(), CrmError> {
        let party = self.current(contact).await?.id;
        self.import(vec![(party, values)]).await
    }
}

impl Batch for Tryton {
    fn most(&self) -> usize {
        MOST
    }

    async fn set_all(&self, changes: &[FieldChange]) -> Result<(), CrmError> {
        if changes.is_empty() {
            return Ok(());
        }
        let contacts: Vec<_> = changes.iter().map(|change| &change.contact).collect();
        let parties = self.parties(&contacts).await?;
        let row = |change: &'_ FieldChange| parties.get(&change.contact).copied();
        let rows = changes.iter().filter_map(|change| Some((row(change)?, &change.values)));
        self.import(rows.collect()).await
    }
}

impl Tryton {
    /// The parties that stand for the contacts today.
    async fn parties(&self, contacts: &[&ContactId]) -> Result<BTreeMap<ContactId, u64>, CrmError> {
        let ids: BTreeSet<u64> = contacts.iter().filter_map(|contact| number(contact)).collect();
        let domain = json!([["id", "in", ids], ["active", "in", [true, false]]]);
        let found = self.client.search::<PartyState>(&Search::new(domain, ids.len())).await?;
        if found.iter().any(|party| !ids.contains(&party.id)) {
            return Err(CrmError::Unfiltered { record: "party.party" });
        }
        let active: BTreeSet<u64> =
            found.iter().filter(|party| party.active).map(|party| party.id).collect();
        let mut parties = BTreeMap::new();
        for contact in contacts {
            let here = number(contact).filter(|id| active.contains(id));
            let party = match here {
                Some(id) => id,
                None => self.current(contact).await?.id,
            };
            parties.insert((*contact).clone(), party);
        }
        Ok(parties)
    }

    /// Writes the rows, all or none. They bear the same fields.
    async fn import(&self, rows: Vec<(u64, &BTreeMap<String, Value>)>) -> Result<(), CrmError> {
        let Some((_, first)) = rows.first() else { return Ok(()) };
        let fields: Vec<&str> = first.keys().map(String::as_str).collect();
        let names: Vec<&str> = std::iter::once("id").chain(fields.iter().copied()).collect();
        let line = |(party, values): &(u64, &BTreeMap<String, Value>)| -> Vec<String> {
            let cells = fields.iter().map(|field| values.get(*field).map(cell).unwrap_or_default());
            std::iter::once(party.to_string()).chain(cells).collect()
        };
        let data: Vec<_> = rows.iter().map(line).collect();
        let rows = json!({ "fields_names": names, "data": data });
        match self.client.call::<PartyWritten, u64>("import_data", &rows).await {
            Ok(_) => Ok(()),
            // Tryton answers alike for a field that it does not know, and for a fault of its own.
            Err(CrmError::Broken { .. }) if !self.has_fields(&fields).await? => {
                Err(CrmError::UnknownField)
            }
            Err(error) => Err(error),
        }
    }

    async fn has_fields(&self, fields: &[&str]) -> Result<bool, CrmError> {
        let asked = json!({ "fields_names": fields });
        let known: Map<String, Value> =
            self.client.call::<PartyWritten, _>("fields_get", &asked).await?;
        Ok(fields.iter().all(|field| known.contains_key(*field)))
    }
}

/// A value as a cell of a spreadsheet. Several are one line of CSV.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let escaped = |item: &Value| cell(item).replace('\\', "\\\\").replace(',', "\\,");
            items.iter().map(escaped).collect::<Vec<_>>().join(",")
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
