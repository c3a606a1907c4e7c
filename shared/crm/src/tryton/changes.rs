//! Records that changed within a time, whoever changed them.
//!
//! Tryton notes in every record when it was made and when it was last written to. A window of time is
//! paged through by ids, which stay, rather than by times, of which many records share one: a record
//! that is written to meanwhile leaves this window and is found in a later one.
//!
//! What is deleted leaves nothing to find. A contact that gains or loses a handle counts as changed.

use super::Tryton;
use super::changed::{ChangedParty, Dated, MovedShipment, Telling};
use super::client::Search;
use super::wire::{AccountInvoice, Party, Sale};
use crate::{ChangePage, ChangedRecord, Changes, CrmError, Customer, Span};
use jiff::Timestamp;
use jiff::tz::Offset;
use rules::RecordKind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Changes for Tryton {
    async fn changes(
        &self,
        kind: RecordKind,
        span: Span,
        beyond: Option<&str>,
        most: usize,
    ) -> Result<ChangePage, CrmError> {
        let company = json!(["company", "=", self.company]);
        let changed = written("", span);
        match kind {
            RecordKind::Contacts => {
                let either = json!(["OR", changed, written("contact_mechanisms.", span)]);
                self.page::<ChangedParty>(&either, beyond, most).await
            }
            RecordKind::Orders => self.page::<Sale>(&json!([company, changed]), beyond, most).await,
            RecordKind::Shipments => {
                self.page::<MovedShipment>(&json!([company, changed]), beyond, most).await
            }
            RecordKind::Invoices => {
                let issued = json!([company, ["type", "=", "out"], changed]);
                self.page::<AccountInvoice>(&issued, beyond, most).await
            }
        }
    }
}

impl Tryton {
    /// The records with the lowest ids beyond one.
    async fn page<R: Telling>(
        &self,
        changed: &Value,
        beyond: Option<&str>,
        most: usize,
    ) -> Result<ChangePage, CrmError> {
        let beyond: u64 = match beyond.map(str::parse) {
            None => 0,
            Some(Ok(id)) => id,
            Some(Err(_)) => return Err(CrmError::Missing),
        };
        let search = Search::new(json!([["id", ">", beyond], changed]), most).inactive_too();
        let found = self.client.search::<Dated<R>>(&search).await?;
        // A server that ignores the search would send this round in circles.
        let ids: Vec<_> = found.iter().map(|it| it.record.id()).collect();
        if !ids.is_sorted_by(|one, other| one < other)
            || ids.first().is_some_and(|id| *id <= beyond)
        {
            return Err(CrmError::Unfiltered { record: R::MODEL });
        }
        let next = ids.last().filter(|_| ids.len() >= most).map(u64::to_string);
        let customers = self.customers(found.iter().map(|it| it.record.party()).collect()).await?;
        let mut records = Vec::new();
        for dated in found {
            let (party, changed_at) = (dated.record.party(), dated.changed_at());
            let unknown = || Customer { id: party.to_string(), ..Customer::default() };
            let contact = customers.get(&party).cloned().unwrap_or_else(unknown);
            let told = dated.record.told().into_iter();
            records.extend(told.map(|(what, order)| ChangedRecord {
                what,
                order,
                changed_at,
                contact: contact.clone(),
            }));
        }
        Ok(ChangePage { records, next })
    }

    /// The parties of these ids, whether in use or not.
    async fn customers(&self, ids: BTreeSet<u64>) -> Result<BTreeMap<u64, Customer>, CrmError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let search = Search::new(json!([["id", "in", ids]]), ids.len()).inactive_too();
        let found = self.client.search::<Party>(&search).await?;
        Ok(found.into_iter().map(|party| (party.id, party.into())).collect())
    }
}

/// The clause that a record was made or written to within the window. One that was only made may
/// have no time of writing.
fn written(path: &str, span: Span) -> Value {
    let (after, until) = (instant(span.after), instant(span.until));
    let within = |field: &str| json!([[field, ">", after], [field, "<=", until]]);
    let (write, create) = (format!("{path}write_date"), format!("{path}create_date"));
    json!(["OR", within(&write), [[write, "=", null], within(&create)]])
}

/// A time as Tryton's JSON writes it, in UTC: `trytond/protocols/jsonrpc.py`.
fn instant(at: Timestamp) -> Value {
    let at = Offset::UTC.to_datetime(at);
    json!({
        "__class__": "datetime",
        "year": at.year(), "month": at.month(), "day": at.day(),
        "hour": at.hour(), "minute": at.minute(), "second": at.second(),
        "microsecond": at.subsec_nanosecond() / 1000,
    })
}
