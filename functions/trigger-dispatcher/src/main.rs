//! Wires `trigger-dispatcher` to its deployment.

use runtime::{Error, Host, SystemClock};
use trigger_dispatcher::TriggerDispatcher;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let host = Host::start()?;
    let next = host.queue("QUEUE_NEXT")?;
    host.serve_queue(TriggerDispatcher::new(host.store(), next, host.rules(), SystemClock)).await
}
