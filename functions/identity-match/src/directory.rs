//! What the CRM knows of a stranger.

use crm::{Connector, Contact, Contacts, Found, Located};
use domain::{Action, CrmLink, Fault, Handle};
use identity::Record;
use rules::RuleSet;
use runtime::{Clock, Secrets, StepFailure};
use state::Controls;

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
pub struct CrmDirectory<S, K, C> {
    secrets: S,
    controls: K,
    clock: C,
    http: reqwest::Client,
}

impl<S: Secrets, K: Controls, C: Clock> CrmDirectory<S, K, C> {
    /// Takes the CRM's credentials from `secrets`, and leaves it alone while `controls` say so.
    pub fn new(secrets: S, controls: K, clock: C) -> Result<Self, crm::CrmError> {
        Ok(Self { secrets, controls, clock, http: crm::http()? })
    }

    /// Whoever delivers to the CRM opens and closes its circuit; a question is no probe.
    async fn connector(&self, settings: &rules::Crm) -> Result<Connector, StepFailure> {
        let now = self.clock.now();
        let control = self.controls.control(Action::CRM).await?;
        if let Some(until) = control.and_then(|control| control.circuit.shut_until(now)) {
            let detail = "the CRM keeps failing, and is left alone for a while";
            let after = Some(until.duration_since(now));
            return Err(StepFailure::retry_after(after, "destination_open", detail).of_crm());
        }
        let secret = self.secrets.secret(settings.secret()).await.map_err(of_crm)?;
        Connector::new(settings, &secret, self.http.clone()).map_err(of_crm)
    }
}

fn of_crm(fault: impl Fault) -> StepFailure {
    StepFailure::from(fault).of_crm()
}

impl<S: Secrets, K: Controls, C: Clock> Directory for CrmDirectory<S, K, C> {
    async fn find(&self, rules: &RuleSet, handles: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        let Some(settings) = &rules.config().crm else { return Ok(Vec::new()) };
        let contacts = match self.connector(settings).await?.find(handles).await.map_err(of_crm)? {
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
        let located = self.connector(settings).await?.locate(&id).await.map_err(of_crm)?;
        Ok(match located {
            Located::Here(_) => Standing::Here,
            Located::MovedTo(contact) => {
                Standing::MovedTo(CrmLink { crm: record.crm.clone(), id: contact.id.to_string() })
            }
            Located::Gone => Standing::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use channels::Secret;
    use delivery::{Circuit, Control};
    use domain::{Assurance, Class, Disposition};
    use jiff::SignedDuration;
    use runtime::memory::START;
    use runtime::{FixedClock, SecretError};
    use state::memory::Store;
    use std::rc::Rc;

    const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
crm: { tryton: { url: "http://127.0.0.1:1", database: lab, company: 1, secret: omnicord/crm } }
"#;

    struct Missing;

    impl Secrets for Missing {
        async fn secret(&self, name: &str) -> Result<Rc<Secret>, SecretError> {
            Err(SecretError::Unusable { name: name.into(), code: "missing".into() })
        }

        async fn fresh_secret(&self, name: &str) -> Result<Rc<Secret>, SecretError> {
            self.secret(name).await
        }
    }

    #[tokio::test]
    async fn while_the_crm_is_left_alone_it_is_not_asked() {
        let rules = RuleSet::load(CONFIG, 1).unwrap();
        let handles = [Handle::phone("+12025550100", "US", Assurance::Attested).unwrap()];
        let store = Store::default();
        let until = START + SignedDuration::from_secs(90);
        let circuit = Circuit::Open { until, failed_probes: 0 };
        let mut control = Control::default();
        control.version = 1;
        control.circuit = circuit;
        store.swap_control(Action::CRM, &control).await.unwrap();
        let ask = async |now| {
            let directory = CrmDirectory::new(Missing, store.clone(), FixedClock::new(now));
            directory.unwrap().find(&rules, &handles).await.unwrap_err()
        };
        let open = ask(START).await;
        let after = Some(SignedDuration::from_secs(90));
        assert_eq!(
            (&*open.reason.code, open.disposition),
            ("destination_open", Disposition::Retry { after })
        );
        let asked = ask(until).await;
        assert_eq!((&*asked.reason.code, asked.class), ("secret_unusable", Class::Authorisation));
        assert!(open.of_crm && asked.of_crm, "both go back within its budget");
    }
}
