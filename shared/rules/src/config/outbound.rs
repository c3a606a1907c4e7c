//! How messages leave.

use delivery::Guard;
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How short messages are sent, through Amazon SNS.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// The name that the recipient sees, where the country allows one: up to 11 letters and
    /// digits, at least one letter (SNS `AWS.SNS.SMS.SenderID`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Za-z0-9-]{1,11}$"))]
    pub sender_id: Option<String>,
}

/// How e-mail is sent, through Amazon SES.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// The sender: an address that SES has verified.
    #[schemars(email)]
    pub from: String,
}

/// A webhook that actions may post to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The address: `https` at port 443 or one from 1024 on, or `http` to this machine where
    /// `allow_private` opens it. Redirects are not followed.
    #[schemars(url)]
    pub url: String,
    /// The name in Secrets Manager of the key that signs: `{"key": "whsec_…"}`.
    #[schemars(length(min = 1))]
    pub secret: String,
    /// The private networks that the address may lead into, such as `10.1.0.0/16`; none, if left
    /// out. It is looked at when connecting, whatever the name's owner has changed by then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_private: Vec<IpNet>,
}

impl Endpoint {
    /// Where its requests may go.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard::new(&self.allow_private)
    }
}
