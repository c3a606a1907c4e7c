//! Hints in memory.

use super::Store;
use crate::{Hint, HintList, Hints, StoreError};
use domain::CustomerId;
use jiff::Timestamp;

impl Hints for Store {
    async fn leave_hint(
        &self,
        profile: &CustomerId,
        hint: &Hint,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|contents| {
            let list = contents.hints.entry(profile.clone()).or_default();
            *list = std::mem::take(list).with(hint.clone(), now);
        })
    }

    async fn hints(&self, profile: &CustomerId) -> Result<HintList, StoreError> {
        Ok(self.read().hints.get(profile).cloned().unwrap_or_default())
    }
}
