//! Changed records, as Tryton's REST API writes them.

use super::wire::{AccountInvoice, Party, Record, Sale, ShipmentOut, stated, truth};
use crate::{Changed, Customer, OrderNumbers, Standing};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use std::collections::BTreeMap;

/// A record that tells something when it changes.
pub(super) trait Telling: Record {
    /// The record's id.
    fn id(&self) -> u64;
    /// The id of the party that it concerns.
    fn party(&self) -> u64;
    /// When anything changed that counts as the record's own and is written elsewhere.
    fn parts_changed_at(&self) -> Option<Timestamp> {
        None
    }
    /// What it tells, with the order where it is about one. A shipment of several orders tells once
    /// for each.
    fn told(self) -> Vec<(Changed, Option<OrderNumbers>)>;
}

/// A record with the times at which it was made and written to.
#[derive(Deserialize)]
pub(super) struct Dated<R> {
    #[serde(flatten)]
    pub(super) record: R,
    #[serde(deserialize_with = "instant")]
    create_date: Option<Timestamp>,
    #[serde(deserialize_with = "instant")]
    write_date: Option<Timestamp>,
}

impl<R: Record> Record for Dated<R> {
    const MODEL: &'static str = R::MODEL;
    const FIELDS: &'static [&'static str] = R::FIELDS;

    fn fields() -> Vec<&'static str> {
        [&["create_date", "write_date"], R::FIELDS].concat()
    }
}

impl<R: Telling> Dated<R> {
    /// When it, or what counts as its own, was written to last.
    pub(super) fn changed_at(&self) -> Timestamp {
        let own = self.write_date.max(self.create_date);
        own.max(self.record.parts_changed_at()).unwrap_or_default()
    }
}

/// A party with the times of its handles: a handle that changes leaves the party's own as they were.
#[derive(Deserialize)]
pub(super) struct ChangedParty {
    id: u64,
    contact_mechanisms: Vec<ChangedMechanism>,
    #[serde(deserialize_with = "truth")]
    active: bool,
    #[serde(deserialize_with = "stated")]
    replaced_by: Option<u64>,
}

#[derive(Deserialize)]
struct ChangedMechanism {
    #[serde(deserialize_with = "instant")]
    create_date: Option<Timestamp>,
    #[serde(deserialize_with = "instant")]
    write_date: Option<Timestamp>,
}

impl Record for ChangedParty {
    const MODEL: &'static str = Party::MODEL;
    const FIELDS: &'static [&'static str] = &[
        "contact_mechanisms.create_date",
        "contact_mechanisms.write_date",
        "active",
        "replaced_by",
    ];
}

impl Telling for ChangedParty {
    fn id(&self) -> u64 {
        self.id
    }

    fn party(&self) -> u64 {
        self.id
    }

    fn parts_changed_at(&self) -> Option<Timestamp> {
        let handles = self.contact_mechanisms.iter();
        handles.filter_map(|handle| handle.write_date.max(handle.create_date)).max()
    }

    fn told(self) -> Vec<(Changed, Option<OrderNumbers>)> {
        let state = match (self.replaced_by, self.active) {
            (Some(_), _) => "merged",
            (None, true) => "active",
            (None, false) => "inactive",
        };
        let merged_into = self.replaced_by.map(|id| id.to_string());
        vec![(Changed::Contact(Standing { state, merged_into }), None)]
    }
}

impl Telling for Sale {
    fn id(&self) -> u64 {
        self.id
    }

    fn party(&self) -> u64 {
        self.party
    }

    fn told(self) -> Vec<(Changed, Option<OrderNumbers>)> {
        vec![(Changed::Order(self.into()), None)]
    }
}

impl Telling for AccountInvoice {
    fn id(&self) -> u64 {
        self.id
    }

    fn party(&self) -> u64 {
        self.party
    }

    fn told(self) -> Vec<(Changed, Option<OrderNumbers>)> {
        vec![(Changed::Invoice(self.into()), None)]
    }
}

/// A shipment with the orders that it carries.
#[derive(Deserialize)]
pub(super) struct MovedShipment {
    #[serde(flatten)]
    shipment: ShipmentOut,
    outgoing_moves: Vec<Move>,
}

#[derive(Deserialize)]
struct Move {
    sale: Option<MovedSale>,
}

#[derive(Deserialize)]
struct MovedSale {
    id: u64,
    number: Option<String>,
    reference: Option<String>,
}

impl Record for MovedShipment {
    const MODEL: &'static str = ShipmentOut::MODEL;
    const FIELDS: &'static [&'static str] = &[
        "customer",
        "number",
        "reference",
        "state",
        "planned_date",
        "effective_date",
        "outgoing_moves.sale.number",
        "outgoing_moves.sale.reference",
    ];
}

impl Telling for MovedShipment {
    fn id(&self) -> u64 {
        self.shipment.id
    }

    fn party(&self) -> u64 {
        self.shipment.customer
    }

    fn told(self) -> Vec<(Changed, Option<OrderNumbers>)> {
        let sales = self.outgoing_moves.into_iter().filter_map(|moved| moved.sale);
        let orders: BTreeMap<_, _> = sales
            .map(|MovedSale { id, number, reference }| (id, OrderNumbers { number, reference }))
            .collect();
        let shipment = Changed::Shipment(self.shipment.into());
        if orders.is_empty() {
            return vec![(shipment, None)];
        }
        orders.into_values().map(|order| (shipment.clone(), Some(order))).collect()
    }
}

impl From<Party> for Customer {
    fn from(party: Party) -> Self {
        let id = party.id.to_string();
        let mut customer = Self { id, code: party.code, ..Self::default() };
        for mechanism in party.contact_mechanisms {
            let Some(value) = mechanism.value_compact else { continue };
            match mechanism.kind.as_str() {
                "phone" | "mobile" => customer.phones.push(value),
                "email" => customer.emails.push(value),
                _ => {}
            }
        }
        customer
    }
}

/// `{"__class__": "datetime", "year": 2026, "month": 5, …, "microsecond": 594882}` in UTC, or null.
fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    struct Civil {
        year: i16,
        month: i8,
        day: i8,
        hour: i8,
        minute: i8,
        second: i8,
        microsecond: i32,
    }
    let Some(at) = Option::<Civil>::deserialize(from)? else { return Ok(None) };
    let nanosecond = at.microsecond.saturating_mul(1000);
    DateTime::new(at.year, at.month, at.day, at.hour, at.minute, at.second, nanosecond)
        .and_then(|civil| civil.to_zoned(TimeZone::UTC))
        .map(|at| Some(at.timestamp()))
        .map_err(D::Error::custom)
}
