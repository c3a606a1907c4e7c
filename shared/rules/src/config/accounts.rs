//! The company's accounts with messaging services.

use delivery::Guard;
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A `WeChat` Official Account (公众号) that sends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WechatAccount {
    /// Its `AppID`: openids are unique within it.
    #[schemars(length(min = 1))]
    pub app_id: String,
    /// The name in Secrets Manager of its `AppSecret`: `{"app_secret": "…"}`.
    #[schemars(length(min = 1))]
    pub secret: String,
    /// The server to use in place of the vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
}

/// A `WeCom` (企业微信) app that sends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WecomAccount {
    /// The company's id (企业ID): members are unique within it.
    #[schemars(length(min = 1))]
    pub corp_id: String,
    /// The app's `AgentId`.
    pub agent_id: u64,
    /// The name in Secrets Manager of the app's secret: `{"corp_secret": "…"}`.
    #[schemars(length(min = 1))]
    pub secret: String,
    /// The server to use in place of the vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
}

/// A `WhatsApp` business phone number that sends, through Meta's Cloud API.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatsappAccount {
    /// The number's id with Meta, which is not the number.
    #[schemars(regex(pattern = "^[0-9]+$"))]
    pub phone_number_id: String,
    /// The version of the Graph API, such as `v23.0`.
    #[schemars(regex(pattern = "^v[0-9]+\\.[0-9]+$"))]
    pub version: String,
    /// The business portfolio within which Meta's ids of users are unique: the scope of the
    /// `whatsapp_user` handles that it can write to. Telephone numbers alone, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<String>,
    /// The name in Secrets Manager of a system user's token: `{"access_token": "…"}`.
    #[schemars(length(min = 1))]
    pub secret: String,
    /// The server to use in place of the vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
}

/// A server that stands for a vendor's, such as a proxy whose address the vendor lets in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its address, to which the vendor's paths are appended: `https`, or `http` to this machine
    /// where `allow_private` opens it.
    #[schemars(url)]
    pub url: String,
    /// The private networks that the address may lead into; none, if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_private: Vec<IpNet>,
}

/// Where an account's requests go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached<'a> {
    /// The address, without a slash at its end.
    pub url: &'a str,
    /// Where its connections may go.
    pub guard: Guard,
}

fn reached<'a>(server: Option<&'a Server>, vendor: &'static str) -> Reached<'a> {
    let url = server.map_or(vendor, |server| server.url.trim_end_matches('/'));
    let allowed = server.map_or(&[][..], |server| &server.allow_private);
    Reached { url, guard: Guard::new(allowed) }
}

impl WechatAccount {
    /// Where its requests go.
    #[must_use]
    pub fn reached(&self) -> Reached<'_> {
        reached(self.server.as_ref(), "https://api.weixin.qq.com")
    }
}

impl WecomAccount {
    /// Where its requests go.
    #[must_use]
    pub fn reached(&self) -> Reached<'_> {
        reached(self.server.as_ref(), "https://qyapi.weixin.qq.com")
    }
}

impl WhatsappAccount {
    /// Where its requests go.
    #[must_use]
    pub fn reached(&self) -> Reached<'_> {
        reached(self.server.as_ref(), "https://graph.facebook.com")
    }
}
