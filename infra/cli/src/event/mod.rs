//! The `events` commands, and `explain`.

mod decision;
mod explain;
mod show;

pub(crate) use decision::why;

use crate::arguments::ExplainCommand;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;

pub(crate) async fn run(
    command: &ExplainCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    output.show(&explain::explain(&store, &command.event, command.handles).await?)
}
