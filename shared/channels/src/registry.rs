//! The list of channel adapters.

use crate::{
    Channel, Context, Delivery, Malformed, Problem, Rate, Rejection, Request, Secret, Verified,
    call_push, standard_webhooks, wechat, wecom,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// One configured source of webhooks, reached at `/hooks/{its name}`.
#[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name of its secret in Secrets Manager.
    pub secret: String,
    /// The region whose telephone numbers lack a prefix (ISO 3166 alpha-2, such as `DE`), where
    /// it differs from the rest of the document.
    #[serde(default)]
    pub region: Option<String>,
    /// Deliveries that are taken in a time, such as `100/s`, over all of this source; without a
    /// bound, if left out. A sender who delivers again is told when to; from any other, what is
    /// over the limit is taken all the same, and counted.
    #[serde(default)]
    pub limit: Option<Rate>,
    /// How many deliveries may come at once after a quiet time; what `limit` grants in a second, if
    /// left out.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub burst: Option<u32>,
    /// The channel, as one key with its settings: `wechat: {…}`.
    pub channel: ChannelSettings,
}

impl Source {
    /// What the types cannot rule out.
    #[must_use]
    pub fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.secret.trim().is_empty() {
            problems.push(Problem::at("secret", "is empty: name a secret of Secrets Manager"));
        }
        if let Some(region) = &self.region
            && !(region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase()))
        {
            problems.push(Problem::at("region", "is no ISO 3166 alpha-2 code, such as DE"));
        }
        if self.burst.is_some() && self.limit.is_none() {
            problems.push(Problem::at("burst", "bounds nothing without a `limit`"));
        }
        if self.burst == Some(0) {
            problems.push(Problem::at("burst", "lets nothing in; write 1 or more"));
        }
        let parent = format!("channel.{}", self.channel.id());
        problems.extend(self.channel.validate().into_iter().map(|problem| problem.below(&parent)));
        problems
    }
}

macro_rules! registry {
    ($($(#[$doc:meta])* $variant:ident($settings:ty),)*) => {
        /// A channel with its settings. Its key in the configuration is [`Channel::ID`].
        #[derive(Clone, PartialEq, Debug, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum ChannelSettings {
            $($(#[$doc])* $variant($settings),)*
        }

        impl ChannelSettings {
            /// Every adapter's id.
            pub const IDS: &[&str] = &[$(<$settings>::ID),*];

            /// The adapter's id.
            #[must_use]
            pub fn id(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$settings>::ID,)* }
            }

            /// See [`Channel::verify`].
            ///
            /// # Errors
            /// As there.
            pub fn verify<'r>(
                &self,
                request: &'r Request,
                secret: &Secret,
                now: Timestamp,
            ) -> Result<Verified<'r>, Rejection> {
                match self { $(Self::$variant(channel) => channel.verify(request, secret, now),)* }
            }

            /// See [`Channel::parse`].
            ///
            /// # Errors
            /// As there.
            pub fn parse(
                &self,
                verified: &Verified<'_>,
                context: &Context<'_>,
            ) -> Result<Delivery, Malformed> {
                match self { $(Self::$variant(channel) => channel.parse(verified, context),)* }
            }

            /// See [`Channel::resends`].
            #[must_use]
            pub fn resends(&self) -> bool {
                match self { $(Self::$variant(channel) => channel.resends(),)* }
            }

            /// See [`Channel::validate`].
            #[must_use]
            pub fn validate(&self) -> Vec<Problem> {
                match self { $(Self::$variant(channel) => channel.validate(),)* }
            }
        }
    };
}

registry! {
    /// A WeChat Official Account (微信公众号).
    Wechat(wechat::Settings),
    /// WeCom (企业微信).
    Wecom(wecom::Settings),
    /// Any system that signs JSON as Standard Webhooks says.
    StandardWebhooks(standard_webhooks::Settings),
    /// A phone system that signs nothing.
    CallPush(call_push::Settings),
}
