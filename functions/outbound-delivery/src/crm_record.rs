//! The CRM record of a customer, made where the CRM has none.

use crm::{Connector, ContactId, Contacts, Found, NewContact};
use domain::{Assurance, CrmLink, Customer, CustomerId, Handle, HandleKind};
use rules::UnknownCustomer;
use runtime::StepFailure;
use state::{Customers, Identities, Linked};

/// How often a lost race is run again: `tag-update` may be writing to the same customer. Only a
/// record that somebody else has is lost each time.
const RACES: usize = 5;

pub(crate) struct CrmRecord<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) connector: &'a Connector,
    pub(crate) crm: &'static str,
}

impl<S: Customers + Identities> CrmRecord<'_, S> {
    /// The record to write to.
    pub(crate) async fn of(
        &self,
        customer: &CustomerId,
        unknown: UnknownCustomer,
    ) -> Result<ContactId, StepFailure> {
        let customer = self.store.customer(customer).await?.ok_or_else(|| {
            StepFailure::park("customer_missing", "the effect's customer is not in the store")
        })?;
        if let Some(link) = &customer.crm
            && link.crm == self.crm
        {
            return Ok(ContactId::new(&link.id));
        }
        let handles: Vec<_> = customer.handles.iter().filter_map(Handle::stored).collect();
        let contact = match (self.connector.find(&handles).await?, unknown) {
            (Found::One(contact), _) => contact.id,
            (Found::Several(_), _) => {
                return Err(StepFailure::park(
                    "crm_ambiguous",
                    "several CRM records share the customer's handles: merge them, then retry",
                ));
            }
            (Found::Nobody, UnknownCustomer::Create) => {
                let new = NewContact { name: name_of(&customer), handles };
                self.connector.create(&new).await?
            }
            (Found::Nobody, UnknownCustomer::Leave) => {
                return Err(StepFailure::park(
                    "crm_unknown_customer",
                    "the CRM lacks this customer: add a record with one of the handles, then retry",
                ));
            }
        };
        self.remember(&customer, &contact).await?;
        Ok(contact)
    }

    async fn remember(&self, customer: &Customer, contact: &ContactId) -> Result<(), StepFailure> {
        let link = CrmLink { crm: self.crm.to_owned(), id: contact.to_string() };
        let handle = Handle::account(HandleKind::Crm, &link.crm, &link.id, Assurance::Attested);
        let handle = handle.map_err(|error| StepFailure::park("crm_answer", error.to_string()))?;
        for _ in 0..RACES {
            match self.store.link(&customer.id, &[handle.key()], Some(&link)).await? {
                Linked::Taken => return Ok(()),
                Linked::Lost => {}
            }
        }
        Err(StepFailure::park(
            "crm_record_taken",
            "the CRM record belongs to another customer: these two are one person",
        ))
    }
}

fn name_of(customer: &Customer) -> Option<String> {
    let name = customer.profile.fields.get("name")?;
    name.value.as_str().map(str::to_owned)
}
