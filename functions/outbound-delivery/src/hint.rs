//! Hints for the agent who next speaks with the customer.

use domain::Effect;
use jiff::Timestamp;
use runtime::StepFailure;
use state::{Hint, Hints};

/// Leaves one; returns what it is known by.
pub(crate) async fn leave(
    store: &impl Hints,
    effect: &Effect,
    text: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<String, StepFailure> {
    let (key, rule) = (effect.key.clone(), effect.rule.name.clone());
    let hint = Hint { key, rule, at: effect.decided_at, until, text: text.to_owned() };
    store.leave_hint(&effect.customer, &hint, now).await?;
    Ok(effect.key.to_string())
}
