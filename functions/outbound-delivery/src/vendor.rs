//! Requests to messaging services, and what their answers mean.

use crate::Undelivered;
use crate::webhook::closed;
use delivery::Guard;
use domain::{Class, Disposition, Fault, Reason};
use egress::forbidden;
use jiff::SignedDuration;
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use runtime::StepFailure;
use serde_json::Value;

/// Bytes that are read of an answer: theirs have a few hundred.
const READ: usize = 16 * 1024;

/// Why a messaging service did not take a message. Variants are named by what the caller must do.
/// The services' own words are left out: they repeat parts of the message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum VendorFault {
    /// It is overloaded, or the account's allowance is used up: later.
    #[error("{vendor} takes no message for now (code {code})")]
    Busy { vendor: &'static str, code: i64, after: Option<SignedDuration> },
    /// It does not let the account in, which people have to mend there or in the secret.
    #[error(
        "{vendor} does not let the account send (code {code}): check its secret, its rights, its \
         allowed addresses"
    )]
    Unauthorised { vendor: &'static str, code: i64 },
    /// The recipient follows no more, is blocked, or has no account there.
    #[error("{vendor} cannot reach the recipient (code {code})")]
    Unreachable { vendor: &'static str, code: i64 },
    /// The customer has to write first.
    #[error("{vendor} takes no such message now (code {code}): {remedy}")]
    WindowClosed { vendor: &'static str, code: i64, remedy: &'static str },
    /// It will never be taken as it is.
    #[error("{vendor} refused the message (code {code}): check its template, places and text")]
    Refused { vendor: &'static str, code: i64 },
}

impl Fault for VendorFault {
    fn class(&self) -> Class {
        match self {
            Self::Busy { .. } => Class::Transient,
            Self::Unauthorised { .. } => Class::Authorisation,
            Self::Unreachable { .. } | Self::WindowClosed { .. } => Class::Data,
            Self::Refused { .. } => Class::Theirs,
        }
    }

    /// What to do with the effect.
    fn disposition(&self) -> Disposition {
        match self {
            Self::Busy { after, .. } => Disposition::Retry { after: *after },
            // As with a secret that is missing: people have hours to mend it.
            Self::Unauthorised { .. } => Disposition::Retry { after: None },
            Self::Unreachable { .. } | Self::WindowClosed { .. } | Self::Refused { .. } => {
                Disposition::Park
            }
        }
    }

    fn reason(&self) -> Reason {
        let code = match self {
            Self::Busy { .. } => "vendor_busy",
            Self::Unauthorised { .. } => "vendor_unauthorised",
            Self::Unreachable { .. } => "recipient_unreachable",
            Self::WindowClosed { .. } => "window_closed",
            Self::Refused { .. } => "message_refused",
        };
        Reason { code: code.to_owned(), detail: self.to_string() }
    }
}

/// An answer whose body is JSON.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// How long the service asks to be left alone.
    pub(crate) after: Option<SignedDuration>,
    pub(crate) body: Value,
}

impl Answer {
    /// A fault, with the answer's status.
    pub(crate) fn fault(&self, fault: VendorFault) -> Undelivered {
        Undelivered::Answered { failure: fault.into(), status: self.status.as_u16(), excerpt: None }
    }
}

/// The way to a service.
pub(crate) struct Door {
    /// The address, without a slash at its end.
    pub(crate) base: String,
    /// A client that connects only where `guard` lets it.
    pub(crate) http: Client,
    pub(crate) guard: Guard,
}

impl Door {
    /// The address of one of the service's interfaces.
    pub(crate) fn url(&self, path: &str) -> Result<Url, StepFailure> {
        self.guard.check(&format!("{}{path}", self.base)).map_err(closed)
    }
}

/// What a lost answer means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IfLost {
    /// A message may have left.
    Unknown,
    /// Nothing happened that matters.
    Again,
}

/// Sends a request, and reads the answer. Where none comes, or none that can be read, `if_lost`
/// says what that means; a connection that could not be made has certainly changed nothing.
pub(crate) async fn ask(
    vendor: &'static str,
    request: RequestBuilder,
    if_lost: IfLost,
) -> Result<Answer, Undelivered> {
    let mut answer = request.send().await.map_err(|error| match forbidden(&error) {
        Some(forbidden) => closed(forbidden).into(),
        None if error.is_connect() => unreachable(vendor).into(),
        None => lost(vendor, if_lost),
    })?;
    let status = answer.status();
    let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let after = asked.and_then(|text| text.parse().ok()).map(SignedDuration::from_secs);
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| lost(vendor, if_lost))? {
        body.extend_from_slice(&chunk);
        if body.len() > READ {
            return Err(lost(vendor, if_lost));
        }
    }
    match serde_json::from_slice(&body) {
        Ok(body) => Ok(Answer { status, after, body }),
        // A door before the service, which it never got through.
        Err(_) if status == StatusCode::TOO_MANY_REQUESTS => {
            let code = status.as_u16().into();
            let answer = Answer { status, after, body: Value::Null };
            Err(answer.fault(VendorFault::Busy { vendor, code, after }))
        }
        Err(_) => Err(lost(vendor, if_lost)),
    }
}

/// What there is to say without an answer, or with one that says nothing.
pub(crate) fn lost(vendor: &str, if_lost: IfLost) -> Undelivered {
    match if_lost {
        IfLost::Unknown => Undelivered::Unknown(StepFailure::park(
            Class::Transient,
            "outcome_unknown",
            format!("{vendor} gave no answer: look whether it arrived; `failures retry` sends it"),
        )),
        IfLost::Again => unreachable(vendor).into(),
    }
}

/// reqwest's own words would repeat the URL, which holds a token.
fn unreachable(vendor: &str) -> StepFailure {
    StepFailure::retry("vendor_unreachable", format!("{vendor} cannot be reached"))
}
