//! Wires `identity-match` to its deployment.

use identity_match::{CrmDirectory, IdentityMatch};
use runtime::{Error, Host, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let host = Host::start()?;
    let directory = CrmDirectory::new(host.secrets(), host.store(), SystemClock)?;
    let (next, rules) = (host.queue("QUEUE_NEXT")?, host.rules());
    let step = IdentityMatch::new(host.store(), directory, next, rules, SystemClock);
    host.serve_queue(step).await
}
