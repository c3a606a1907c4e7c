//! Destinations in DynamoDB: one item each.

use super::Store;
use super::item::{Item, attribute, decode, number, text};
use super::request::store_error;
use crate::{Controls, StoreError, Swapped};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use delivery::Control;
use serde::Deserialize;

#[derive(Deserialize)]
struct Stored {
    control: Control,
}

impl Controls for Store {
    async fn control(&self, destination: &str) -> Result<Option<Control>, StoreError> {
        let item = self.one_item(self.destinations()?, "destination", destination).await?;
        item.map(|item| decode::<Stored>("destinations", item).map(|stored| stored.control))
            .transpose()
    }

    async fn swap_control(
        &self,
        destination: &str,
        after: &Control,
    ) -> Result<Swapped, StoreError> {
        let mut update = self
            .client
            .update_item()
            .table_name(self.destinations()?)
            .key("destination", text(destination))
            .update_expression("SET #version = :after, control = :control")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":after", number(after.version))
            .expression_attribute_values(":control", attribute("destinations", after)?)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let before = after.version.saturating_sub(1);
        update = if before == 0 {
            update.condition_expression("attribute_not_exists(destination)")
        } else {
            update
                .condition_expression("#version = :before")
                .expression_attribute_values(":before", number(before))
        };
        match update.send().await {
            Ok(_) => Ok(Swapped::Written),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    // Without an item: somebody deleted it, and it begins anew.
                    failed.item().cloned().map_or(Ok(Swapped::Lost(Box::default())), found)
                }
                Some(_) | None => Err(store_error(error)),
            },
        }
    }
}

fn found(item: Item) -> Result<Swapped, StoreError> {
    let stored: Stored = decode("destinations", item)?;
    Ok(Swapped::Lost(Box::new(stored.control)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamo::item::encode;
    use delivery::{Ask, Breaker, Policy, Rate, Tally};
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn a_control_survives_storage_in_every_state() {
        let now = Timestamp::constant(1_790_000_000, 123_456_789);
        let policy = Policy {
            rate: Some(Rate { count: 3, per: SignedDuration::from_secs(1), at_once: None }),
            quota: Some(10),
            concurrency: Some(2),
            timeout: SignedDuration::from_secs(8),
            deadline: None,
            breaker: Breaker {
                failures: 2,
                share: 50,
                window: SignedDuration::from_mins(1),
                open: SignedDuration::from_secs(30),
            },
        };
        let ask = Ask { permits: 2, slots: 1, ..Ask::default() };
        let failed = Tally { successes: 1, failures: 2 };
        let granted = Control::default().grant(&policy, ask, now).unwrap().0;
        let open = granted.tallied(&policy, failed, now);
        let later = now + SignedDuration::from_mins(1);
        let probing = open.grant(&policy, ask, later).unwrap().0;
        for control in [Control::default(), granted, open, probing] {
            let item = encode("destinations", &control).unwrap();
            assert_eq!(decode::<Control>("destinations", item).unwrap(), control);
        }
    }
}
