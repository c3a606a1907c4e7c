//! The `audit` command: `accepted = applied + parked + in flight`, proved from the state.

mod balance;
mod batches;
mod evidence;
mod look;
mod returned;
mod show;

use crate::arguments::AuditCommand;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;
use jiff::{SignedDuration, Timestamp};
use look::Scope;

pub(crate) async fn run(
    command: &AuditCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let stack = Stack::find(stack).await?;
    let (store, queues) = (stack.store(), stack.queues().await?);
    let since = command.since.unwrap_or(Timestamp::MIN);
    let scope = Scope {
        grace: SignedDuration::from_secs(command.grace.into()),
        time: since..command.until.unwrap_or(Timestamp::MAX),
        every_hour: command.hours,
    };
    output.show(&look::audit(&store, &queues, &scope).await?)
}
