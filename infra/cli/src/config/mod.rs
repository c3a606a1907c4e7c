//! The `config` commands: one document, in versions.

mod apply;
mod check;
mod history;
mod in_force;
mod preview;

pub(crate) use check::{Checked, check};
pub(crate) use in_force::{in_force, of_version};

use crate::arguments::ConfigCommand;
use crate::clock;
use crate::output::{Output, Verdict, View};
use crate::page::Page;
use crate::stack::Stack;
use crate::trouble::Trouble;
use serde::Serialize;
use serde_json::Value;

pub(crate) async fn run(
    command: ConfigCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    match command {
        ConfigCommand::Check { file } => output.show(&check(&file)?.1),
        ConfigCommand::Preview { trigger, event } => {
            let store = Stack::find(stack).await?.store();
            let rules = in_force(&store).await?;
            output.show(&preview::preview(&store, &rules, &trigger, event, clock::now()).await?)
        }
        ConfigCommand::Schema => output.show(&Schema(rules::schema())),
        ConfigCommand::Apply { file, by } => {
            let (text, checked) = check(&file)?;
            if checked.verdict() == Verdict::Finding {
                return output.show(&checked);
            }
            let store = Stack::find(stack).await?.store();
            output.show(&apply::apply(&store, &text, &by).await?)
        }
        ConfigCommand::Rollback { version } => {
            let store = Stack::find(stack).await?.store();
            output.show(&apply::rollback(&store, version).await?)
        }
        ConfigCommand::History { most } => {
            let store = Stack::find(stack).await?.store();
            output.show(&history::history(&store, most).await?)
        }
        ConfigCommand::Show { version } => {
            let store = Stack::find(stack).await?.store();
            output.show(&history::show(&store, version).await?)
        }
    }
}

/// The JSON Schema: JSON for everybody.
#[derive(Serialize)]
struct Schema(Value);

impl View for Schema {
    fn text(&self, _: &Page) -> String {
        format!("{:#}", self.0)
    }
}
