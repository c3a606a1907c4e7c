//! How it is made sure that everything which a source has to tell has arrived.

use super::Duration;
use channels::field_map::{Mapping, Pointer};
use delivery::Guard;
use ipnet::IpNet;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a source should have told is asked for now and then; what did not arrive is put in.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reconcile {
    /// Who is asked, as one key with its settings: `crm: {…}` or `history: {…}`.
    pub from: Origin,
    /// How often; `15m`, if left out.
    #[serde(default)]
    pub every: Option<Duration>,
    /// How far each sweep reaches back into what the one before has seen; `10m`, if left out. It has
    /// to be longer than clocks differ, and than a transaction of the other side's lasts.
    #[serde(default)]
    pub overlap: Option<Duration>,
    /// How long an event may be on its way before it counts as missing; `15m`, if left out.
    #[serde(default)]
    pub grace: Option<Duration>,
}

/// Who knows what a source should have told.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The company's CRM, for a source that tells of the CRM's own records.
    Crm(CrmOrigin),
    /// The sender's own list of what happened.
    History(History),
}

/// Records of the CRM that the source tells of.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrmOrigin {
    /// The kinds of records.
    #[schemars(length(min = 1))]
    pub records: Vec<RecordKind>,
    /// What a record must have to be one that the source tells of: where any of it is missing, the
    /// record is passed over.
    #[serde(default)]
    pub needs: Vec<Pointer>,
    /// How a changed record becomes the event that the source should have delivered: with the same
    /// kind and topic, and the same values under `id`. What no mapping claims is no event.
    #[schemars(length(min = 1))]
    pub mappings: Vec<Mapping>,
}

/// A kind of records in the CRM.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// Customers.
    Contacts,
    /// What they ordered.
    Orders,
    /// What was sent to them, once for each order that is in it.
    Shipments,
    /// What they were charged.
    Invoices,
}

/// A list of what happened, which the sender offers over HTTP as pages of JSON.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The address of the list, under the same conditions as an endpoint's.
    #[schemars(url)]
    pub url: String,
    /// The name in Secrets Manager of what lets us in, `{"token": "…"}`; it is sent as
    /// `Authorization: Bearer`.
    #[schemars(length(min = 1))]
    pub secret: String,
    /// The query's parameter for the time after which something happened.
    pub since: String,
    /// The query's parameter for the time until which it happened.
    pub until: String,
    /// How both times are written.
    #[serde(default)]
    pub times: TimeForm,
    /// Where in the answer the array stands of which each element is read as a delivery.
    pub items: Pointer,
    /// How the next page is asked for; the first is all, if left out.
    #[serde(default)]
    pub next: Option<NextPage>,
    /// How an item becomes an event, where it differs from a delivery. What no mapping claims is no
    /// event. The channel's own mappings count, if left out.
    #[serde(default)]
    pub mappings: Vec<Mapping>,
    /// The private networks that the address may lead into; none, if left out.
    #[serde(default)]
    pub allow_private: Vec<IpNet>,
}

/// How a time is written in a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeForm {
    /// `2026-11-23T08:00:00Z`
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
}

/// Where an answer says how to go on.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextPage {
    /// Where the next page's mark stands in the answer; the last page has none.
    pub at: Pointer,
    /// The query's parameter that takes it back.
    pub parameter: String,
}

impl RecordKind {
    /// The kind's name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Orders => "orders",
            Self::Shipments => "shipments",
            Self::Invoices => "invoices",
        }
    }
}

impl Reconcile {
    /// How often.
    #[must_use]
    pub fn every(&self) -> SignedDuration {
        self.every.map_or(SignedDuration::from_mins(15), Into::into)
    }

    /// How far each sweep reaches back.
    #[must_use]
    pub fn overlap(&self) -> SignedDuration {
        self.overlap.map_or(SignedDuration::from_mins(10), Into::into)
    }

    /// How long an event may be on its way.
    #[must_use]
    pub fn grace(&self) -> SignedDuration {
        self.grace.map_or(SignedDuration::from_mins(15), Into::into)
    }

    /// How what is fetched becomes events, where it differs from a delivery.
    #[must_use]
    pub fn mappings(&self) -> &[Mapping] {
        match &self.from {
            Origin::Crm(crm) => &crm.mappings,
            Origin::History(history) => &history.mappings,
        }
    }
}

impl History {
    /// Where its requests may go.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard::new(&self.allow_private)
    }
}
