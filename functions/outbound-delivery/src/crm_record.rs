//! The CRM record of a customer, made where the CRM has none.

use crm::{Connector, Contact, ContactId, Contacts, Found, NewContact, Stage};
use domain::{Assurance, Class, CrmLink, Customer, Effect, Handle, HandleKey};
use identity::{
    Candidate, Cause, Group, Inquiry, Linking, Occasion, Review, ReviewState, handle_of,
    link_record,
};
use jiff::Timestamp;
use rules::{RuleSet, UnknownCustomer};
use runtime::StepFailure;
use state::{Committed, Customers, Identities, Journal, surroundings};

/// How often a lost race is run again: `identity-match` may be writing to the same customer.
const RACES: usize = 5;

pub(crate) struct CrmRecord<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) connector: &'a Connector,
    pub(crate) crm: &'static str,
    pub(crate) rules: &'a RuleSet,
    pub(crate) now: Timestamp,
}

impl<S: Customers + Identities + Journal> CrmRecord<'_, S> {
    /// The record to write to, with the customer whose it is.
    pub(crate) async fn of(
        &self,
        effect: &Effect,
        unknown: UnknownCustomer,
    ) -> Result<(ContactId, Group), StepFailure> {
        let group = self.store.group(&effect.customer).await?.ok_or_else(|| {
            StepFailure::park(
                Class::Data,
                "customer_missing",
                "the effect's customer is not in the store",
            )
        })?;
        if let Some(link) = group.crm()
            && link.crm == self.crm
        {
            return Ok((ContactId::new(&link.id), group));
        }
        let handles = proved(&group);
        let contact = match self.connector.find(&handles).await? {
            // An earlier try may have left a lead half made: creating it again completes it.
            Found::One(_) if unknown == UnknownCustomer::Lead => {
                self.make(effect, &group, handles, unknown).await?
            }
            Found::One(contact) => contact.id,
            Found::Several(contacts) => return Err(self.which(effect, &handles, contacts).await?),
            Found::Nobody => self.make(effect, &group, handles, unknown).await?,
        };
        self.remember(effect, &contact).await?;
        Ok((contact, group))
    }

    async fn make(
        &self,
        effect: &Effect,
        group: &Group,
        handles: Vec<Handle>,
        unknown: UnknownCustomer,
    ) -> Result<ContactId, StepFailure> {
        let stage = match unknown {
            UnknownCustomer::Create => Stage::Contact,
            UnknownCustomer::Lead => Stage::Lead(effect.customer.clone()),
            UnknownCustomer::Ask if group.root.membership.admitted => Stage::Contact,
            UnknownCustomer::Ask => {
                let inquiry = Inquiry::Admit { crm: self.crm.to_owned() };
                return Err(self.ask(effect, inquiry, ADMIT).await?);
            }
            UnknownCustomer::Anonymous => {
                return Err(StepFailure::hold_quietly(
                    "crm_unknown_customer",
                    "the CRM lacks this customer: it waits until a record has one of the handles",
                ));
            }
        };
        let name = name_of(&self.rules.combine(group));
        Ok(self.connector.create(&NewContact { name, handles, stage }).await?)
    }

    /// Asks a person which of several records is meant.
    async fn which(
        &self,
        effect: &Effect,
        handles: &[Handle],
        contacts: Vec<Contact>,
    ) -> Result<StepFailure, StepFailure> {
        let shared = handles.iter().map(Handle::key).find(|key| {
            let bears = |contact: &&Contact| contact.handles.iter().any(|h| h.key() == *key);
            contacts.iter().filter(bears).count() > 1
        });
        let handle = shared.or_else(|| handles.first().map(Handle::key));
        let candidate =
            |contact: Contact| Candidate { id: contact.id.to_string(), name: contact.name };
        let inquiry = Inquiry::WhichRecord {
            crm: self.crm.to_owned(),
            handle: handle.unwrap_or_else(|| HandleKey::from_stored("")),
            candidates: contacts.into_iter().map(candidate).collect(),
        };
        self.ask(effect, inquiry, WHICH).await
    }

    /// Leaves a question for a person, and tells how the effect goes on meanwhile.
    async fn ask(
        &self,
        effect: &Effect,
        inquiry: Inquiry,
        (code, waits, refused): (&str, &str, &str),
    ) -> Result<StepFailure, StepFailure> {
        let version = self.rules.version();
        let review =
            Review::about_record(inquiry, &effect.customer, &effect.event, self.now, version);
        match self.store.review(&review.id).await?.map(|review| review.state) {
            Some(ReviewState::Rejected { .. }) => {
                return Ok(StepFailure::park(Class::Data, code, refused));
            }
            Some(ReviewState::Open) => {}
            None => drop(self.store.open_review(&review).await?),
            // The answer holds no more: the record that it named is gone.
            Some(ReviewState::Accepted { .. }) => {
                self.store.open_review(&review.again(&effect.event)).await?;
            }
        }
        Ok(StepFailure::hold_quietly(code, waits))
    }

    async fn remember(&self, effect: &Effect, contact: &ContactId) -> Result<(), StepFailure> {
        let record = CrmLink { crm: self.crm.to_owned(), id: contact.to_string() };
        let handle = handle_of(&record).ok_or_else(|| {
            StepFailure::park(Class::Theirs, "crm_answer", "the CRM gave a record without an id")
        })?;
        let cause = Cause::Event(effect.event.clone());
        for _ in 0..RACES {
            let links = self.store.links(&[handle.key()]).await?;
            let other = links.values().next().map(|link| link.customer.clone());
            let customers = std::iter::once(effect.customer.clone()).chain(other);
            let (groups, links) = surroundings(self.store, customers, links).await?;
            let occasion = Occasion {
                cause: &cause,
                at: self.now,
                policy: self.rules.identity(),
                config_version: self.rules.version(),
            };
            match link_record(&effect.customer, &record, &groups, &links, occasion) {
                Linking::Write(change) => match self.store.commit(&change).await? {
                    Committed::Written => return Ok(()),
                    Committed::Lost => {}
                },
                Linking::Torn => {}
                Linking::Taken(_) => {
                    return Err(StepFailure::park(
                        Class::Data,
                        "crm_record_taken",
                        "the CRM record belongs to another customer, and both would be over a \
                         limit: omnicord customer merge joins them all the same",
                    ));
                }
            }
        }
        Err(StepFailure::retry("identity_contended", "other events keep changing this customer"))
    }
}

/// What is told of a customer whom a person has to admit.
const ADMIT: (&str, &str, &str) = (
    "crm_unknown_customer",
    "a person has to say whether the CRM may have this customer: omnicord review",
    "a person said that the CRM is not to have this customer",
);

/// What is told of a customer who may be several records.
const WHICH: (&str, &str, &str) = (
    "crm_ambiguous",
    "several CRM records share the customer's handles: omnicord review says which, or merge them",
    "a person said that none of the CRM's records is this customer's",
);

/// The handles by which the CRM may know the customer: proved ones, or else whatever there is.
fn proved(group: &Group) -> Vec<Handle> {
    let current = group.handles().filter(|(_, held)| !held.former);
    let (proved, claimed): (Vec<_>, Vec<_>) =
        current.partition(|(_, held)| held.assurance == Assurance::Attested);
    let chosen = if proved.is_empty() { claimed } else { proved };
    chosen.into_iter().filter_map(|(key, _)| Handle::stored(key)).collect()
}

fn name_of(customer: &Customer) -> Option<String> {
    let name = customer.profile.fields.get("name")?;
    name.value.as_str().map(str::to_owned)
}
