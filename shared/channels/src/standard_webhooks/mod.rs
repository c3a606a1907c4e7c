//! Any system that signs JSON as Standard Webhooks says.
//!
//! Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

mod wire;

use crate::field_map::{self, Condition, Mapping};
use crate::{
    Channel, Context, Delivery, Malformed, Problem, Rejection, Request, Secret, Verified,
    authenticity,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// One sender. Its secret holds `secret` (`whsec_…`) and, while it is rotated, `previous`.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How payloads become events: the first mapping that matches is used. Where a mapping names
    /// no `id`, `webhook-id` is the dedupe key.
    pub mappings: Vec<Mapping>,
    /// Payloads that no mapping claims and that are left out on purpose. Any other payload is
    /// kept as a failure.
    #[serde(default)]
    pub ignore: Vec<Condition>,
}

impl Channel for Settings {
    const ID: &'static str = "standard-webhooks";

    fn verify<'r>(
        &self,
        request: &'r Request,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<Verified<'r>, Rejection> {
        authenticity::by_hmac(request, &wire::keys(secret)?, now)
    }

    fn parse(&self, verified: &Verified<'_>, context: &Context<'_>) -> Result<Delivery, Malformed> {
        let payload = field_map::json(verified.body())?;
        let map = [self.mappings.as_slice()];
        field_map::read(&map, &self.ignore, Self::ID, &payload, verified.delivery_id(), context)
    }

    /// The specification has senders try again for days, and slow down at a 429 ("Deliverability and
    /// reliability").
    fn resends(&self) -> bool {
        true
    }

    fn validate(&self) -> Vec<Problem> {
        let mut problems = field_map::validate(&self.mappings);
        if self.mappings.is_empty() {
            problems.push(Problem::at("mappings", "is empty: no payload could become an event"));
        }
        problems
    }
}
