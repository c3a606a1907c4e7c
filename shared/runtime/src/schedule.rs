//! What a schedule alone starts.

use jiff::Timestamp;

/// Whatever is called now and then, and finds out by itself what is to be done.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Scheduled {
    /// Does what is due. At the `deadline` the platform ends the invocation; what is not done by then
    /// is left to the next call.
    async fn tick(&self, deadline: Timestamp);
}
