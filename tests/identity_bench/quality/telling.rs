//! What of a record makes a deterministic handle.

use super::febrl::Record;
use domain::{Assurance, Handle, HandleKind};

/// A part of a description. Two records agree in it if it is spelled alike but for case, spaces
/// and punctuation.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// The social-security number.
    Number,
    /// Given name and surname, in whichever order.
    Names,
    /// The given name.
    Given,
    /// The surname.
    Surname,
    /// The date of birth.
    Born,
    /// House number and street.
    House,
    /// The postcode.
    Postcode,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Number => "social-security number",
            Self::Names => "both names",
            Self::Given => "given name",
            Self::Surname => "surname",
            Self::Born => "date of birth",
            Self::House => "house and street",
            Self::Postcode => "postcode",
        }
    }

    fn of(self, record: &Record) -> Option<String> {
        let both = |one: &str, other: &str| Some([record.field(one)?, record.field(other)?]);
        match self {
            Self::Number => record.field("soc_sec_id"),
            Self::Names => both("given_name", "surname").map(|mut names| {
                names.sort();
                names.join(" ")
            }),
            Self::Given => record.field("given_name"),
            Self::Surname => record.field("surname"),
            Self::Born => record.field("date_of_birth"),
            Self::House => both("street_number", "address_1").map(|house| house.join(" ")),
            Self::Postcode => record.field("postcode"),
        }
    }
}

/// As what a handle comes in.
#[derive(Clone, Copy)]
pub(crate) struct Trust {
    pub(crate) kind: HandleKind,
    pub(crate) assurance: Assurance,
}

/// A number that somebody issued.
pub(crate) const ISSUED: Trust =
    Trust { kind: HandleKind::Account, assurance: Assurance::Attested };
/// A combination that is taken for proof. No channel has a kind for names with dates of birth, and
/// rules hold for a kind: another one stands in.
pub(crate) const PROVED: Trust =
    Trust { kind: HandleKind::WecomExternal, assurance: Assurance::Attested };
/// A combination that proves nothing.
pub(crate) const CLAIMED: Trust = Trust { assurance: Assurance::Claimed, ..PROVED };

/// Parts that together are taken for a handle.
pub(crate) type Telling = &'static [Part];

/// The number alone.
pub(crate) const NUMBER: [Telling; 1] = [&[Part::Number]];
/// Three things that only the same person, or a namesake of the same age next door, shares.
pub(crate) const STRONG: [Telling; 4] = [
    &[Part::Names, Part::Born],
    &[Part::Given, Part::Born, Part::Postcode],
    &[Part::Surname, Part::Born, Part::Postcode],
    &[Part::Names, Part::House, Part::Postcode],
];
/// What relatives, neighbours and namesakes share now and then.
pub(crate) const WEAK: [Telling; 5] = [
    &[Part::Given, Part::Born],
    &[Part::Surname, Part::Born],
    &[Part::House, Part::Born],
    &[Part::Postcode, Part::Born],
    &[Part::Names, Part::Postcode],
];

/// The parts' names.
pub(crate) fn describe(telling: Telling) -> String {
    telling.iter().map(|part| part.name()).collect::<Vec<_>>().join(" + ")
}

/// The handle of a record; none where it lacks a part.
pub(crate) fn handle(record: &Record, trust: Trust, telling: Telling) -> Option<Handle> {
    let values: Option<Vec<_>> = telling.iter().map(|part| part.of(record)).collect();
    let value = values?.join("|");
    let handle = Handle::account(trust.kind, &describe(telling), &value, trust.assurance);
    Some(handle.expect("a part that is there is not empty"))
}
