//! The `customer` commands.

mod dossier;
mod erase;
mod export;
mod extract;
mod find;
mod glance;
mod list;
mod merge;
mod profiles;
#[cfg(test)]
pub(crate) mod sample;
mod show;

pub(crate) use find::{find, key as handle_key};
pub(crate) use glance::{Glance, Histories, count, glances};
pub(crate) use merge::{FOR_WANT_OF_A_RECORD, Person, joined};

use crate::arguments::{CustomerCommand, EraseCommand, ExtractCommand};
use crate::clock;
use crate::config::in_force;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;
use state::dynamo::Store;
use std::collections::BTreeSet;

pub(crate) async fn run(
    command: CustomerCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    match command {
        CustomerCommand::Show { customer, entries } => {
            let group = find::find(&store, &customer).await?.group;
            output.show(&show::show(&store, group, entries).await?)
        }
        CustomerCommand::List { most } => {
            output.show(&list::Listed { customers: store.some_customers(most).await? })
        }
        CustomerCommand::Merge { one, other, by, yes } => {
            let rules = in_force(&store).await?;
            let pair = [&find::find(&store, &one).await?, &find::find(&store, &other).await?];
            let person = Person { by: &by.by, at: clock::now() };
            let done = merge::merge(&store, &rules, pair, person, yes).await?;
            let counts = count(&store, &done.decided.scene.groups).await?;
            output.show(&merge::Outcome::new(&done, &rules, &counts, yes))
        }
        CustomerCommand::Unmerge { merge, by, yes } => {
            let rules = in_force(&store).await?;
            let person = Person { by: &by.by, at: clock::now() };
            let done = merge::unmerge(&store, &merge, person, yes).await?;
            let counts = count(&store, &done.decided.scene.groups).await?;
            output.show(&merge::Outcome::new(&done, &rules, &counts, yes))
        }
        CustomerCommand::Extract(command) => output.show(&run_extract(&store, command).await?),
        CustomerCommand::Export { customer } => {
            let named = dossier::Named::read(&store, &customer).await?;
            output.show(&export::export(&store, &named, clock::now()).await?)
        }
        CustomerCommand::Erase(EraseCommand { customer, by, yes }) => {
            let named = dossier::Named::read(&store, &customer).await?;
            let person = Person { by: &by.by, at: clock::now() };
            output.show(&if yes {
                erase::erase(&store, &named, person).await?
            } else {
                erase::propose(&store, &named, person.at).await?
            })
        }
    }
}

async fn run_extract(store: &Store, command: ExtractCommand) -> Result<extract::Outcome, Trouble> {
    let rules = in_force(store).await?;
    let found = find::find(store, &command.customer).await?;
    let mut handles = BTreeSet::new();
    for text in &command.handles {
        handles.insert(find::key(store, text).await?);
    }
    let person = Person { by: &command.by.by, at: clock::now() };
    if command.yes {
        extract::extract(store, &found, &handles, &rules, person).await
    } else {
        extract::propose(store, &found, &handles, person).await
    }
}
