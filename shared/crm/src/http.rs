//! The HTTP client that connectors share.

use crate::CrmError;
use reqwest::{Client, redirect::Policy};
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(2);
const TOTAL: Duration = Duration::from_secs(8);

/// A client with the bounds that every call to a CRM keeps: 2 s to connect, 8 s in all.
///
/// It follows no redirect: the secret would follow too. Build it once, its connections are kept.
///
/// # Errors
/// [`CrmError::Misconfigured`] where the system's certificates cannot be read.
pub fn http() -> Result<Client, CrmError> {
    // Whoever came first has installed the same provider.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .redirect(Policy::none())
        .build()
        .map_err(|_| CrmError::Misconfigured("the system's certificates cannot be read"))
}
