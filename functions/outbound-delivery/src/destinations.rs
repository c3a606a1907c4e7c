//! Where each kind of action goes.

use crate::crm_record::CrmRecord;
use crate::egress::Egress;
use crate::webhook::{Webhook, closed};
use crm::{Connector, Notes, Tags, Ticket, Tickets};
use domain::{Action, Class, Effect};
use jiff::Timestamp;
use rules::RuleSet;
use runtime::{Email, EmailSender, MessagingError, Secrets, Sms, SmsSender, StepFailure};
use state::{Customers, Identities, Journal};

/// Why an effect has no receipt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Undelivered {
    /// It certainly did not happen, or doing it again cannot double it.
    NotDone(StepFailure),
    /// It certainly did not happen: the destination's answer says so.
    Answered {
        /// What to do.
        failure: StepFailure,
        /// The HTTP status.
        status: u16,
        /// The beginning of the body, without what tells of a person.
        excerpt: Option<String>,
    },
    /// It may have happened, and doing it again would double it.
    Unknown(StepFailure),
}

impl Undelivered {
    /// Why, and what to do.
    #[must_use]
    pub fn failure(&self) -> &StepFailure {
        match self {
            Self::NotDone(failure) | Self::Unknown(failure) | Self::Answered { failure, .. } => {
                failure
            }
        }
    }
}

impl<F: Into<StepFailure>> From<F> for Undelivered {
    fn from(failure: F) -> Self {
        Self::NotDone(failure.into())
    }
}

fn undelivered(error: MessagingError) -> Undelivered {
    match error {
        MessagingError::Unknown { .. } => Undelivered::Unknown(error.into()),
        MessagingError::NotNow { .. } | MessagingError::Refused { .. } => error.into(),
    }
}

/// Whatever performs an effect.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Deliver {
    /// Performs it; returns what the destination calls it.
    async fn deliver(
        &self,
        rules: &RuleSet,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<String, Undelivered>;
}

/// The configured CRM, SNS, SES, and the configured endpoints.
#[derive(Debug)]
pub struct Destinations<S, K, M, E> {
    store: S,
    secrets: K,
    sms: M,
    email: E,
    http: reqwest::Client,
    egress: Egress,
}

impl<S, K, M, E> Destinations<S, K, M, E> {
    /// Reads customers from `store` and credentials from `secrets`.
    pub fn new(store: S, secrets: K, sms: M, email: E) -> Result<Self, crm::CrmError> {
        // It installs what both clients encrypt with.
        let http = crm::http()?;
        Ok(Self { store, secrets, sms, email, http, egress: Egress::new() })
    }
}

impl<S, K, M, E> Deliver for Destinations<S, K, M, E>
where
    S: Customers + Identities + Journal,
    K: Secrets,
    M: SmsSender,
    E: EmailSender,
{
    async fn deliver(
        &self,
        rules: &RuleSet,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<String, Undelivered> {
        match &effect.action {
            Action::CrmTag { .. } | Action::CrmNote { .. } | Action::CrmTicket { .. } => {
                Ok(self.write_crm(rules, effect, now).await?)
            }
            Action::Sms { to, text } => {
                let sender_id = rules.config().sms.sender_id.as_deref();
                self.sms.send_sms(Sms { to, text, sender_id }).await.map_err(undelivered)
            }
            Action::Email { to, subject, text } => {
                let settings = rules.config().email.as_ref().ok_or_else(|| {
                    StepFailure::park(
                        Class::Configuration,
                        "email_unconfigured",
                        "set email.from in omnicord.yaml",
                    )
                })?;
                let email = Email { from: &settings.from, to, subject, text };
                self.email.send_email(email).await.map_err(undelivered)
            }
            Action::Webhook { endpoint, payload } => {
                let settings = rules.config().endpoints.get(endpoint).ok_or_else(|| {
                    StepFailure::park(
                        Class::Configuration,
                        "endpoint_unconfigured",
                        "its endpoint left omnicord.yaml",
                    )
                })?;
                let guard = settings.guard();
                let url = guard.check(&settings.url).map_err(closed)?;
                let http = self.egress.client(&guard)?;
                let secret = self.secrets.secret(&settings.secret).await?;
                Webhook { effect, payload, sent_at: now }.post(&http, url, &secret).await
            }
        }
    }
}

impl<S: Customers + Identities + Journal, K: Secrets, M, E> Destinations<S, K, M, E> {
    async fn write_crm(
        &self,
        rules: &RuleSet,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<String, StepFailure> {
        let settings = rules.config().crm.as_ref().ok_or_else(|| {
            StepFailure::park(
                Class::Configuration,
                "crm_unconfigured",
                "omnicord.yaml names no CRM to write to",
            )
        })?;
        let secret = self.secrets.secret(settings.secret()).await?;
        let connector = Connector::new(settings, &secret, self.http.clone())?;
        let (store, crm) = (&self.store, settings.connector());
        let record = CrmRecord { store, connector: &connector, crm, rules, now };
        let contact = record.of(effect, settings.unknown_customer()).await?;
        match &effect.action {
            Action::CrmTag { add, remove } => {
                connector.tag(&contact, add, remove).await?;
                Ok(contact.to_string())
            }
            Action::CrmNote { text } => Ok(connector.note(&contact, &effect.key, text).await?),
            Action::CrmTicket { title, text, owner } => {
                let (title, text, owner) = (title.clone(), text.clone(), owner.clone());
                let ticket = Ticket { title, text, owner };
                Ok(connector.ticket(&contact, &effect.key, &ticket).await?.to_string())
            }
            Action::Sms { .. } | Action::Email { .. } | Action::Webhook { .. } => {
                Err(StepFailure::park(
                    Class::Ours,
                    "not_a_crm_action",
                    "this is a bug: please report it",
                ))
            }
        }
    }
}
