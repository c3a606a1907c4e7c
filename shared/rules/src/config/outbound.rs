//! How messages leave.

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
    /// The address: `https`, or `http` to this machine.
    #[schemars(url)]
    pub url: String,
    /// The name in Secrets Manager of the key that signs: `{"key": "whsec_…"}`.
    #[schemars(length(min = 1))]
    pub secret: String,
}
