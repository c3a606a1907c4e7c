//! What every channel adapter offers.

use crate::{Malformed, Rejection, Request, Secret, Verified};
use domain::InboundEvent;
use jiff::Timestamp;
use std::fmt;

/// One configured channel adapter: its settings are the value.
pub trait Channel {
    /// The adapter's name: its folder, its fixtures, its key in the configuration, its label.
    const ID: &'static str;

    /// Proves that the request comes from the sender who shares `secret`, within the tolerance
    /// around `now`. There is no default: an adapter cannot forget it.
    ///
    /// # Errors
    /// [`Rejection`]; [`Rejection::status`] is the answer.
    fn verify<'r>(
        &self,
        request: &'r Request,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<Verified<'r>, Rejection>;

    /// Reads an authentic delivery. It is read whole or not at all, so that what is parked and
    /// read again later can make no event twice.
    ///
    /// # Errors
    /// [`Malformed`]: the sender's retry would not help; keep [`Verified::body`].
    fn parse(&self, verified: &Verified<'_>, context: &Context<'_>) -> Result<Delivery, Malformed>;

    /// Whether a sender who hears 429 delivers the same again later, over minutes at least: then it
    /// may be told to. There is no default: an adapter says what its vendor's document says.
    fn resends(&self) -> bool;

    /// What the types of the settings cannot rule out, in the order of the document.
    fn validate(&self) -> Vec<Problem>;
}

/// What a delivery's events take from the source that delivered it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The configured source's name, such as `wechat-main`.
    pub source: &'a str,
    /// The region whose telephone numbers lack a prefix (ISO 3166 alpha-2, such as `DE`).
    pub region: &'a str,
    /// When the receiver accepted the delivery; on a later reading, still that time.
    pub received_at: Timestamp,
}

/// What a delivery turned out to be.
#[derive(Clone, PartialEq, Debug)]
pub enum Delivery {
    /// What happened, in the order of the payload.
    Events(Vec<InboundEvent>),
    /// A handshake: answer with this.
    Challenge(Reply),
    /// Nothing that concerns a customer, by the vendor's documents or the configuration.
    Ignored {
        /// Why, for the metric.
        reason: &'static str,
    },
}

/// The answer to a handshake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The HTTP `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The echo that WeChat and WeCom expect: the bare text.
    pub(crate) fn echo(body: &[u8]) -> Result<Self, Malformed> {
        let body = str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?.to_owned();
        Ok(Self { status: 200, content_type: "text/plain; charset=utf-8", body })
    }
}

/// Something in the settings that is well-formed and yet cannot work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Where, below the settings: `mappings[0].handles`.
    pub path: String,
    /// What is wrong and what to do.
    pub message: &'static str,
}

impl Problem {
    pub(crate) fn at(path: impl Into<String>, message: &'static str) -> Self {
        Self { path: path.into(), message }
    }

    /// The same problem, seen from the document around it.
    #[must_use]
    pub fn below(self, parent: &str) -> Self {
        Self { path: format!("{parent}.{}", self.path), message: self.message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}
