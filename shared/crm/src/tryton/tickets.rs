//! Complaints as tickets.
//!
//! `sale.complaint` is Tryton's record of a customer who is not content: it shows under the
//! customer, can name the order or invoice it is about, and leads to returns and credit notes. It
//! has no field called assignee. Its `submitted_by` (called `employee` until Tryton 6.4) is the
//! employee who takes the draft to a decision; Tryton fills it with whoever presses the button, but
//! leaves it alone where it is set, so that setting it on the draft names the owner. It shows in
//! the form under "Other Info", and stays through the workflow.
//!
//! Not taken: `sale.opportunity`, whose `employee` is an assignee, because a complaint there would
//! count as a lead in every report on sales; `project.work`, because its tasks show no customer.

use super::Tryton;
use super::client::Search;
use super::wire::{Complaint, ComplaintType, Employee};
use crate::{ContactId, CrmError, Ticket, TicketId, Tickets};
use domain::EffectKey;
use serde_json::json;

impl Tickets for Tryton {
    async fn ticket(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        ticket: &Ticket,
    ) -> Result<TicketId, CrmError> {
        let party = self.current(contact).await?.id;
        let mark = json!([["reference", "=", key.as_str()], ["company", "=", self.company]]);
        if let Some(complaint) = self.first::<Complaint>(mark).await? {
            return if complaint.reference.as_deref() == Some(key.as_str()) {
                Ok(TicketId::new(complaint.id.to_string()))
            } else {
                Err(CrmError::Unfiltered { record: "sale.complaint" })
            };
        }
        let owner = match ticket.owner.as_ref().or(self.ticket_owner.as_ref()) {
            Some(name) => Some(self.employee(name).await?),
            None => None,
        };
        let values = json!({
            "customer": party,
            "company": self.company,
            "type": self.complaint_type().await?,
            "reference": key.as_str(),
            "description": format!("{}\n\n{}", ticket.title, ticket.text),
            "submitted_by": owner,
        });
        let complaint = self.client.create::<Complaint>(&values).await?;
        Ok(TicketId::new(complaint.id.to_string()))
    }
}

impl Tryton {
    /// The company's employee of this name.
    pub(super) async fn employee(&self, name: &String) -> Result<u64, CrmError> {
        let domain = json!([["party.name", "=", name], ["company", "=", self.company]]);
        let employees = self.client.search::<Employee>(&Search::new(domain, 2)).await?;
        if employees.iter().any(|employee| employee.party.name.as_ref() != Some(name)) {
            return Err(CrmError::Unfiltered { record: "company.employee" });
        }
        match employees.as_slice() {
            [] => Err(CrmError::UnknownOwner),
            [only] => Ok(only.id),
            [_, _, ..] => Err(CrmError::AmbiguousOwner),
        }
    }

    /// The configured complaint type, or the only one.
    async fn complaint_type(&self) -> Result<u64, CrmError> {
        let domain = match &self.ticket_type {
            Some(name) => json!([["name", "=", name]]),
            None => json!([]),
        };
        match self.client.search::<ComplaintType>(&Search::new(domain, 2)).await?.as_slice() {
            [only] => Ok(only.id),
            [] | [_, _, ..] => Err(CrmError::UnknownTicketType),
        }
    }
}
