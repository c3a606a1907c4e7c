//! Call records that phone systems push and do not sign.

mod wire;

use crate::field_map::{self, Condition, Mapping};
use crate::{
    Channel, Context, Delivery, Malformed, Problem, Rejection, Request, Secret, Verified,
    authenticity,
};
use ipnet::IpNet;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
pub use wire::Preset;

/// One phone system. Its secret holds `key`, the last segment of the address given to the
/// vendor: `/hooks/{source}/{key}`.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The networks from which it may call, such as `203.0.113.0/24`; all, where there are none.
    #[serde(default)]
    pub allow_ips: Vec<IpNet>,
    /// Whether the phone system pushes again, for minutes at least, what was answered with 429. No
    /// vendor's document that we know of says so; without it, what is over the source's `limit` is
    /// taken all the same.
    #[serde(default)]
    pub sender_retries: bool,
    /// The mappings that are shipped for a vendor. Those below are tried before them.
    #[serde(default)]
    pub preset: Option<Preset>,
    /// How payloads become events: the first mapping that matches is used. A form is read as a
    /// flat object of texts.
    #[serde(default)]
    pub mappings: Vec<Mapping>,
    /// Payloads that no mapping claims and that are left out on purpose. Any other payload is
    /// kept as a failure.
    #[serde(default)]
    pub ignore: Vec<Condition>,
}

impl Channel for Settings {
    const ID: &'static str = "call-push";

    fn verify<'r>(
        &self,
        request: &'r Request,
        secret: &Secret,
        _now: Timestamp,
    ) -> Result<Verified<'r>, Rejection> {
        authenticity::by_address(request, secret, &self.allow_ips)
    }

    fn parse(&self, verified: &Verified<'_>, context: &Context<'_>) -> Result<Delivery, Malformed> {
        let payload = wire::payload(verified.body(), verified.content_type())?;
        let shipped = self.preset.map(Preset::mappings).unwrap_or_default();
        let map = [self.mappings.as_slice(), shipped];
        field_map::read(&map, &self.ignore, Self::ID, &payload, None, context)
    }

    fn resends(&self) -> bool {
        self.sender_retries
    }

    fn validate(&self) -> Vec<Problem> {
        let mut problems = field_map::validate(&self.mappings);
        if self.mappings.is_empty() && self.preset.is_none() {
            problems.push(Problem::at("mappings", "is empty, and there is no preset"));
        }
        for (index, mapping) in self.mappings.iter().enumerate() {
            if mapping.id.is_empty() {
                let path = format!("mappings[{index}].id");
                problems.push(Problem::at(path, "is empty: a call push has no id of its own"));
            }
        }
        problems
    }
}
