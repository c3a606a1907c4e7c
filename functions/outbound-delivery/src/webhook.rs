//! Outgoing webhooks, signed by the Standard Webhooks scheme.

use crate::Undelivered;
use crate::excerpt::excerpt;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::{Secret, hmac_key};
use delivery::Forbidden;
use domain::{Class, Effect};
use egress::forbidden;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Response, StatusCode, Url};
use runtime::StepFailure;
use serde_json::Value;
use sha2::Sha256;

/// One attempt at a webhook. Its id is the effect's key, so that a receiver that keeps the rules
/// of <https://www.standardwebhooks.com> takes a repetition for what it is.
pub(crate) struct Webhook<'a> {
    pub(crate) effect: &'a Effect,
    pub(crate) payload: &'a Value,
    pub(crate) sent_at: Timestamp,
}

impl Webhook<'_> {
    /// Posts it; returns its id.
    pub(crate) async fn post(
        &self,
        http: &Client,
        url: Url,
        secret: &Secret,
    ) -> Result<String, Undelivered> {
        let id = self.effect.key.as_str();
        let timestamp = self.sent_at.as_second().to_string();
        let body = self.payload.to_string();
        let sent = http
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", &timestamp)
            .header("webhook-signature", sign(secret, id, &timestamp, &body)?)
            .body(body)
            .send()
            .await;
        let answer = sent.map_err(|error| match forbidden(&error) {
            Some(forbidden) => closed(forbidden),
            None => unreachable(&error),
        })?;
        let Some(failure) = refusal(&answer) else { return Ok(id.to_owned()) };
        let status = answer.status().as_u16();
        Err(Undelivered::Answered { failure, status, excerpt: excerpt(answer, self.payload).await })
    }
}

/// The address is one that no webhook may go to.
pub(crate) fn closed(forbidden: Forbidden) -> StepFailure {
    StepFailure::park(
        Class::Configuration,
        "endpoint_forbidden",
        format!("the endpoint's URL or address: {forbidden}"),
    )
}

/// reqwest's own words would repeat the URL, which may hold a token.
fn unreachable(error: &reqwest::Error) -> StepFailure {
    let how = if error.is_timeout() { "in time" } else { "at all" };
    StepFailure::retry("endpoint_unreachable", format!("the endpoint did not answer {how}"))
}

/// How long an endpoint is left alone that does not take our signature.
const LOCKED_OUT: SignedDuration = SignedDuration::from_mins(5);

fn refusal(answer: &Response) -> Option<StepFailure> {
    let status = answer.status();
    if status.is_success() {
        return None;
    }
    let detail = format!("the endpoint answered {status}");
    if status == StatusCode::UNAUTHORIZED {
        let after = Some(LOCKED_OUT);
        let failure = StepFailure::retry_after(after, "endpoint_unauthorised", detail);
        return Some(failure.of(Class::Authorisation));
    }
    let passing = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    if !passing {
        return Some(StepFailure::park(Class::Theirs, "endpoint_refused", detail));
    }
    let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let after = asked.and_then(|text| text.parse().ok()).map(SignedDuration::from_secs);
    let failure = StepFailure::retry_after(after, "endpoint_unavailable", detail);
    Some(failure)
}

fn unusable() -> StepFailure {
    StepFailure::retry("secret_unusable", "the endpoint's secret needs a field `key`: whsec_…")
        .of(Class::Authorisation)
}

fn sign(secret: &Secret, id: &str, timestamp: &str, body: &str) -> Result<String, StepFailure> {
    let text = secret.field("key").map_err(|_| unusable())?;
    let key = hmac_key(text).ok_or_else(unusable)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| unusable())?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}
