//! The story of a customer, told on the local stack with webhooks that others' code signed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected ends the demo"
)]

mod story;
mod telling;

use support::Stack;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stack = Stack::running();
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/local/omnicord.yaml");
    let applied = stack.cli.run(&["config", "apply", config]);
    let words = String::from_utf8_lossy(&applied.stderr);
    assert!(applied.status.success(), "{words}");
    for chapter in story::chapters(&stack) {
        telling::tell(&stack, &chapter).await;
    }
    telling::conclude(&stack).await;
}
