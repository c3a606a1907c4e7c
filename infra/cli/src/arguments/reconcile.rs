//! What can be asked of the comparison with what the sources should have told.

use clap::{Args, Subcommand};

#[derive(Subcommand, Debug)]
pub(crate) enum ReconcileCommand {
    /// Show how far each source was compared, and what was found in the last day
    ///
    /// Exit code 1 where something was left.
    Status,
    /// Compare now, and put in what did not arrive
    ///
    /// Exit code 1 where something is left, or where a sweep of a source is under way already.
    Run(SweepCommand),
}

#[derive(Args, Debug)]
pub(crate) struct SweepCommand {
    /// Only this source; all that `reconcile` names, if left out
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// What happened since so long ago, such as 7d; since the last comparison, if left out
    #[arg(long)]
    pub(crate) since: Option<rules::Duration>,
    /// Only count what did not arrive
    #[arg(long)]
    pub(crate) dry_run: bool,
}
