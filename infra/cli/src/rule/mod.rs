//! The `rules` commands: rules tried on what happened, and watched at work.

mod checked;
mod compare;
mod history;
mod replay;
mod show;
mod watch;

use crate::arguments::{RulesCommand, TestCommand};
use crate::clock;
use crate::config::{check, in_force};
use crate::customer::find;
use crate::output::{Output, Verdict, View};
use crate::progress;
use crate::stack::Stack;
use crate::trouble::Trouble;
use compare::Comparison;
use domain::CustomerId;
use history::History;
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use replay::replay;
use rules::RuleSet;
use show::Tested;
use state::{Customers, Histories};

pub(crate) async fn run(
    command: RulesCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    match command {
        RulesCommand::Test(command) => Box::pin(test(command, stack, output)).await,
        RulesCommand::Watch(command) => {
            let store = Stack::find(stack).await?.store();
            watch::run(&store, &command, output).await
        }
    }
}

async fn test(command: TestCommand, stack: &str, output: Output) -> Result<Verdict, Trouble> {
    let TestCommand { file, since, customer } = command;
    let (text, checked) = check(&file)?;
    if checked.verdict() == Verdict::Finding {
        return output.show(&checked);
    }
    let store = Stack::find(stack).await?.store();
    let today = in_force(&store).await?;
    let Ok(new) = RuleSet::load(&text, today.version() + 1) else { return output.show(&checked) };
    let from = clock::now().checked_sub(SignedDuration::from(since)).unwrap_or(Timestamp::MIN);
    let reading = progress::counting("profiles found");
    let customers = if let Some(customer) = customer {
        vec![find(&store, &customer).await?.group.id().clone()]
    } else {
        history::customers(&store, &reading).await?
    };
    reading.finish_and_clear();
    let replaying = progress::bar(customers.len(), "customers replayed");
    let comparison = compare(&store, [&today, &new], &customers, from, &replaying).await?;
    replaying.finish_and_clear();
    output.show(&Tested::new(&comparison, today.version(), from))
}

/// Puts customers' histories through two configurations, one customer at a time.
async fn compare(
    store: &(impl Customers + Histories),
    [today, new]: [&RuleSet; 2],
    customers: &[CustomerId],
    from: Timestamp,
    progress: &ProgressBar,
) -> Result<Comparison, Trouble> {
    let mut comparison = Comparison::between(today, new);
    for customer in customers {
        if let Some(history) = History::read(store, customer).await? {
            let [today, new] = [today, new].map(|rules| replay(rules, &history, from));
            comparison.add(history.group.id(), &today, &new);
        }
        progress.inc(1);
    }
    Ok(comparison)
}

#[cfg(test)]
mod tests;
