//! What the CRM knows of a stranger.

use crm::{Connector, Contact, Contacts, Found, Located};
use domain::{CrmLink, Handle};
use identity::Record;
use rules::RuleSet;
use runtime::{Secrets, StepFailure};

/// What became of a record that an event names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It stands.
    Here,
    /// Another record stands for it.
    MovedTo(CrmLink),
    /// The CRM does not have it.
    Unknown,
}

/// Whoever may know a stranger.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Directory {
    /// Every record that any of the handles leads to.
    async fn find(&self, rules: &RuleSet, handles: &[Handle]) -> Result<Vec<Record>, StepFailure>;

    /// What became of a record. One of a CRM that is not configured stands.
    async fn locate(&self, rules: &RuleSet, record: &CrmLink) -> Result<Standing, StepFailure>;
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

    async fn connector(&self, settings: &rules::Crm) -> Result<Connector, StepFailure> {
        let secret = self.secrets.secret(settings.secret()).await?;
        Ok(Connector::new(settings, &secret, self.http.clone())?)
    }
}

impl<S: Secrets> Directory for CrmDirectory<S> {
    async fn find(&self, rules: &RuleSet, handles: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        let Some(settings) = &rules.config().crm else { return Ok(Vec::new()) };
        let contacts = match self.connector(settings).await?.find(handles).await? {
            Found::Nobody => Vec::new(),
            Found::One(contact) => vec![contact],
            Found::Several(contacts) => contacts,
        };
        let record = |contact: Contact| Record {
            link: CrmLink { crm: settings.connector().to_owned(), id: contact.id.to_string() },
            name: contact.name,
            handles: contact.handles.iter().map(Handle::key).collect(),
        };
        Ok(contacts.into_iter().map(record).collect())
    }

    async fn locate(&self, rules: &RuleSet, record: &CrmLink) -> Result<Standing, StepFailure> {
        let Some(settings) = &rules.config().crm else { return Ok(Standing::Here) };
        if settings.connector() != record.crm {
            return Ok(Standing::Here);
        }
        let id = crm::ContactId::new(&record.id);
        Ok(match self.connector(settings).await?.locate(&id).await? {
            Located::Here(_) => Standing::Here,
            Located::MovedTo(contact) => {
                Standing::MovedTo(CrmLink { crm: record.crm.clone(), id: contact.id.to_string() })
            }
            Located::Gone => Standing::Unknown,
        })
    }
}
