//! What can be asked about rules at work.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(crate) enum RulesCommand {
    /// Show what a new configuration would have set off, beside what today's would have
    ///
    /// Every stored event of each customer is put through both configurations in memory, in the
    /// order in which it happened: facts and tags are computed anew, and each configuration
    /// remembers its own earlier firings, so that caps and cooldowns count. Handles and merges are
    /// today's, and each event is decided on when it was received. Nothing is written or sent.
    /// Validation rules look at events as they are stored, repaired perhaps; what they find is told
    /// as `RULE: parked`, `RULE: put right` and `RULE: flagged`.
    ///
    /// It reads the history of every customer, one customer at a time: time and read capacity grow
    /// with the number of stored events.
    Test(TestCommand),
    /// Follow decisions as they are made, until ctrl-c
    ///
    /// With --customer, a look costs what that customer's events of the last day weigh. Without, no
    /// index leads to what is new: each look reads the whole ledger (a read unit for every 8 kB of
    /// it), and says what it cost so far.
    Watch(WatchCommand),
}

#[derive(Args, Debug)]
pub(crate) struct TestCommand {
    /// The new configuration, such as omnicord.yaml
    pub(crate) file: PathBuf,
    /// How far back decisions are compared; what came before counts for facts and tags alone
    #[arg(long, default_value = "30d", value_name = "30d")]
    pub(crate) since: rules::Duration,
    /// One customer alone, as in customer show
    #[arg(long)]
    pub(crate) customer: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct WatchCommand {
    /// Only this rule
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// Only this customer, as in customer show
    #[arg(long)]
    pub(crate) customer: Option<String>,
    /// How long to wait between two looks
    #[arg(long, default_value = "5s", value_name = "5s")]
    pub(crate) every: rules::Duration,
}
