//! Consent in DynamoDB: one item for each handle and medium.

use super::Store;
use super::item::{decode, encode, text};
use super::request::{is_refused, store_error};
use crate::{Consents, StoreError};
use domain::{Consent, ConsentId, ConsentTold};

impl Consents for Store {
    async fn tell_consent(&self, told: &ConsentTold) -> Result<bool, StoreError> {
        let mut item = encode("consents", &told.consent)?;
        item.insert("consent".into(), text(told.of.as_str()));
        item.insert("rank".into(), text(told.consent.rank()));
        let put = self
            .client
            .put_item()
            .table_name(self.consents()?)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(consent) OR #rank <= :rank")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":rank", text(told.consent.rank()));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn consent(&self, of: &ConsentId) -> Result<Option<Consent>, StoreError> {
        let read = self
            .client
            .get_item()
            .table_name(self.consents()?)
            .key("consent", text(of.as_str()))
            // Who has just said no must not be written to.
            .consistent_read(true)
            .send()
            .await
            .map_err(store_error)?;
        read.item.map(|item| decode("consents", item)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ConsentBy, EventId};
    use jiff::Timestamp;

    #[test]
    fn a_consent_survives_storage_whoever_told_it() {
        let event = ConsentBy::Event(EventId::new("shop", "1"));
        for by in [event, ConsentBy::Person("anna".into())] {
            let at = Timestamp::constant(1_790_000_000, 123_456_789);
            let consent = Consent { at, by, withdrawn: true };
            let item = encode("consents", &consent).unwrap();
            assert_eq!(decode::<Consent>("consents", item).unwrap(), consent);
        }
    }
}
