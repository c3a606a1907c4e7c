//! The running stack: where it is, and its door.

use crate::{Cli, Crm, Oracle, Signed};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

/// What `cargo xtask` wrote about the stack.
#[derive(Debug, Deserialize)]
struct Description {
    name: String,
    region: String,
    endpoint: String,
    api: String,
    tryton: Value,
}

/// The running stack.
#[derive(Debug)]
pub struct Stack {
    http: Client,
    api: String,
    /// The name under which it was deployed.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Where the emulated AWS answers.
    pub endpoint: String,
    /// The command line.
    pub cli: Cli,
    /// The CRM, as its staff see it.
    pub crm: Crm,
    /// Code of others that signs webhooks.
    pub oracle: Oracle,
}

/// What the door answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// After how many seconds to come again.
    pub retry_after: Option<u64>,
}

/// A variable that `cargo xtask test` and `cargo xtask demo` set.
///
/// # Panics
/// Where it is not set: the suite never passes by not running.
#[expect(clippy::disallowed_methods, reason = "tests have no runtime::Environment")]
pub(crate) fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run this through `cargo xtask test`"))
}

impl Stack {
    /// The stack that `cargo xtask` brought up.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn running() -> Self {
        // Whoever came first has installed the same provider.
        drop(rustls::crypto::ring::default_provider().install_default());
        let file = PathBuf::from(variable("OMNICORD_TEST_STACK"));
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask up`", file.display()));
        let found: Description = serde_json::from_str(&text).expect("xtask wrote it");
        let http = Client::builder().build().expect("a client without settings");
        Self {
            crm: Crm::new(http.clone(), &found.tryton),
            cli: Cli::new(&found.name, &found.region, &found.endpoint),
            oracle: Oracle::new(),
            name: found.name,
            region: found.region,
            endpoint: found.endpoint,
            api: found.api,
            http,
        }
    }

    /// Sends a request to `/hooks/{path}`.
    ///
    /// # Panics
    /// Where the door does not answer at all.
    pub async fn send(&self, method: Method, path: &str, signed: &Signed) -> Answer {
        let url = format!("{}/hooks/{path}", self.api);
        let mut request = self.http.request(method, url).query(&signed.query);
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        let answer = request.body(signed.body.clone()).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let header = answer.headers().get("retry-after");
        let retry_after = header.and_then(|value| value.to_str().ok()?.parse().ok());
        Answer { status, body: answer.text().await.unwrap_or_default(), retry_after }
    }

    /// Delivers a webhook and sees it accepted.
    ///
    /// # Panics
    /// Where it is not.
    pub async fn deliver(&self, path: &str, signed: &Signed) {
        let answer = self.send(Method::POST, path, signed).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
}
