//! The secret's text form in Standard Webhooks.

use crate::{Rejection, Secret, authenticity::hmac_key};

/// The keys that may have signed: the current one and, while it is rotated, the previous one.
pub(super) fn keys(secret: &Secret) -> Result<Vec<Vec<u8>>, Rejection> {
    let decoded = |text, field| hmac_key(text).ok_or(Rejection::SecretMalformed { field });
    let mut keys = vec![decoded(secret.field("secret")?, "secret")?];
    if let Some(previous) = secret.optional("previous") {
        keys.push(decoded(previous, "previous")?);
    }
    Ok(keys)
}
