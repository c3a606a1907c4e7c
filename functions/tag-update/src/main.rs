//! Wires `tag-update` to its deployment.

use runtime::{Error, Host};
use tag_update::TagUpdate;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let host = Host::start()?;
    let step = TagUpdate::new(host.store(), host.queue("QUEUE_NEXT")?, host.rules());
    host.serve_queue(step).await
}
