//! Secrets by name, remembered for a while.

use crate::{Clock, SystemClock};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use channels::Secret;
use domain::{Class, Disposition, Fault, Reason};
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Why a secret is not at hand. Variants are named by what the caller must do.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager did not answer: try again.
    #[error("Secrets Manager did not answer for {name} ({code})")]
    Unavailable {
        /// The secret's name.
        name: String,
        /// The service's error code, or the transport's.
        code: String,
        /// What the client saw.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is missing, forbidden, or no JSON object of strings: a person has to set it.
    #[error("secret {name} is missing or unusable ({code}): store a JSON object of strings there")]
    Unusable {
        /// The secret's name.
        name: String,
        /// The service's error code, or `malformed`.
        code: String,
    },
}

impl Fault for SecretError {
    fn class(&self) -> Class {
        match self {
            Self::Unavailable { .. } => Class::Transient,
            Self::Unusable { .. } => Class::Authorisation,
        }
    }

    /// What to do with the message that needed the secret. A missing one is set by people within
    /// the hours for which the reconciler keeps trying.
    fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { .. } | Self::Unusable { .. } => Disposition::Retry { after: None },
        }
    }

    fn reason(&self) -> Reason {
        let code = match self {
            Self::Unavailable { .. } => "secrets_unavailable",
            Self::Unusable { .. } => "secret_unusable",
        };
        Reason { code: code.into(), detail: self.to_string() }
    }
}

/// Where secrets come from.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Secrets {
    /// The secret of this name, at most five minutes old.
    async fn secret(&self, name: &str) -> Result<Rc<Secret>, SecretError>;

    /// The secret of this name, at most ten seconds old: for when the remembered one did not fit.
    async fn fresh_secret(&self, name: &str) -> Result<Rc<Secret>, SecretError>;
}

/// AWS Secrets Manager.
#[derive(Debug)]
pub struct SecretsManager {
    client: Client,
    remembered: RefCell<HashMap<String, (Timestamp, Rc<Secret>)>>,
}

const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);
/// A flood of wrong signatures must not become a flood of requests.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// Only a person can mend these:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
const FINAL: [&str; 4] = [
    "ResourceNotFoundException",
    "AccessDeniedException",
    "DecryptionFailure",
    "InvalidRequestException",
];

impl SecretsManager {
    /// Reads through this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, remembered: RefCell::default() }
    }

    async fn at_most(&self, age: SignedDuration, name: &str) -> Result<Rc<Secret>, SecretError> {
        let now = SystemClock.now();
        if let Some((since, secret)) = self.remembered.borrow().get(name)
            && now.duration_since(*since) < age
        {
            return Ok(Rc::clone(secret));
        }
        let secret = Rc::new(self.fetch(name).await?);
        self.remembered.borrow_mut().insert(name.to_owned(), (now, Rc::clone(&secret)));
        Ok(secret)
    }

    async fn fetch(&self, name: &str) -> Result<Secret, SecretError> {
        let unusable = |code: &str| SecretError::Unusable { name: name.into(), code: code.into() };
        let answer = self.client.get_secret_value().secret_id(name).send().await;
        let answer = answer.map_err(|error| {
            let code = error.code().unwrap_or("no response").to_owned();
            if FINAL.contains(&code.as_str()) {
                return unusable(&code);
            }
            SecretError::Unavailable { name: name.into(), code, source: Box::new(error) }
        })?;
        let text = answer.secret_string().ok_or_else(|| unusable("malformed"))?;
        Secret::from_json(text).map_err(|_| unusable("malformed"))
    }
}

impl Secrets for SecretsManager {
    async fn secret(&self, name: &str) -> Result<Rc<Secret>, SecretError> {
        self.at_most(REMEMBERED, name).await
    }

    async fn fresh_secret(&self, name: &str) -> Result<Rc<Secret>, SecretError> {
        self.at_most(FRESH, name).await
    }
}
