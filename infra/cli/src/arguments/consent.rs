//! What can be asked, and said, of consent.

use super::By;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use domain::Medium;

#[derive(Subcommand, Debug)]
pub(crate) enum ConsentCommand {
    /// Show whether a handle may be written to, by which channels
    Show {
        /// A phone number, an e-mail address, or kind:scope:value, such as account:push:arn:…
        handle: String,
    },
    /// Note what a customer told a person: it counts from now on, until something newer is told
    Set(SetConsentCommand),
}

#[derive(Args, Debug)]
pub(crate) struct SetConsentCommand {
    /// The handle, as in consent show
    pub(crate) handle: String,
    /// For which messages; if left out, for all that reach the handle
    #[arg(long, value_parser = medium())]
    pub(crate) channel: Option<Medium>,
    /// The customer agrees
    #[arg(long, required_unless_present = "withdrawn")]
    pub(crate) given: bool,
    /// The customer objects
    #[arg(long, conflicts_with = "given")]
    pub(crate) withdrawn: bool,
    #[command(flatten)]
    pub(crate) by: By,
}

fn medium() -> impl TypedValueParser<Value = Medium> {
    PossibleValuesParser::new(Medium::ALL.map(Medium::as_str)).try_map(|name| {
        let found = Medium::ALL.into_iter().find(|medium| medium.as_str() == name);
        found.ok_or("no channel of this name")
    })
}
