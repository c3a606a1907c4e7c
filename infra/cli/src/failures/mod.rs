//! The `failures` commands.

mod backlog;
mod dismiss;
mod list;
mod outlook;
mod retry;
#[cfg(test)]
pub(crate) mod sample;
mod show;

pub(crate) use backlog::{Backlog, Concern, concerned, going_back, send_back};
pub(crate) use list::rows;

use crate::arguments::FailuresCommand;
use crate::clock;
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
        FailuresCommand::List(which) => output.show(&list::list(&store, &which).await?),
        FailuresCommand::Show { failure, payload } => {
            let failure = read(&store, &failure).await?;
            let outlook = outlook::outlook(&store, &failure).await?;
            output.show(&show::Shown::new(failure, outlook, payload))
        }
        FailuresCommand::Dismiss { failure, because } => {
            let failure = read(&store, &failure).await?;
            output.show(&dismiss::dismiss(&store, failure, because, clock::now()).await?)
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
