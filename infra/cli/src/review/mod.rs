//! The `review` commands: what only a person can decide.

mod answer;
mod decide;
mod list;
mod show;
mod words;

use crate::arguments::{AcceptCommand, ReviewCommand};
use crate::clock;
use crate::config::in_force;
use crate::customer::Person;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;
use answer::{Answer, answer};
use domain::ReviewId;
use identity::Review;
use state::Journal;

pub(crate) async fn run(
    command: ReviewCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    match command {
        ReviewCommand::List { state } => output.show(&list::list(&store, state.as_str()).await?),
        ReviewCommand::Show { review } => {
            let rules = in_force(&store).await?;
            let review = read(&store, &review).await?;
            output.show(&show::show(&store, &rules, review).await?)
        }
        ReviewCommand::Accept(AcceptCommand { review, record, by }) => {
            let rules = in_force(&store).await?;
            let person = Person { by: &by.by, at: clock::now() };
            let accept = Answer::Accept { record };
            output.show(&answer(&store, &rules, &review, &accept, person).await?)
        }
        ReviewCommand::Reject { review, by } => {
            let rules = in_force(&store).await?;
            let person = Person { by: &by.by, at: clock::now() };
            output.show(&answer(&store, &rules, &review, &Answer::Reject, person).await?)
        }
    }
}

async fn read(store: &impl Journal, id: &ReviewId) -> Result<Review, Trouble> {
    let missing = || Trouble::Missing {
        what: format!("question {id}"),
        remedy: "List those that are open: omnicord review list",
    };
    store.review(id).await?.ok_or_else(missing)
}

#[cfg(test)]
mod tests;
