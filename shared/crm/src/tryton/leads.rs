//! Opportunities in state `lead`, one for each stranger who became a party.
//!
//! The opportunity is made first, without a party, which Tryton allows for a lead: it is the record
//! that this party is to be a lead, and survives a crash before the party is made or named. Were the
//! party made first, a later try could not tell it from one that an agent made.

use super::Tryton;
use super::client::Search;
use super::contacts::mechanisms;
use super::merged::number;
use super::wire::{Model, Opportunity, Record};
use crate::{ContactId, Contacts, CrmError, Found, NewContact};
use domain::CustomerId;
use serde_json::json;

impl Tryton {
    /// The party that has any of the handles, made as a lead where there is none.
    pub(super) async fn lead(
        &self,
        new: &NewContact,
        customer: &CustomerId,
    ) -> Result<ContactId, CrmError> {
        let opportunity = match (self.opportunity(customer).await?, self.find(&new.handles).await?)
        {
            (_, Found::Several(_)) => return Err(CrmError::Ambiguous),
            (Some(opportunity), Found::One(_) | Found::Nobody) => opportunity,
            (None, Found::One(known)) => return Ok(known.id),
            (None, Found::Nobody) if mechanisms(&new.handles).is_empty() => {
                return Err(CrmError::Unidentified);
            }
            (None, Found::Nobody) => {
                let values = json!({
                    "reference": customer.as_str(),
                    "description": new.name,
                    "company": self.company,
                });
                self.client.create(&values).await?
            }
        };
        let party = self.party(new).await?;
        if opportunity.party.is_none() {
            let values = json!({ "party": number(&party) });
            self.client.write::<Opportunity>(opportunity.id, &values).await?;
        }
        Ok(party)
    }

    /// The opportunity that an earlier try has made for the customer.
    async fn opportunity(&self, customer: &CustomerId) -> Result<Option<Opportunity>, CrmError> {
        let mark = json!([["reference", "=", customer.as_str()], ["company", "=", self.company]]);
        match self.first::<Opportunity>(mark).await {
            Ok(Some(other)) if other.reference.as_deref() != Some(customer.as_str()) => {
                Err(CrmError::Unfiltered { record: Opportunity::MODEL })
            }
            // Tryton answers alike for a model that it does not know, and for a fault of its own.
            Err(CrmError::Broken { .. }) if !self.keeps_opportunities().await? => {
                Err(CrmError::ModuleMissing { module: "sale_opportunity" })
            }
            other => other,
        }
    }

    async fn keeps_opportunities(&self) -> Result<bool, CrmError> {
        let search = Search::new(json!([["name", "=", Opportunity::MODEL]]), 1);
        Ok(!self.client.search::<Model>(&search).await?.is_empty())
    }
}
