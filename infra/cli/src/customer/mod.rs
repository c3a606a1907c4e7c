//! The `customer` commands.

mod find;
mod list;
mod show;

use crate::arguments::CustomerCommand;
use crate::output::{Output, Verdict};
use crate::stack::Stack;
use crate::trouble::Trouble;

pub(crate) async fn run(
    command: CustomerCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let store = Stack::find(stack).await?.store();
    match command {
        CustomerCommand::Show { customer, entries } => {
            let customer = find::find(&store, &customer).await?;
            let history = store.history(&customer.id, entries).await?;
            output.show(&show::Shown::new(customer, history))
        }
        CustomerCommand::List { most } => {
            output.show(&list::Listed { customers: store.some_customers(most).await? })
        }
    }
}
