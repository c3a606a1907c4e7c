//! The `audit` command: `accepted = applied + parked + in flight`, proved from the state.

mod balance;
mod batches;
mod evidence;
mod look;
mod show;

use crate::arguments::AuditCommand;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;
use jiff::SignedDuration;

pub(crate) async fn run(
    command: &AuditCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let stack = Stack::find(stack).await?;
    let (store, queues) = (stack.store(), stack.queues().await?);
    let grace = SignedDuration::from_secs(command.grace.into());
    output.show(&look::audit(&store, &queues, grace).await?)
}
