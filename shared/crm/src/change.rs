//! Records of the CRM that changed, in the form that mappings read.

use crate::{Invoice, Order, Shipment};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt;

/// The times between which something changed, by the CRM's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// Later than this.
    pub after: Timestamp,
    /// No later than this.
    pub until: Timestamp,
}

/// Some of the records that changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangePage {
    /// The records, as they are now.
    pub records: Vec<ChangedRecord>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// A record that changed. It is an event's whole story: a mapping reads the JSON that it makes.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ChangedRecord {
    /// The record as it is now, told apart by `record`.
    #[serde(flatten)]
    pub what: Changed,
    /// Of a shipment, the order that it carries out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderNumbers>,
    /// When it was written to last.
    pub changed_at: Timestamp,
    /// The customer; of a contact, the record itself.
    pub contact: Customer,
}

/// What changed.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Changed {
    /// A customer's own record.
    Contact(Standing),
    /// An order.
    Order(Order),
    /// A delivery.
    Shipment(Shipment),
    /// An invoice.
    Invoice(Invoice),
}

/// Whether a contact's record is in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Standing {
    /// `active`, `inactive` or `merged`.
    pub state: &'static str,
    /// The id of the record that stands for it now, where it was merged.
    pub merged_into: Option<String>,
}

/// By what an order is known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OrderNumbers {
    /// The company's number.
    pub number: Option<String>,
    /// The customer's or the shop's own number.
    pub reference: Option<String>,
}

/// Whom a record concerns.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct Customer {
    /// The contact's id.
    pub id: String,
    /// The contact's number, where it has one.
    pub code: Option<String>,
    /// Telephone numbers as the CRM keeps them.
    pub phones: Vec<String>,
    /// E-mail addresses as the CRM keeps them.
    pub emails: Vec<String>,
}

/// Shows neither numbers nor addresses.
impl fmt::Debug for ChangedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = match &self.what {
            Changed::Contact(_) => ("contact", &self.contact.id),
            Changed::Order(order) => ("order", &order.id),
            Changed::Shipment(shipment) => ("shipment", &shipment.id),
            Changed::Invoice(invoice) => ("invoice", &invoice.id),
        };
        write!(f, "ChangedRecord({kind} {id}, {})", self.changed_at)
    }
}
