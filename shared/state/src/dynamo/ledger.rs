//! Events and effects in DynamoDB.

use super::Store;
use super::item::{Item, attribute, decode, encode, number, text};
use super::request::store_error;
use crate::{
    Claim, Dispatch, Dispatched, EffectRecord, EffectState, EventRecord, Firings, Lease, Ledger,
    Settlement, StoreError,
};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{CustomerId, Effect, EffectKey, EventId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How long a record is remembered, and with it the right to call a repetition one.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 400);

pub(super) fn expiry(from: Timestamp) -> u64 {
    from.as_second().saturating_add(RETENTION.as_secs()).try_into().unwrap_or_default()
}

pub(super) fn event_item(record: &EventRecord) -> Result<Item, StoreError> {
    let mut item = encode("ledger", record)?;
    item.insert("of".into(), text("event"));
    item.insert("expires_at".into(), number(expiry(record.received_at)));
    Ok(item)
}

pub(super) fn effect_item(record: &EffectRecord) -> Result<Item, StoreError> {
    let mut item = encode("ledger", record)?;
    item.insert("of".into(), text("effect"));
    item.insert("lease_until".into(), text(instant(record.lease_until)));
    item.insert("expires_at".into(), number(expiry(record.lease_until)));
    Ok(item)
}

/// The item that made a condition fail, where that is what failed.
fn failed_on(error: &SdkError<UpdateItemError>) -> Option<Item> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item().cloned(),
        Some(_) | None => None,
    }
}

/// What a decision writes into its event's record.
pub(super) const DECIDED: &str =
    "SET stage = :applied, applied_at = :at, effects = :effects, refusals = :refusals";
/// The condition on which it does.
pub(super) const UNDECIDED: &str = "stage = :tagged";

/// The values that [`DECIDED`] and [`UNDECIDED`] name.
pub(super) fn decided(decision: &Dispatch, at: Timestamp) -> Result<Item, StoreError> {
    Ok([
        (":tagged", text("tagged")),
        (":applied", text("applied")),
        (":at", text(at.to_string())),
        (":effects", attribute("ledger", &decision.effects)?),
        (":refusals", attribute("ledger", &decision.refusals)?),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into())
}

impl Ledger for Store {
    async fn firings(&self, profiles: &BTreeSet<CustomerId>) -> Result<Vec<Firings>, StoreError> {
        self.firings_of(profiles).await
    }

    async fn dispatch(
        &self,
        event: &EventId,
        decision: Dispatch,
        at: Timestamp,
    ) -> Result<Dispatched, StoreError> {
        if let Some(firings) = &decision.firings {
            return self.dispatch_limited(event, &decision, firings, at).await;
        }
        let updated = self
            .client
            .update_item()
            .table_name(self.ledger()?)
            .key("id", text(event.as_str()))
            .update_expression(DECIDED)
            .condition_expression(UNDECIDED)
            .set_expression_attribute_values(Some(decided(&decision, at)?))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match updated {
            Ok(_) => Ok(Dispatched { effects: decision.effects, first: true }),
            Err(error) => match failed_on(&error) {
                Some(item) => {
                    let record = decode::<EventRecord>("ledger", item)?;
                    Ok(Dispatched { effects: record.effects, first: false })
                }
                None => Err(store_error(error)),
            },
        }
    }

    async fn claim(
        &self,
        effect: &Effect,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Claim, StoreError> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let updated = self
            .client
            .update_item()
            .table_name(self.ledger()?)
            .key("id", text(effect.key.as_str()))
            .update_expression(
                "SET #of = :effect, event = :event, destination = :destination, \
                 #state = :leased, lease_until = :until, expires_at = :expires ADD attempt :one",
            )
            .condition_expression(
                "attribute_not_exists(id) OR #state = :released \
                 OR (#state = :leased AND lease_until < :now)",
            )
            .expression_attribute_names("#of", "of")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":effect", text("effect"))
            .expression_attribute_values(":event", text(effect.event.as_str()))
            .expression_attribute_values(":destination", text(effect.action.destination()))
            .expression_attribute_values(":leased", text("leased"))
            .expression_attribute_values(":released", text("released"))
            .expression_attribute_values(":until", text(instant(until)))
            .expression_attribute_values(":now", text(instant(now)))
            .expression_attribute_values(":expires", number(expiry(effect.decided_at)))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match updated {
            Ok(answer) => {
                let before = answer.attributes.map(|item| decode::<EffectRecord>("ledger", item));
                let before = before.transpose()?;
                let state = before.as_ref().map(|record| record.state);
                Ok(Claim::Granted(Lease {
                    key: effect.key.clone(),
                    attempt: before.as_ref().map_or(0, |record| record.attempt) + 1,
                    interrupted: state == Some(EffectState::Leased),
                    attempts: before.map(|record| record.attempts).unwrap_or_default(),
                }))
            }
            Err(error) => match failed_on(&error) {
                Some(item) => Ok(refused(&decode("ledger", item)?)),
                None => Err(store_error(error)),
            },
        }
    }

    async fn settle(&self, lease: Lease, settlement: Settlement) -> Result<(), StoreError> {
        let mut update = self
            .client
            .update_item()
            .table_name(self.ledger()?)
            .key("id", text(lease.key.as_str()))
            .condition_expression("attempt = :attempt AND #state = :leased")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":attempt", number(lease.attempt.into()))
            .expression_attribute_values(":leased", text("leased"))
            .expression_attribute_values(":attempts", attribute("ledger", &lease.attempts)?)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        update = match settlement {
            Settlement::Done { receipt, at } => update
                .update_expression(
                    "SET attempts = :attempts, #state = :new, receipt = :receipt, done_at = :at",
                )
                .expression_attribute_values(":new", text("done"))
                .expression_attribute_values(":receipt", text(receipt))
                .expression_attribute_values(":at", text(at.to_string())),
            Settlement::Withheld { why, at } => update
                .update_expression(
                    "SET attempts = :attempts, #state = :new, withheld = :why, done_at = :at",
                )
                .expression_attribute_values(":new", text("done"))
                .expression_attribute_values(":why", attribute("ledger", why)?)
                .expression_attribute_values(":at", text(at.to_string())),
            Settlement::Released => update
                .update_expression("SET attempts = :attempts, #state = :new")
                .expression_attribute_values(":new", text("released")),
            Settlement::InDoubt => update.update_expression("SET attempts = :attempts"),
        };
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if failed_on(&error).is_some() => Ok(()),
            Err(error) => Err(store_error(error)),
        }
    }
}

impl Store {
    /// Lets an abandoned effect be tried afresh: a person has looked that it did not happen.
    pub async fn release(&self, effect: &EffectKey) -> Result<(), StoreError> {
        let updated = self
            .client
            .update_item()
            .table_name(self.ledger()?)
            .key("id", text(effect.as_str()))
            .update_expression("SET #state = :released")
            .condition_expression("#state = :leased")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":released", text("released"))
            .expression_attribute_values(":leased", text("leased"))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match updated {
            Ok(_) => Ok(()),
            Err(error) if failed_on(&error).is_some() => Ok(()),
            Err(error) => Err(store_error(error)),
        }
    }
}

/// Instants of one length, so that DynamoDB compares them as text in the order of time.
pub(super) fn instant(at: Timestamp) -> String {
    format!("{at:.6}")
}

fn refused(record: &EffectRecord) -> Claim {
    match record.state {
        EffectState::Done => Claim::Done,
        EffectState::Leased | EffectState::Released => Claim::Busy { until: record.lease_until },
    }
}
