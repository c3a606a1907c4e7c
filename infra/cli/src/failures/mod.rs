//! The `failures` commands.

mod backlog;
mod list;
mod retry;
mod show;

pub(crate) use backlog::{Backlog, Concern, concerned, going_back, send_back};
pub(crate) use list::rows;

use crate::arguments::FailuresCommand;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;
use domain::{Failure, FailureId};
use state::Failures;
use state::dynamo::Store;

pub(crate) async fn run(
    command: FailuresCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    match command {
        FailuresCommand::List { state, step, class } => {
            output.show(&list::list(&store, state, step, class).await?)
        }
        FailuresCommand::Show { failure, payload } => {
            output.show(&show::Shown::new(read(&store, &failure).await?, payload))
        }
        FailuresCommand::Retry(command) => output.show(&retry::retry(&store, command).await?),
    }
}

async fn read(store: &Store, id: &FailureId) -> Result<Failure, Trouble> {
    let missing = || Trouble::Missing {
        what: format!("failure {id}"),
        remedy: "List them: omnicord failures list",
    };
    store.failure(id).await?.ok_or_else(missing)
}
