//! Whose stack this is.

use super::Quiet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The company that the stack serves.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// The name, as templates print it: `{{ company.name }}`.
    #[schemars(length(min = 1))]
    pub name: String,
    /// The country in which a telephone number without a country code is dialled:
    /// ISO 3166 alpha-2, such as `DE`.
    #[schemars(regex(pattern = "^[A-Z]{2}$"))]
    pub region: String,
    /// The time zone in which templates print times (`{{ event.occurred_at | local_time }}`): an
    /// IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// The name of the one among `fields` that tells a customer's own time zone, an IANA name. A
    /// customer of whom it is not known, or not valid, lives in the company's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_time_zone: Option<String>,
    /// The hours in which no rule's messages reach a customer, unless the rule names its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// The address at which vendors reach `/hooks/{source}`, without that path. Some vendors sign
    /// it, so it is never taken from a request.
    #[schemars(url)]
    pub public_url: String,
}
