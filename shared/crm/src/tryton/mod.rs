//! Tryton 8, through its REST API.
//!
//! Source: `trytond/protocols/rest.py` of trytond 8.2, and
//! <https://docs.tryton.org/latest/server/topics/user_application/rest.html>.
//!
//! How Omnicord's terms map to Tryton's:
//!
//! | Omnicord | Tryton |
//! |---|---|
//! | contact | `party.party` |
//! | lead | a party, and a `sale.opportunity` that names it, its reference being the customer |
//! | phone, e-mail | `party.contact_mechanism` of type `phone`, `mobile`, `email` |
//! | any other handle | `party.contact_mechanism` of type `other`, the value being the handle's key |
//! | handle `crm:tryton:7` | the party of id 7, or what it was replaced by |
//! | handle `account:tryton-code:K42` | the party of code `K42` |
//! | tag | `party.category` without a parent |
//! | note | `ir.note` on the party, its last line being the effect's key |
//! | ticket | `sale.complaint`, its reference being the effect's key |
//! | ticket's owner | the complaint's `submitted_by` |
//! | task | `project.work`, the last line of its comment being the effect's key |
//! | task's owner | a `project.allocation` to the employee |
//! | field | the party's field of that name |
//! | order, shipment, invoice | `sale.sale`, `stock.shipment.out`, `account.invoice` |
//!
//! Modules that it needs: `party`, `sale`, `sale_complaint`, `account_invoice_stock` with
//! `phonenumbers` installed; `sale_opportunity` where strangers become leads; `project_plan` for
//! tasks. The key's user needs the groups Party Administration (tags), Sales, Stock (read), Accounting
//! (read), for leads Sale Opportunity, and for tasks Project Administration.

mod changed;
mod changes;
mod client;
mod commerce;
mod contacts;
mod fault;
mod fields;
mod handles;
mod history;
mod leads;
mod merged;
mod tasks;
mod tickets;
mod wire;

use crate::CrmError;
use channels::Secret;
use client::{Client, Search};

/// The connector's name, which is the scope of its handles of kind `crm`.
pub const ID: &str = "tryton";

/// The scope of `account` handles that name a party by its code.
pub const CODE_SCOPE: &str = "tryton-code";

/// A company's Tryton.
#[derive(Debug)]
pub struct Tryton {
    client: Client,
    company: u64,
    ticket_owner: Option<String>,
    ticket_type: Option<String>,
}

impl Tryton {
    /// The connector for these settings; `secret` is `{"key": "…"}`.
    ///
    /// # Errors
    /// [`CrmError::Misconfigured`] where the URL cannot be read or the secret lacks its field.
    pub fn new(
        settings: &rules::config::Tryton,
        secret: &Secret,
        http: reqwest::Client,
    ) -> Result<Self, CrmError> {
        let key = secret
            .field("key")
            .map_err(|_| CrmError::Misconfigured("the secret lacks the field `key`"))?;
        Ok(Self {
            client: Client::new(settings, key.into(), http)?,
            company: settings.company,
            ticket_owner: settings.ticket_owner.clone(),
            ticket_type: settings.ticket_type.clone(),
        })
    }

    /// The first record of `R` that meets the domain.
    async fn first<R: wire::Record>(
        &self,
        domain: serde_json::Value,
    ) -> Result<Option<R>, CrmError> {
        Ok(self.client.search::<R>(&Search::new(domain, 1)).await?.into_iter().next())
    }
}
