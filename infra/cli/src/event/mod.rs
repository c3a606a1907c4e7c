//! The `events` commands, `explain` and `trace`.

mod decision;
mod explain;
mod firings;
mod judged;
mod show;
mod trace;
mod words;

pub(crate) use decision::why;

use crate::arguments::ExplainCommand;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;
use domain::EventId;

pub(crate) async fn run(
    command: &ExplainCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    let explained = Box::pin(explain::explain(&store, &command.event, command.handles)).await?;
    output.show(&explained)
}

pub(crate) async fn trace(id: &EventId, stack: &str, output: Output) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    let failures = explain::failures_of(&store, id).await?;
    output.show(&trace::trace(&store, id, failures).await?)
}
