//! The `events` commands.

mod explain;
mod show;

use crate::arguments::EventsCommand;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;

pub(crate) async fn run(
    command: EventsCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    match command {
        EventsCommand::Show { event } => output.show(&explain::explain(&store, event).await?),
    }
}
