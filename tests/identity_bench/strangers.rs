//! A company without a CRM.

use domain::{CrmLink, Handle};
use identity::Record;
use identity_match::{Directory, Standing};
use rules::RuleSet;
use runtime::StepFailure;

/// Knows no stranger.
pub(crate) struct NobodyKnown;

impl Directory for NobodyKnown {
    async fn find(&self, _: &RuleSet, _: &[Handle]) -> Result<Vec<Record>, StepFailure> {
        Ok(Vec::new())
    }

    async fn locate(&self, _: &RuleSet, _: &CrmLink) -> Result<Standing, StepFailure> {
        Ok(Standing::Unknown)
    }
}
