//! What can be asked about recipes.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(crate) enum RecipeCommand {
    /// List the recipes, with what each needs
    List,
    /// Show one recipe: what it does, what can be chosen, its block
    Show {
        /// Its name
        name: String,
    },
    /// Write a recipe into a configuration file, which else stays as it is byte for byte
    Add(AddCommand),
    /// Print docs/recipes.md
    #[command(hide = true)]
    Manual,
}

#[derive(Args, Debug)]
pub(crate) struct AddCommand {
    /// Its name
    pub(crate) name: String,
    /// The file
    #[arg(long, default_value = "omnicord.yaml")]
    pub(crate) file: PathBuf,
    /// Choose another value than the recipe's, as recipe show lists them
    #[arg(long, value_parser = key_and_value, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<(String, String)>,
    /// Show the change without writing it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn key_and_value(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
