//! Wires `tag-update` to its deployment.

use runtime::{Error, Host, SystemClock};
use tag_update::TagUpdate;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let host = Host::start()?;
    let (next, timers) = (host.queue("QUEUE_NEXT")?, host.timers()?);
    let step = TagUpdate::new(host.store(), next, timers, host.rules(), SystemClock);
    host.serve_queue(step).await
}
