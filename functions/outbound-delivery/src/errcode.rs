//! The answers that `WeChat` and `WeCom` share in form: a code, and what was asked for.

use crate::Undelivered;
use crate::tokens::Tokens;
use crate::vendor::{Answer, Door, IfLost, VendorFault, ask, lost};
use jiff::Timestamp;
use reqwest::RequestBuilder;
use runtime::StepFailure;
use serde_json::Value;

/// What a code means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// Done.
    Done,
    /// The access token is not taken: a new one may be.
    StaleToken,
    /// Not done.
    Fault(VendorFault),
}

/// A service that gives out access tokens.
pub(crate) trait Service {
    /// Its name, in words.
    const NAME: &'static str;

    /// The key under which its token is remembered: account and id with the vendor.
    fn key(&self) -> String;

    /// The request for a new token.
    fn token(&self, door: &Door) -> Result<RequestBuilder, StepFailure>;

    /// What a code means.
    fn meaning(&self, code: i64) -> Meaning;
}

/// A line to a service.
pub(crate) struct Line<'a> {
    pub(crate) door: &'a Door,
    pub(crate) tokens: &'a Tokens,
    pub(crate) now: Timestamp,
}

impl Line<'_> {
    /// Posts a message. One that the service did not take for its token is posted once more, with
    /// a new one.
    pub(crate) async fn post<S: Service>(
        &self,
        service: &S,
        path: &str,
        message: &Value,
    ) -> Result<Answer, Undelivered> {
        let url = self.door.url(path)?;
        let mut renewed = false;
        loop {
            let token = self.token(service).await?;
            let request = self.door.http.post(url.clone()).query(&[("access_token", token)]);
            let answer = ask(S::NAME, request.json(message), IfLost::Unknown).await?;
            let code = code(&answer).ok_or_else(|| lost(S::NAME, IfLost::Unknown))?;
            match service.meaning(code) {
                Meaning::Done => return Ok(answer),
                Meaning::Fault(fault) => return Err(answer.fault(fault)),
                Meaning::StaleToken => {
                    self.tokens.forget(&service.key());
                    if renewed {
                        let vendor = S::NAME;
                        return Err(answer.fault(VendorFault::Unauthorised { vendor, code }));
                    }
                    renewed = true;
                }
            }
        }
    }

    async fn token<S: Service>(&self, service: &S) -> Result<String, Undelivered> {
        let key = service.key();
        if let Some(token) = self.tokens.get(&key, self.now) {
            return Ok(token);
        }
        let answer = ask(S::NAME, service.token(self.door)?, IfLost::Again).await?;
        let token = answer.body.get("access_token").and_then(Value::as_str);
        let lasting = answer.body.get("expires_in").and_then(Value::as_i64);
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            self.tokens.put(&key, token, lasting.unwrap_or_default(), self.now);
            return Ok(token.to_owned());
        }
        let vendor = S::NAME;
        let code = code(&answer).ok_or_else(|| lost(vendor, IfLost::Again))?;
        Err(answer.fault(match service.meaning(code) {
            Meaning::Fault(busy @ VendorFault::Busy { .. }) => busy,
            Meaning::Fault(_) | Meaning::Done | Meaning::StaleToken => {
                VendorFault::Unauthorised { vendor, code }
            }
        }))
    }
}

/// The code; both services leave it out, or send 0, where all is well. What has another form is no
/// answer of theirs.
fn code(answer: &Answer) -> Option<i64> {
    match answer.body.get("errcode") {
        Some(code) => code.as_i64(),
        None => (answer.status.is_success() && answer.body.is_object()).then_some(0),
    }
}
