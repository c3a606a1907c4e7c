//! Wires `outbound-delivery` to its deployment.

use outbound_delivery::{Destinations, OutboundDelivery};
use runtime::{Error, Host, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let host = Host::start()?;
    let destinations = Destinations::new(host.store(), host.secrets(), host.sms(), host.email())?;
    let step = OutboundDelivery::new(host.store(), destinations, host.rules(), SystemClock);
    host.serve_queue(step).await
}
