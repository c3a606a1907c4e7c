//! Whether a customer wants a message, asked at the last moment.

use domain::{Action, Withheld};
use rules::RuleSet;
use state::{Consents, StoreError};

/// Why the action must not be done; none, where it may.
pub(crate) async fn withheld(
    store: &impl Consents,
    rules: &RuleSet,
    action: &Action,
) -> Result<Option<Withheld>, StoreError> {
    let Some(medium) = action.medium() else { return Ok(None) };
    let word = match rules.consent_to(action) {
        Some(id) => store.consent(&id).await?,
        None => None,
    };
    Ok(rules.withheld(medium, word.as_ref()))
}
