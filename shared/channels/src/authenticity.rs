//! The only place where a request becomes a verified one.
//!
//! Comparisons take the same time wherever two texts differ, and no proof has a fallback.

use crate::{Method, Rejection, Request, Secret, sealed, xml};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::{borrow::Cow, fmt};
use subtle::ConstantTimeEq;

/// How far a signed timestamp may be from our clock, either way.
///
/// The libraries of Standard Webhooks allow five minutes, and so do Slack's and Stripe's. For
/// WeChat and WeCom no tolerance is known; they give up after three tries of five seconds, so that
/// five minutes leave room for clocks that differ.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A delivery that was proved authentic. Only this file can make one.
pub struct Verified<'r> {
    method: Method,
    body: Cow<'r, [u8]>,
    content_type: Option<Cow<'r, str>>,
    delivery_id: Option<Cow<'r, str>>,
}

impl<'r> Verified<'r> {
    /// Takes back a delivery that was verified when it arrived, and stored because it could not
    /// be read.
    #[must_use]
    pub fn vouched(
        body: Vec<u8>,
        content_type: Option<String>,
        delivery_id: Option<String>,
    ) -> Verified<'static> {
        Verified {
            method: Method::Post,
            body: body.into(),
            content_type: content_type.map(Cow::Owned),
            delivery_id: delivery_id.map(Cow::Owned),
        }
    }

    /// Takes in an item, as JSON, that we fetched ourselves: from an address that the configuration
    /// names, over TLS, with a credential of our own.
    #[must_use]
    pub fn fetched(item: Vec<u8>) -> Verified<'static> {
        Self::vouched(item, Some("application/json".to_owned()), None)
    }

    /// Whether it is a handshake (GET) or a delivery (POST).
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// What was proved, decrypted where the channel encrypts; of a handshake, the text to echo.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The HTTP `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The sender's own id of this delivery, where the envelope carries one (`webhook-id`).
    #[must_use]
    pub fn delivery_id(&self) -> Option<&str> {
        self.delivery_id.as_deref()
    }

    fn of(request: &'r Request, body: impl Into<Cow<'r, [u8]>>) -> Self {
        let content_type = request.header("content-type").map(Cow::Borrowed);
        Self { method: request.method, body: body.into(), content_type, delivery_id: None }
    }
}

/// Shows sizes only.
impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({:?}, {} bytes)", self.method, self.body.len())
    }
}

/// WeChat's plain mode: `signature` over token, timestamp and nonce.
///
/// It proves that the sender knows the token. By the vendor's design it does not cover the body,
/// which TLS alone protects; safe mode covers it.
pub(crate) fn by_token<'r>(
    request: &'r Request,
    secret: &Secret,
    now: Timestamp,
) -> Result<Verified<'r>, Rejection> {
    sorted_sha1(request, "signature", secret, None, now)?;
    match request.method {
        Method::Get => Ok(Verified::of(request, echo(request)?.as_bytes())),
        Method::Post => Ok(Verified::of(request, request.body.as_slice())),
    }
}

/// WeChat's safe mode and WeCom: `msg_signature` over token, timestamp, nonce and cipher text,
/// which holds the message and the id of its `receiver`.
pub(crate) fn by_envelope<'r>(
    request: &'r Request,
    secret: &Secret,
    receiver: &str,
    now: Timestamp,
) -> Result<Verified<'r>, Rejection> {
    let sealed = match request.method {
        Method::Get => Cow::Borrowed(echo(request)?),
        Method::Post => Cow::Owned(
            xml::Element::parse(&request.body)
                .map_err(|_| Rejection::UnreadableEnvelope)?
                .text("Encrypt")
                .ok_or(Rejection::MissingSignature)?
                .to_owned(),
        ),
    };
    sorted_sha1(request, "msg_signature", secret, Some(&sealed), now)?;
    let message = sealed::open(&sealed, secret.field("encoding_aes_key")?, receiver)?;
    Ok(Verified::of(request, message))
}

/// Standard Webhooks, symmetric scheme `v1`: one of the listed signatures was made with one of
/// the `keys` over `id.timestamp.body`.
///
/// Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
pub(crate) fn by_hmac<'r>(
    request: &'r Request,
    keys: &[Vec<u8>],
    now: Timestamp,
) -> Result<Verified<'r>, Rejection> {
    let header = |name| request.header(name).ok_or(Rejection::MissingSignature);
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let signatures = header("webhook-signature")?;
    let mut fits = subtle::Choice::from(0);
    for key in keys {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Rejection::BadSignature)?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", &request.body] {
            mac.update(part);
        }
        let expected = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        for given in signatures.split(' ').filter_map(|entry| entry.strip_prefix("v1,")) {
            fits |= given.as_bytes().ct_eq(expected.as_bytes());
        }
    }
    if !bool::from(fits) {
        return Err(Rejection::BadSignature);
    }
    fresh(timestamp, now)?;
    let verified = Verified::of(request, request.body.as_slice());
    Ok(Verified { delivery_id: Some(id.into()), ..verified })
}

/// The key behind a Standard Webhooks secret, `whsec_…` (base64, padded or not), for verifying and
/// for signing. None where it is not base64, or empty: anybody could sign with an empty key.
#[must_use]
pub fn hmac_key(secret: &str) -> Option<Vec<u8>> {
    let text = secret.strip_prefix("whsec_").unwrap_or(secret).trim_end_matches('=');
    BASE64_STANDARD_NO_PAD.decode(text).ok().filter(|key| !key.is_empty())
}

/// A phone system that signs nothing: it knows the secret address, and calls from where it may.
///
/// An empty `allowed` admits every address.
pub(crate) fn by_address<'r>(
    request: &'r Request,
    secret: &Secret,
    allowed: &[IpNet],
) -> Result<Verified<'r>, Rejection> {
    let given = request.path_key.as_deref().ok_or(Rejection::MissingSignature)?;
    same(given, secret.field("key")?)?;
    let admits = |net: &IpNet| request.source_ip.is_some_and(|address| net.contains(&address));
    if allowed.is_empty() || allowed.iter().any(admits) {
        Ok(Verified::of(request, request.body.as_slice()))
    } else {
        Err(Rejection::UnknownAddress)
    }
}

fn echo(request: &Request) -> Result<&str, Rejection> {
    request.query("echostr").ok_or(Rejection::MissingSignature)
}

/// Hex SHA-1 over the concatenation of the sorted parts, as WeChat and WeCom sign.
///
/// Source: <https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Access_Overview.html>.
fn sorted_sha1(
    request: &Request,
    parameter: &str,
    secret: &Secret,
    sealed: Option<&str>,
    now: Timestamp,
) -> Result<(), Rejection> {
    let query = |name| request.query(name).ok_or(Rejection::MissingSignature);
    let (given, timestamp) = (query(parameter)?, query("timestamp")?);
    let mut parts = vec![secret.field("token")?, timestamp, query("nonce")?];
    parts.extend(sealed);
    parts.sort_unstable();
    let expected = Sha1::digest(parts.concat());
    same(given, &hex(&expected))?;
    fresh(timestamp, now)
}

fn same(given: &str, expected: &str) -> Result<(), Rejection> {
    if bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
        Ok(())
    } else {
        Err(Rejection::BadSignature)
    }
}

/// Whether the timestamp (epoch seconds) is within the tolerance around `now`.
fn fresh(timestamp: &str, now: Timestamp) -> Result<(), Rejection> {
    let signed_at = timestamp.parse().ok().and_then(|s| Timestamp::from_second(s).ok());
    match signed_at {
        Some(at) if at.duration_until(now).abs() <= TOLERANCE => Ok(()),
        Some(_) | None => Err(Rejection::Stale),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
