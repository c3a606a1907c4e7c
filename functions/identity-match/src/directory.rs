//! What the CRM knows of a stranger.

use crm::{Connector, Contacts, Found};
use domain::{CrmLink, Handle};
use rules::RuleSet;
use runtime::{Secrets, StepFailure};
use tracing::warn;

/// Whoever may know a stranger.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Directory {
    /// The one record that any of the handles leads to. Several records are nobody: which of them
    /// is meant would be a guess.
    async fn find(
        &self,
        rules: &RuleSet,
        handles: &[Handle],
    ) -> Result<Option<CrmLink>, StepFailure>;
}

/// The configured CRM, or none.
#[derive(Debug)]
pub struct CrmDirectory<S> {
    secrets: S,
    http: reqwest::Client,
}

impl<S: Secrets> CrmDirectory<S> {
    /// Takes the CRM's credentials from `secrets`.
    pub fn new(secrets: S) -> Result<Self, crm::CrmError> {
        Ok(Self { secrets, http: crm::http()? })
    }
}

impl<S: Secrets> Directory for CrmDirectory<S> {
    async fn find(
        &self,
        rules: &RuleSet,
        handles: &[Handle],
    ) -> Result<Option<CrmLink>, StepFailure> {
        let Some(settings) = &rules.config().crm else { return Ok(None) };
        let secret = self.secrets.secret(settings.secret()).await?;
        let connector = Connector::new(settings, &secret, self.http.clone())?;
        match connector.find(handles).await? {
            Found::Nobody => Ok(None),
            Found::One(contact) => Ok(Some(CrmLink {
                crm: settings.connector().to_owned(),
                id: contact.id.to_string(),
            })),
            Found::Several(contacts) => {
                warn!(contacts = contacts.len(), "several CRM records share the handles");
                Ok(None)
            }
        }
    }
}
