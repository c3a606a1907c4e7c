//! Wires `webhook-receiver` to its deployment.

use runtime::{Error, Host, SystemClock};
use webhook_receiver::{Limits, WebhookReceiver};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let host = Host::start()?;
    let receiver = WebhookReceiver {
        store: host.store(),
        limits: Limits::default(),
        secrets: host.secrets(),
        alarms: host.alarms()?,
        next: host.queue("QUEUE_NEXT")?,
        rules: host.rules(),
        clock: SystemClock,
    };
    host.serve_http(receiver).await
}
