//! Lines in DynamoDB: one item each, in the table of the failures that stand in them.

use super::Store;
use super::item::{Item, attribute, decode, encode, text};
use super::request::store_error;
use crate::{Lines, StoreError};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::{Line, LineId};
use std::collections::HashMap;

/// The part of the key that tells it from a failure.
const LINE: &str = "line";

/// Nobody has come or gone since it was read.
const UNCHANGED: &str = "places = :read";

impl Lines for Store {
    async fn line(&self, id: &LineId) -> Result<Line, StoreError> {
        let get = self.client.get_item().table_name(self.failures()?).set_key(Some(key(id)));
        let answer = get.consistent_read(true).send().await.map_err(store_error)?;
        answer.item.map_or_else(|| Ok(Line::default()), |item| decode("failures", item))
    }

    async fn replace_line(
        &self,
        id: &LineId,
        read: &Line,
        after: &Line,
    ) -> Result<bool, StoreError> {
        let before = attribute("failures", read.places())?;
        if after.is_empty() {
            let delete = self
                .client
                .delete_item()
                .table_name(self.failures()?)
                .set_key(Some(key(id)))
                .condition_expression(UNCHANGED)
                .expression_attribute_values(":read", before);
            return written(delete.send().await);
        }
        let mut item = encode("failures", after)?;
        item.extend(key(id));
        let put = self.client.put_item().table_name(self.failures()?).set_item(Some(item));
        let put = if read.is_empty() {
            put.condition_expression("attribute_not_exists(failure)")
        } else {
            put.condition_expression(UNCHANGED).expression_attribute_values(":read", before)
        };
        written(put.send().await)
    }
}

fn key(id: &LineId) -> Item {
    HashMap::from([("failure".into(), text(id.as_str())), ("part".into(), text(LINE))])
}

fn written<T, E>(answer: Result<T, SdkError<E>>) -> Result<bool, StoreError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match answer {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
        Err(error) => Err(store_error(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::AttributeValue;
    use domain::{FailureId, Step};
    use jiff::Timestamp;

    #[test]
    fn a_line_is_read_back_as_it_was_written() {
        let line =
            Line::default().joined(&FailureId::new("tag-update", "1"), Timestamp::UNIX_EPOCH);
        let mut item = encode("failures", &line).unwrap();
        item.extend(key(&LineId::new(Step::TagUpdate, "group")));
        assert!(matches!(item.get("places"), Some(AttributeValue::L(places)) if places.len() == 1));
        assert_eq!(decode::<Line>("failures", item).unwrap(), line);
    }
}
