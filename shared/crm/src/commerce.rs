//! What a CRM tells of a customer's purchases.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An amount in one currency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Money {
    /// Decimal digits as the CRM spelt them, such as `39.80`: never a binary fraction.
    pub amount: String,
    /// ISO 4217, such as `EUR`.
    pub currency: String,
}

/// How far an order has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Not yet agreed: a basket, a draft, a quotation.
    Open,
    /// Agreed, not yet begun.
    Confirmed,
    /// Being fulfilled.
    Processing,
    /// Shipped and paid, as far as it was to be.
    Done,
    /// Given up.
    Cancelled,
}

/// How much of an order has been shipped, or charged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Nothing yet.
    None,
    /// Under way.
    Waiting,
    /// Some of it.
    Partial,
    /// All of it.
    Complete,
    /// It went wrong: a person has to decide.
    Exception,
}

/// An order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// The id in the CRM's own form.
    pub id: String,
    /// The company's number, once given.
    pub number: Option<String>,
    /// The customer's or the shop's own number.
    pub reference: Option<String>,
    /// How far it has come.
    pub state: OrderState,
    /// How much has been shipped.
    pub shipped: Progress,
    /// How much has been charged and, where complete, paid.
    pub invoiced: Progress,
    /// The day of the order, once it is fixed.
    pub ordered_on: Option<Date>,
    /// With taxes.
    pub total: Money,
}

/// How far a shipment has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShipmentState {
    /// Planned, or waiting for goods.
    Waiting,
    /// Being picked or packed.
    Preparing,
    /// On its way, or arrived.
    Shipped,
    /// Given up.
    Cancelled,
}

/// A delivery.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shipment {
    /// The id in the CRM's own form.
    pub id: String,
    /// The company's number, once given.
    pub number: Option<String>,
    /// The carrier's number, where the CRM has it.
    pub tracking: Option<String>,
    /// How far it has come.
    pub state: ShipmentState,
    /// The day that was promised or planned.
    pub planned_on: Option<Date>,
    /// The day on which it left.
    pub shipped_on: Option<Date>,
}

/// How far an invoice has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// Not yet issued.
    Draft,
    /// Issued; to be paid.
    Issued,
    /// Paid.
    Paid,
    /// Given up.
    Cancelled,
}

/// An invoice or a credit note.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invoice {
    /// The id in the CRM's own form.
    pub id: String,
    /// The company's number, once issued.
    pub number: Option<String>,
    /// How far it has come.
    pub state: InvoiceState,
    /// The day of issue.
    pub issued_on: Option<Date>,
    /// With taxes; negative for a credit note.
    pub total: Money,
    /// What is still to be paid.
    pub due: Money,
}
