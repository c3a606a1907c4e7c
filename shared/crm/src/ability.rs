//! What a CRM can do, one trait for each ability.

use crate::{
    ChangePage, Contact, ContactId, ContactUpdate, CrmError, Found, Invoice, Located, NewContact,
    Order, Shipment, Span, Task, TaskId, Ticket, TicketId,
};
use domain::{EffectKey, Handle};
use rules::RecordKind;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

/// Customers' records.
///
/// The futures are `Send`, so that a caller may await several connectors from any runtime.
pub trait Contacts {
    /// Looks for the active records that have any of the handles.
    ///
    /// A handle that the CRM cannot hold leads nowhere. No handles lead to nobody.
    fn find(&self, handles: &[Handle]) -> impl Future<Output = Result<Found, CrmError>> + Send;

    /// Looks where a record stands today, which may not be where it stood when it was linked.
    fn locate(&self, contact: &ContactId)
    -> impl Future<Output = Result<Located, CrmError>> + Send;

    /// Makes a record, unless one already has any of the handles: then returns that one, as it is.
    ///
    /// A lead that an earlier try left half made is completed, for which that try's customer has to
    /// be given again. A record that was there before does not become a lead. The caller keeps two
    /// tries for one customer apart in time, as the ledger's lease does.
    ///
    /// # Errors
    /// [`CrmError::Ambiguous`] where the handles lead to several records,
    /// [`CrmError::Unidentified`] where the CRM can hold none of the handles: the record could not
    /// be found again.
    fn create(&self, new: &NewContact) -> impl Future<Output = Result<ContactId, CrmError>> + Send;

    /// Changes a record, and returns what it then holds. Where it lacks nothing, nothing is written.
    ///
    /// # Errors
    /// [`CrmError::Ambiguous`] where another active record has any of the handles, or stands for one
    /// that had: nothing is written then.
    fn update(
        &self,
        contact: &ContactId,
        update: &ContactUpdate,
    ) -> impl Future<Output = Result<Contact, CrmError>> + Send;
}

/// Labels on a customer's record.
pub trait Tags {
    /// Sees to it that the record has the tags of `add` but none of `remove`.
    ///
    /// A tag that the CRM does not know is made. Names are compared as they are spelt. A tag that
    /// is named in both is taken off.
    fn tag(
        &self,
        contact: &ContactId,
        add: &[String],
        remove: &[String],
    ) -> impl Future<Output = Result<(), CrmError>> + Send;
}

/// The history on a customer's record.
pub trait Notes {
    /// Writes a note, unless the record has one of this key. Returns the note's id.
    ///
    /// The caller keeps two tries of one key apart in time, as the ledger's lease does.
    fn note(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        text: &str,
    ) -> impl Future<Output = Result<String, CrmError>> + Send;
}

/// Matters that have an owner.
pub trait Tickets {
    /// Opens a ticket, unless there is one of this key. Returns the ticket's id.
    ///
    /// The caller keeps two tries of one key apart in time, as the ledger's lease does.
    ///
    /// # Errors
    /// [`CrmError::UnknownOwner`] and [`CrmError::AmbiguousOwner`] where the owner's name does not
    /// lead to one person.
    fn ticket(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        ticket: &Ticket,
    ) -> impl Future<Output = Result<TicketId, CrmError>> + Send;
}

/// Things to be done, each by somebody.
pub trait Tasks {
    /// Opens a task, unless there is one of this key. Returns the task's id.
    ///
    /// The caller keeps two tries of one key apart in time, as the ledger's lease does.
    ///
    /// # Errors
    /// [`CrmError::UnknownOwner`] and [`CrmError::AmbiguousOwner`] where the owner's name does not
    /// lead to one person.
    fn task(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        task: &Task,
    ) -> impl Future<Output = Result<TaskId, CrmError>> + Send;
}

/// The fields of a customer's record.
pub trait Fields {
    /// Sees to it that fields, by the CRM's own names, hold these values: all of them, or none.
    ///
    /// # Errors
    /// [`CrmError::UnknownField`] where the record has no such field, [`CrmError::Refused`] where
    /// one cannot hold its value or may not be written to.
    fn set_fields(
        &self,
        contact: &ContactId,
        values: &BTreeMap<String, Value>,
    ) -> impl Future<Output = Result<(), CrmError>> + Send;
}

/// One record's part in a change of many.
#[derive(Clone, PartialEq)]
pub struct FieldChange {
    /// The record.
    pub contact: ContactId,
    /// What its fields are to hold, by the CRM's own names.
    pub values: BTreeMap<String, Value>,
}

impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldChange({}, {:?})", self.contact, self.values.keys())
    }
}

/// Changes to the fields of many records in one request.
pub trait Batch: Fields {
    /// How many records one call may change.
    fn most(&self) -> usize;

    /// Sees to it that the same fields of several records hold their values: in all of them, or in
    /// none. Where two contacts turn out to be one record by now, the later change counts.
    ///
    /// # Errors
    /// As [`Fields::set_fields`], without saying for which record: [`Fields::set_fields`] finds out.
    fn set_all(&self, changes: &[FieldChange])
    -> impl Future<Output = Result<(), CrmError>> + Send;
}

/// What the customer bought. Each list holds the newest 50, newest first.
pub trait Commerce {
    /// The customer's orders.
    fn orders(
        &self,
        contact: &ContactId,
    ) -> impl Future<Output = Result<Vec<Order>, CrmError>> + Send;

    /// What was sent, or is to be sent, to the customer.
    fn shipments(
        &self,
        contact: &ContactId,
    ) -> impl Future<Output = Result<Vec<Shipment>, CrmError>> + Send;

    /// What the customer was charged.
    fn invoices(
        &self,
        contact: &ContactId,
    ) -> impl Future<Output = Result<Vec<Invoice>, CrmError>> + Send;
}

/// What became of the company's records, whoever changed them.
pub trait Changes {
    /// The records of a kind that were made or written to within `span`, each as it is now, by an
    /// order that pages can rely on: `beyond` is where the last page said that the next begins. Up to
    /// `most` records are looked at. What changed within the span and has changed again since may be
    /// missing here; it is in a later span.
    fn changes(
        &self,
        kind: RecordKind,
        span: Span,
        beyond: Option<&str>,
        most: usize,
    ) -> impl Future<Output = Result<ChangePage, CrmError>> + Send;
}
