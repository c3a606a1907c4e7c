//! Tryton's records, as its REST API writes them.

use jiff::civil::Date;
use serde::de::{Deserializer, Error, Unexpected};
use serde::{Deserialize, de::DeserializeOwned};

/// A record of a model, read by the fields that it names.
pub(super) trait Record: DeserializeOwned {
    /// The model's name, the last part of its path.
    const MODEL: &'static str;
    /// The fields to ask for; `id` comes unasked. A field that Tryton does not know is a 500.
    const FIELDS: &'static [&'static str];

    /// These and whatever else is read of it.
    fn fields() -> Vec<&'static str> {
        Self::FIELDS.to_vec()
    }
}

#[derive(Deserialize)]
pub(super) struct Party {
    pub(super) id: u64,
    pub(super) name: Option<String>,
    pub(super) code: Option<String>,
    pub(super) contact_mechanisms: Vec<Mechanism>,
    #[serde(deserialize_with = "truth")]
    pub(super) active: bool,
    #[serde(deserialize_with = "stated")]
    pub(super) replaced_by: Option<u64>,
}

impl Record for Party {
    const MODEL: &'static str = "party.party";
    const FIELDS: &'static [&'static str] = &[
        "name",
        "code",
        "contact_mechanisms.type",
        "contact_mechanisms.value_compact",
        "active",
        "replaced_by",
    ];
}

#[derive(Deserialize)]
pub(super) struct Mechanism {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) value_compact: Option<String>,
}

/// A party that was replaced.
#[derive(Deserialize)]
pub(super) struct FormerParty {
    pub(super) id: u64,
    pub(super) replaced_by: Option<u64>,
}

impl Record for FormerParty {
    const MODEL: &'static str = "party.party";
    const FIELDS: &'static [&'static str] = &["replaced_by"];
}

/// A mechanism that was taken out of use.
#[derive(Deserialize)]
pub(super) struct FormerMechanism {
    pub(super) party: u64,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) value_compact: Option<String>,
}

impl Record for FormerMechanism {
    const MODEL: &'static str = "party.contact_mechanism";
    const FIELDS: &'static [&'static str] = &["party", "type", "value_compact"];
}

/// The answer to a write of which nothing is to be read back.
#[derive(Deserialize)]
pub(super) struct PartyWritten {}

impl Record for PartyWritten {
    const MODEL: &'static str = "party.party";
    const FIELDS: &'static [&'static str] = &["id"];
}

/// Whether a party is in use.
#[derive(Deserialize)]
pub(super) struct PartyState {
    pub(super) id: u64,
    #[serde(deserialize_with = "truth")]
    pub(super) active: bool,
}

impl Record for PartyState {
    const MODEL: &'static str = "party.party";
    const FIELDS: &'static [&'static str] = &["active"];
}

#[derive(Deserialize)]
pub(super) struct Work {
    pub(super) id: u64,
    pub(super) comment: Option<String>,
}

impl Record for Work {
    const MODEL: &'static str = "project.work";
    const FIELDS: &'static [&'static str] = &["comment"];
}

#[derive(Deserialize)]
pub(super) struct Category {
    pub(super) id: u64,
    pub(super) name: String,
    #[serde(deserialize_with = "truth")]
    pub(super) active: bool,
}

impl Record for Category {
    const MODEL: &'static str = "party.category";
    const FIELDS: &'static [&'static str] = &["name", "active"];
}

#[derive(Deserialize)]
pub(super) struct Note {
    pub(super) id: u64,
    pub(super) message: Option<String>,
}

impl Record for Note {
    const MODEL: &'static str = "ir.note";
    const FIELDS: &'static [&'static str] = &["message"];
}

#[derive(Deserialize)]
pub(super) struct Complaint {
    pub(super) id: u64,
    pub(super) reference: Option<String>,
}

impl Record for Complaint {
    const MODEL: &'static str = "sale.complaint";
    const FIELDS: &'static [&'static str] = &["reference"];
}

#[derive(Deserialize)]
pub(super) struct ComplaintType {
    pub(super) id: u64,
}

impl Record for ComplaintType {
    const MODEL: &'static str = "sale.complaint.type";
    const FIELDS: &'static [&'static str] = &["name"];
}

#[derive(Deserialize)]
pub(super) struct Opportunity {
    pub(super) id: u64,
    pub(super) reference: Option<String>,
    #[serde(deserialize_with = "stated")]
    pub(super) party: Option<u64>,
}

impl Record for Opportunity {
    const MODEL: &'static str = "sale.opportunity";
    const FIELDS: &'static [&'static str] = &["reference", "party"];
}

/// A model that an activated module has brought.
#[derive(Deserialize)]
pub(super) struct Model {}

impl Record for Model {
    const MODEL: &'static str = "ir.model";
    const FIELDS: &'static [&'static str] = &["name"];
}

#[derive(Deserialize)]
pub(super) struct Employee {
    pub(super) id: u64,
    pub(super) party: Named,
}

impl Record for Employee {
    const MODEL: &'static str = "company.employee";
    const FIELDS: &'static [&'static str] = &["party.name"];
}

#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Sale {
    pub(super) id: u64,
    pub(super) party: u64,
    pub(super) number: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) state: SaleState,
    pub(super) shipment_state: SaleShipmentState,
    pub(super) invoice_state: SaleInvoiceState,
    #[serde(rename = "sale_date", deserialize_with = "date")]
    pub(super) ordered_on: Option<Date>,
    #[serde(deserialize_with = "decimal")]
    pub(super) total_amount: String,
    pub(super) currency: Currency,
}

impl Record for Sale {
    const MODEL: &'static str = "sale.sale";
    const FIELDS: &'static [&'static str] = &[
        "party",
        "number",
        "reference",
        "state",
        "shipment_state",
        "invoice_state",
        "sale_date",
        "total_amount",
        "currency.code",
    ];
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SaleState {
    Draft,
    Quotation,
    Confirmed,
    Processing,
    Done,
    Cancelled,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SaleShipmentState {
    None,
    Waiting,
    #[serde(rename = "partially shipped")]
    PartiallyShipped,
    Sent,
    Exception,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SaleInvoiceState {
    None,
    Pending,
    #[serde(rename = "awaiting payment")]
    AwaitingPayment,
    #[serde(rename = "partially paid")]
    PartiallyPaid,
    Paid,
    Exception,
}

#[derive(Deserialize)]
pub(super) struct ShipmentOut {
    pub(super) id: u64,
    pub(super) customer: u64,
    pub(super) number: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) state: ShipmentOutState,
    #[serde(deserialize_with = "date")]
    pub(super) planned_date: Option<Date>,
    #[serde(deserialize_with = "date")]
    pub(super) effective_date: Option<Date>,
}

impl Record for ShipmentOut {
    const MODEL: &'static str = "stock.shipment.out";
    const FIELDS: &'static [&'static str] =
        &["customer", "number", "reference", "state", "planned_date", "effective_date"];
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ShipmentOutState {
    Draft,
    Waiting,
    Assigned,
    Picked,
    Packed,
    Shipped,
    Done,
    Cancelled,
}

#[derive(Deserialize)]
pub(super) struct AccountInvoice {
    pub(super) id: u64,
    pub(super) party: u64,
    pub(super) number: Option<String>,
    pub(super) state: AccountInvoiceState,
    #[serde(deserialize_with = "date")]
    pub(super) invoice_date: Option<Date>,
    #[serde(deserialize_with = "decimal")]
    pub(super) total_amount: String,
    #[serde(deserialize_with = "decimal")]
    pub(super) amount_to_pay: String,
    pub(super) currency: Currency,
}

impl Record for AccountInvoice {
    const MODEL: &'static str = "account.invoice";
    const FIELDS: &'static [&'static str] = &[
        "party",
        "number",
        "state",
        "invoice_date",
        "total_amount",
        "amount_to_pay",
        "currency.code",
    ];
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccountInvoiceState {
    Draft,
    Validated,
    Posted,
    Paid,
    Cancelled,
}

#[derive(Deserialize)]
pub(super) struct Currency {
    pub(super) code: String,
}

/// A link, or null. Tryton leaves out a field that the user may not read, which is not null.
pub(super) fn stated<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Option::deserialize(from)
}

/// A Boolean, which `SQLite` keeps as a number.
pub(super) fn truth<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Bool(bool),
        Number(u8),
    }
    match Truth::deserialize(from)? {
        Truth::Bool(truth) => Ok(truth),
        Truth::Number(0) => Ok(false),
        Truth::Number(1) => Ok(true),
        Truth::Number(other) => {
            Err(D::Error::invalid_value(Unexpected::Unsigned(other.into()), &"0 or 1"))
        }
    }
}

/// `{"__class__": "Decimal", "decimal": "39.80"}`.
fn decimal<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    struct Decimal {
        decimal: String,
    }
    Decimal::deserialize(from).map(|number| number.decimal)
}

/// `{"__class__": "date", "year": 2026, "month": 5, "day": 4}`, or null.
fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    #[derive(Deserialize)]
    struct Civil {
        year: i16,
        month: i8,
        day: i8,
    }
    Option::<Civil>::deserialize(from)?
        .map(|day| Date::new(day.year, day.month, day.day).map_err(D::Error::custom))
        .transpose()
}
