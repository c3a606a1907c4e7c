//! Where each kind of action goes.

use crate::batch::{Flush, Flushed};
use crate::crm_record::CrmRecord;
use crate::hint;
use crate::replicate::Replicator;
use crate::tags::as_they_stand;
use crate::tokens::Tokens;
use crate::webhook::{Webhook, closed};
use crm::{Connector, Notes, Task, Tasks, Ticket, Tickets};
use domain::{Action, Class, CrmLink, Effect};
use egress::Egress;
use jiff::Timestamp;
use rules::RuleSet;
use runtime::{
    Email, EmailSender, MessagingError, Push, PushSender, Secrets, Sms, SmsSender, StepFailure,
};
use state::{Customers, Hints, Identities, Journal, ReplicaKey, Replicas};

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

    /// What is due to go out in a batch; nothing, where there are none.
    async fn due(&self, _now: Timestamp) -> Result<Vec<ReplicaKey>, StepFailure> {
        Ok(Vec::new())
    }

    /// Sends what is due.
    async fn flush(
        &self,
        _rules: &RuleSet,
        _due: &[ReplicaKey],
        _now: Timestamp,
    ) -> Result<Flushed, StepFailure> {
        Ok(Flushed::default())
    }
}

/// How many fields and tags a batch takes along at most.
const BATCH: u32 = 200;

/// The configured CRM, SNS, SES, the configured endpoints and messaging services, and the hints
/// that agents see.
#[derive(Debug)]
pub struct Destinations<S, K, M, E> {
    store: S,
    pub(crate) secrets: K,
    sms: M,
    email: E,
    http: reqwest::Client,
    pub(crate) egress: Egress,
    pub(crate) tokens: Tokens,
}

impl<S, K, M, E> Destinations<S, K, M, E> {
    /// Reads customers from `store` and credentials from `secrets`.
    pub fn new(store: S, secrets: K, sms: M, email: E) -> Result<Self, crm::CrmError> {
        // It installs what both clients encrypt with.
        let http = crm::http()?;
        let (egress, tokens) = (Egress::new(), Tokens::default());
        Ok(Self { store, secrets, sms, email, http, egress, tokens })
    }
}

impl<S, K, M, E> Deliver for Destinations<S, K, M, E>
where
    S: Customers + Identities + Journal + Hints + Replicas,
    K: Secrets,
    M: SmsSender + PushSender,
    E: EmailSender,
{
    async fn deliver(
        &self,
        rules: &RuleSet,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<String, Undelivered> {
        match &effect.action {
            Action::CrmTag { .. }
            | Action::CrmNote { .. }
            | Action::CrmTicket { .. }
            | Action::CrmTask { .. }
            | Action::CrmField { .. } => Ok(self.write_crm(rules, effect, now).await?),
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
            Action::Push { endpoint, text, platforms } => {
                let push = Push { endpoint, text, platforms };
                self.sms.send_push(push).await.map_err(undelivered)
            }
            Action::WechatTemplate { .. }
            | Action::WechatMessage { .. }
            | Action::WecomMessage { .. }
            | Action::WhatsappTemplate { .. } => self.send(rules, effect, now).await,
            Action::AgentHint { text, until } => {
                Ok(hint::leave(&self.store, effect, text, *until, now).await?)
            }
        }
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<ReplicaKey>, StepFailure> {
        Ok(self.store.due_replicas(now, BATCH).await?)
    }

    async fn flush(
        &self,
        rules: &RuleSet,
        due: &[ReplicaKey],
        now: Timestamp,
    ) -> Result<Flushed, StepFailure> {
        let (connector, crm) = self.connector(rules).await?;
        Flush { store: &self.store, connector: &connector, crm, now }.run(due).await
    }
}

impl<S, K: Secrets, M, E> Destinations<S, K, M, E> {
    /// The configured CRM, with its connector's name.
    async fn connector(&self, rules: &RuleSet) -> Result<(Connector, &'static str), StepFailure> {
        let settings = rules.config().crm.as_ref().ok_or_else(unconfigured)?;
        let secret = self.secrets.secret(settings.secret()).await?;
        let connector = Connector::new(settings, &secret, self.http.clone())?;
        Ok((connector, settings.connector()))
    }
}

fn unconfigured() -> StepFailure {
    StepFailure::park(
        Class::Configuration,
        "crm_unconfigured",
        "omnicord.yaml names no CRM to write to",
    )
}

impl<S: Customers + Identities + Journal + Replicas, K: Secrets, M, E> Destinations<S, K, M, E> {
    async fn write_crm(
        &self,
        rules: &RuleSet,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<String, StepFailure> {
        let (connector, crm) = self.connector(rules).await?;
        let settings = rules.config().crm.as_ref().ok_or_else(unconfigured)?;
        let store = &self.store;
        let record = CrmRecord { store, connector: &connector, crm, rules, now };
        let (contact, group) = record.of(effect, settings.unknown_customer()).await?;
        let link = CrmLink { crm: crm.to_owned(), id: contact.to_string() };
        let (sync, replicator) = (&rules.config().sync, Replicator { store, link, effect, now });
        match &effect.action {
            Action::CrmTag { add, remove } => {
                let (add, remove) = as_they_stand(rules, &rules.combine(&group), add, remove);
                replicator.tags(&connector, sync.tags.to_crm, &add, &remove).await
            }
            Action::CrmNote { text } => Ok(connector.note(&contact, &effect.key, text).await?),
            Action::CrmTicket { title, text, owner } => {
                let (title, text, owner) = (title.clone(), text.clone(), owner.clone());
                let ticket = Ticket { title, text, owner };
                Ok(connector.ticket(&contact, &effect.key, &ticket).await?.to_string())
            }
            Action::CrmTask { title, text, due, owner } => {
                let (title, text, owner) = (title.clone(), text.clone(), owner.clone());
                let task = Task { title, text, due: *due, owner };
                Ok(connector.task(&contact, &effect.key, &task).await?.to_string())
            }
            Action::CrmField { values, at, told_by_crm: true } => {
                replicator.told(values, *at).await
            }
            Action::CrmField { values, at, told_by_crm: false } => {
                replicator.fields(&connector, sync, values, *at).await
            }
            Action::Sms { .. }
            | Action::Email { .. }
            | Action::Webhook { .. }
            | Action::Push { .. }
            | Action::WechatTemplate { .. }
            | Action::WechatMessage { .. }
            | Action::WecomMessage { .. }
            | Action::WhatsappTemplate { .. }
            | Action::AgentHint { .. } => Err(StepFailure::park(
                Class::Ours,
                "not_a_crm_action",
                "this is a bug: please report it",
            )),
        }
    }
}
