//! Requests to Tryton's REST API.

use super::fault;
use super::wire::Record;
use crate::CrmError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use reqwest::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt;

/// The longest answer that is read: 50 records of the longest sort are a tenth of it.
const LONGEST_ANSWER: usize = 4 << 20;

/// One user's access to one database.
pub(super) struct Client {
    http: reqwest::Client,
    models: Url,
    key: SecretString,
    company: u64,
}

/// A search, in the server's domain syntax.
pub(super) struct Search {
    domain: Value,
    limit: usize,
    newest_first: bool,
    inactive_too: bool,
}

impl Search {
    /// The oldest records that meet the domain and are in use.
    pub(super) fn new(domain: Value, limit: usize) -> Self {
        Self { domain, limit, newest_first: false, inactive_too: false }
    }

    /// Newest first.
    pub(super) fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }

    /// With those that are out of use. A clause on `active` would not do: Tryton adds its own to
    /// every nested list that has none.
    pub(super) fn inactive_too(self) -> Self {
        Self { inactive_too: true, ..self }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new(
        settings: &rules::config::Tryton,
        key: SecretString,
        http: reqwest::Client,
    ) -> Result<Self, CrmError> {
        let unusable = CrmError::Misconfigured("the URL is none of a server");
        let Ok(mut models) = Url::parse(&settings.url) else { return Err(unusable) };
        match models.path_segments_mut() {
            Ok(mut path) => {
                path.pop_if_empty().extend([settings.database.as_str(), "rest", "model"]);
            }
            Err(()) => return Err(unusable),
        }
        Ok(Self { http, models, key, company: settings.company })
    }

    /// The records that meet the domain.
    pub(super) async fn search<R: Record>(&self, search: &Search) -> Result<Vec<R>, CrmError> {
        let mut url = self.url::<R>(&[]);
        let order = json!([["id", if search.newest_first { "DESC" } else { "ASC" }]]);
        url.query_pairs_mut()
            .append_pair("d", &encoded(&search.domain))
            .append_pair("o", &encoded(&order))
            .append_pair("s", &search.limit.to_string());
        let context = json!({ "company": self.company, "active_test": !search.inactive_too });
        let answer = self.send_in(&context, self.http.get(url)).await?;
        // The model's own path: what is missing is the database, or the server itself.
        if matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Err(CrmError::Misconfigured("the URL or the database leads to no Tryton"));
        }
        body::<R, _>(answer).await
    }

    /// Makes a record.
    pub(super) async fn create<R: Record>(&self, values: &Value) -> Result<R, CrmError> {
        let url = self.url::<R>(&[]);
        body::<R, _>(self.send(self.http.post(url).json(values)).await?).await
    }

    /// Changes an active record.
    pub(super) async fn write<R: Record>(&self, id: u64, values: &Value) -> Result<R, CrmError> {
        let url = self.url::<R>(&[&id.to_string()]);
        body::<R, _>(self.send(self.http.put(url).json(values)).await?).await
    }

    /// Calls a public method of the model's.
    ///
    /// # Errors
    /// [`CrmError::Refused`] also where the user may not do it, or a record is not there: the search
    /// that every call follows has shown that the key is good.
    pub(super) async fn call<R: Record, T: DeserializeOwned>(
        &self,
        name: &str,
        arguments: &Value,
    ) -> Result<T, CrmError> {
        let url = self.url::<R>(&[name]);
        let answer = self.send(self.http.post(url).json(arguments)).await?;
        if answer.status() == StatusCode::FORBIDDEN {
            return Err(CrmError::Refused { status: answer.status().as_u16() });
        }
        body::<R, _>(answer).await
    }

    fn url<R: Record>(&self, rest: &[&str]) -> Url {
        let mut url = self.models.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(R::MODEL).extend(rest);
        }
        url.query_pairs_mut().extend_pairs(R::fields().into_iter().map(|field| ("f", field)));
        url
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, CrmError> {
        self.send_in(&json!({ "company": self.company }), request).await
    }

    async fn send_in(
        &self,
        context: &Value,
        request: RequestBuilder,
    ) -> Result<Response, CrmError> {
        let mut bearer = HeaderValue::from_str(&format!("bearer {}", self.key.expose_secret()))
            .map_err(|_| CrmError::Misconfigured("the key cannot stand in a header"))?;
        bearer.set_sensitive(true);
        request
            .header(AUTHORIZATION, bearer)
            // Tryton answers in the user's language, and only its words tell some faults apart.
            .header(ACCEPT_LANGUAGE, "en")
            .header("X-Tryton-Context", encoded(context))
            .send()
            .await
            .map_err(fault::of_transport)
    }
}

/// Reads the answer to its bound and its end.
async fn body<R: Record, T: DeserializeOwned>(mut answer: Response) -> Result<T, CrmError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(fault::of_transport)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_ANSWER {
            return Err(CrmError::Oversized);
        }
    }
    let status = answer.status();
    if !status.is_success() {
        return Err(fault::of_status(R::MODEL, status, answer.headers(), &bytes));
    }
    let json = answer
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !json {
        return Err(CrmError::Intercepted { status: status.as_u16() });
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| CrmError::Garbled { record: R::MODEL, fault: error.classify() })
}

/// JSON in URL-safe base64 with padding, which Python's decoder insists on.
fn encoded(value: &Value) -> String {
    URL_SAFE.encode(value.to_string())
}
