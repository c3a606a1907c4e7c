//! Wires `error-reconciler` to its deployment.

use error_reconciler::{Deployed, ErrorReconciler, Queues};
use runtime::{Error, Host, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let host = Host::start()?;
    let queues = Queues {
        inbound: host.queue("QUEUE_INBOUND")?,
        matched: host.queue("QUEUE_MATCHED")?,
        tagged: host.queue("QUEUE_TAGGED")?,
        outbound: host.queue("QUEUE_OUTBOUND")?,
    };
    let (store, rules, alarms) = (host.store(), host.rules(), host.alarms()?);
    let (clock, deployed) = (SystemClock, Deployed::new(host.build()));
    host.serve_records(ErrorReconciler { store, queues, rules, alarms, clock, deployed }).await
}
