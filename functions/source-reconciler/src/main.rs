//! Wires `source-reconciler` to its deployment.

use runtime::{Error, Host, SystemClock};
use source_reconciler::{Senders, SourceReconciler};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let host = Host::start()?;
    let reconciler = SourceReconciler {
        store: host.store(),
        origins: Senders::new(host.secrets())?,
        inbound: host.queue("QUEUE_INBOUND")?,
        rules: host.rules(),
        clock: SystemClock,
    };
    host.serve_schedule(reconciler).await
}
