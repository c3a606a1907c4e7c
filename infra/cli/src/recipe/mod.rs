//! The `recipe` commands: tested blocks of configuration, by name.

mod add;
mod list;
mod manual;
mod show;

use crate::arguments::RecipeCommand;
use crate::output::{Output, Verdict};
use crate::trouble::Trouble;
use rules::{CannotAdd, Recipe};

pub(crate) fn run(command: RecipeCommand, output: Output) -> Result<Verdict, Trouble> {
    match command {
        RecipeCommand::List => output.show(&list::List::all()),
        RecipeCommand::Show { name } => output.show(&show::Shown::new(named(&name)?)),
        RecipeCommand::Manual => output.show(&manual::Manual),
        RecipeCommand::Add(command) => add::add(command, output),
    }
}

fn named(name: &str) -> Result<&'static Recipe, Trouble> {
    Recipe::named(name).map_err(|error| refused(&error))
}

/// What to do where a recipe cannot be added.
fn refused(error: &CannotAdd) -> Trouble {
    let remedy = match error {
        CannotAdd::Unknown { .. } => "List them: omnicord recipe list",
        CannotAdd::NoSetting { .. } | CannotAdd::Unfitting { .. } => {
            "What it leaves to choose: omnicord recipe show NAME"
        }
        CannotAdd::Inline { .. } => "Nothing was written: reformat that setting, then try again",
        CannotAdd::Broken(_) | CannotAdd::Unfit(_) => "See them: omnicord config check FILE",
    };
    Trouble::Refused { why: error.to_string(), remedy: remedy.into() }
}
