//! Those who know what a source should have told.

use crate::{crm_origin, history};
use channels::ListPage;
use crm::CrmError;
use egress::Egress;
use rules::RuleSet;
use rules::config::Origin;
use runtime::{Secrets, StepFailure};
use state::Sweep;

/// Whoever can be asked.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Origins {
    /// The next page of what happened within the sweep's times.
    async fn page(
        &self,
        rules: &RuleSet,
        from: &Origin,
        sweep: &Sweep,
    ) -> Result<ListPage, StepFailure>;
}

/// The configured CRM, and the senders' own lists.
#[derive(Debug)]
pub struct Senders<K> {
    secrets: K,
    crm: reqwest::Client,
    egress: Egress,
}

impl<K: Secrets> Senders<K> {
    /// Takes credentials from `secrets`.
    ///
    /// # Errors
    /// Where the system's certificates cannot be read.
    pub fn new(secrets: K) -> Result<Self, CrmError> {
        Ok(Self { secrets, crm: crm::http()?, egress: Egress::new() })
    }
}

impl<K: Secrets> Origins for Senders<K> {
    async fn page(
        &self,
        rules: &RuleSet,
        from: &Origin,
        sweep: &Sweep,
    ) -> Result<ListPage, StepFailure> {
        match from {
            Origin::Crm(origin) => {
                crm_origin::page(&self.secrets, &self.crm, rules, origin, sweep).await
            }
            Origin::History(history) => {
                history::page(&self.secrets, &self.egress, history, sweep).await
            }
        }
    }
}
