//! What can be asked about the identity graph, and about what it holds of one person.

use super::By;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(crate) enum IdentityCommand {
    /// Show what a new configuration would make of today's customers, before it is applied
    ///
    /// Every stored event is matched twice in memory, by the configuration in force and by the new
    /// one, with what people decided in between; nothing is written and the CRM is not asked. It
    /// reads the whole timeline: time and read capacity grow with the number of stored events.
    ///
    /// Exit code 0 where every customer stays as it is, 1 where one does not.
    Preview(PreviewCommand),
}

#[derive(Args, Debug)]
pub(crate) struct PreviewCommand {
    /// The new configuration, such as omnicord.yaml
    pub(crate) file: PathBuf,
    /// Show the handles as well, not their kinds alone; they are personal data
    #[arg(long)]
    pub(crate) handles: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExtractCommand {
    /// The customer, as in customer show
    pub(crate) customer: String,
    /// The handles: phone numbers, e-mail addresses, or kind:scope:value
    #[arg(required = true, value_name = "HANDLE")]
    pub(crate) handles: Vec<String>,
    #[command(flatten)]
    pub(crate) by: By,
    /// Write it
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct EraseCommand {
    /// The customer, as in customer show
    #[arg(value_name = "CUSTOMER|HANDLE")]
    pub(crate) customer: String,
    #[command(flatten)]
    pub(crate) by: By,
    /// Erase; it cannot be undone
    #[arg(long)]
    pub(crate) yes: bool,
}
