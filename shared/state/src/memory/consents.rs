//! Consent in memory.

use super::Store;
use crate::{Consents, StoreError};
use domain::{Consent, ConsentId, ConsentTold};

impl Consents for Store {
    async fn tell_consent(&self, told: &ConsentTold) -> Result<bool, StoreError> {
        self.write(|contents| {
            let kept = contents.consents.entry(told.of.clone());
            let kept = kept.or_insert_with(|| told.consent.clone());
            *kept = kept.clone().newer(told.consent.clone());
            *kept == told.consent
        })
    }

    async fn consent(&self, of: &ConsentId) -> Result<Option<Consent>, StoreError> {
        Ok(self.read().consents.get(of).cloned())
    }
}
