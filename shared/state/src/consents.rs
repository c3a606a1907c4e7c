//! Who wants to be written to.

use crate::StoreError;
use domain::{Consent, ConsentId, ConsentTold};

/// What customers said of being written to. It is kept by derived ids, which name no handle.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Consents {
    /// Keeps what was told, unless a newer word stands. Returns whether it counts now; told again,
    /// it does.
    async fn tell_consent(&self, told: &ConsentTold) -> Result<bool, StoreError>;

    /// Reads the word that counts, if there is one.
    async fn consent(&self, of: &ConsentId) -> Result<Option<Consent>, StoreError>;
}
