//! Those who know what a source should have told.

use crate::{crm_origin, history};
use channels::ListPage;
use crm::CrmError;
use egress::Egress;
use rules::RuleSet;
use rules::config::Origin;
use runtime::{Secrets, StepFailure};
use state::Sweep;

/// Why there is no page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unread {
    /// The mark of the page is not taken, and will not be by the next call either: a sender forgets
    /// its marks. Only from its first page on can the list be read.
    Lapsed(StepFailure),
    /// Anything else, which the next call may not meet.
    Failed(StepFailure),
}

impl<E: Into<StepFailure>> From<E> for Unread {
    fn from(failure: E) -> Self {
        Self::Failed(failure.into())
    }
}

/// Whoever can be asked.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Origins {
    /// The next page of what happened within the sweep's times.
    async fn page(&self, rules: &RuleSet, from: &Origin, sweep: &Sweep)
    -> Result<ListPage, Unread>;
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
    ) -> Result<ListPage, Unread> {
        match from {
            Origin::Crm(origin) => {
                Ok(crm_origin::page(&self.secrets, &self.crm, rules, origin, sweep).await?)
            }
            Origin::History(history) => {
                history::page(&self.secrets, &self.egress, history, sweep).await
            }
        }
    }
}
