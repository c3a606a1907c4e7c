//! The list of connectors.

use crate::{
    Batch, ChangePage, Changes, Commerce, Contact, ContactId, ContactUpdate, Contacts, CrmError,
    FieldChange, Fields, Found, Invoice, Located, NewContact, Notes, Order, Shipment, Span, Tags,
    Task, TaskId, Tasks, Ticket, TicketId, Tickets, tryton,
};
use channels::Secret;
use domain::{EffectKey, Handle};
use rules::RecordKind;
use rules::config::Crm;
use serde_json::Value;
use std::collections::BTreeMap;

/// The CRM that the configuration names.
#[derive(Debug)]
pub enum Connector {
    /// Tryton 8.
    Tryton(tryton::Tryton),
}

impl Connector {
    /// The connector for these settings; `secret` is the one that they name.
    ///
    /// # Errors
    /// [`CrmError::Misconfigured`] where settings or secret cannot lead to a CRM.
    pub fn new(settings: &Crm, secret: &Secret, http: reqwest::Client) -> Result<Self, CrmError> {
        match settings {
            Crm::Tryton(settings) => Ok(Self::Tryton(tryton::Tryton::new(settings, secret, http)?)),
        }
    }
}

impl Contacts for Connector {
    async fn find(&self, handles: &[Handle]) -> Result<Found, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.find(handles).await,
        }
    }

    async fn locate(&self, contact: &ContactId) -> Result<Located, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.locate(contact).await,
        }
    }

    async fn create(&self, new: &NewContact) -> Result<ContactId, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.create(new).await,
        }
    }

    async fn update(
        &self,
        contact: &ContactId,
        update: &ContactUpdate,
    ) -> Result<Contact, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.update(contact, update).await,
        }
    }
}

impl Tags for Connector {
    async fn tag(
        &self,
        contact: &ContactId,
        add: &[String],
        remove: &[String],
    ) -> Result<(), CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.tag(contact, add, remove).await,
        }
    }
}

impl Notes for Connector {
    async fn note(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        text: &str,
    ) -> Result<String, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.note(contact, key, text).await,
        }
    }
}

impl Tickets for Connector {
    async fn ticket(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        ticket: &Ticket,
    ) -> Result<TicketId, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.ticket(contact, key, ticket).await,
        }
    }
}

impl Tasks for Connector {
    async fn task(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        task: &Task,
    ) -> Result<TaskId, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.task(contact, key, task).await,
        }
    }
}

impl Fields for Connector {
    async fn set_fields(
        &self,
        contact: &ContactId,
        values: &BTreeMap<String, Value>,
    ) -> Result<(), CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.set_fields(contact, values).await,
        }
    }
}

impl Batch for Connector {
    fn most(&self) -> usize {
        match self {
            Self::Tryton(tryton) => tryton.most(),
        }
    }

    async fn set_all(&self, changes: &[FieldChange]) -> Result<(), CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.set_all(changes).await,
        }
    }
}

impl Commerce for Connector {
    async fn orders(&self, contact: &ContactId) -> Result<Vec<Order>, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.orders(contact).await,
        }
    }

    async fn shipments(&self, contact: &ContactId) -> Result<Vec<Shipment>, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.shipments(contact).await,
        }
    }

    async fn invoices(&self, contact: &ContactId) -> Result<Vec<Invoice>, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.invoices(contact).await,
        }
    }
}

impl Changes for Connector {
    async fn changes(
        &self,
        kind: RecordKind,
        span: Span,
        beyond: Option<&str>,
        most: usize,
    ) -> Result<ChangePage, CrmError> {
        match self {
            Self::Tryton(tryton) => tryton.changes(kind, span, beyond, most).await,
        }
    }
}
