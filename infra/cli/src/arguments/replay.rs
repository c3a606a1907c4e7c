//! What can be asked about replays.

use super::step_of;
use crate::clock;
use clap::{Args, Subcommand};
use domain::{ReplayId, Step};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rules::{Duration, Rate};

/// The steps at which stored events can enter the pipeline again.
pub(super) const ENTRIES: [Step; 4] =
    [Step::IdentityMatch, Step::TagUpdate, Step::TriggerDispatcher, Step::OutboundDelivery];

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ReplayCommand {
    #[command(subcommand)]
    pub(crate) of: Option<RunCommand>,
    #[command(flatten)]
    pub(crate) wanted: WantedCommand,
}

#[derive(Args, Debug)]
pub(crate) struct WantedCommand {
    /// Events that were received at this time or later: 2026-11-20T10:00:00Z, 2026-11-20, or how
    /// long ago, as 2h
    #[arg(long, required = true, value_parser = instant, value_name = "TIME")]
    pub(crate) since: Option<Timestamp>,
    /// Events that were received before this time; if left out, before now
    #[arg(long, value_parser = instant, value_name = "TIME")]
    pub(crate) until: Option<Timestamp>,
    /// Only events of this source
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// Only events of this customer, as in customer show
    #[arg(long)]
    pub(crate) customer: Option<String>,
    /// Where the events enter the pipeline
    #[arg(long, value_parser = step_of(&ENTRIES), default_value = "tag-update")]
    pub(crate) step: Step,
    /// Send what the rules in force decide and nobody decided before
    #[arg(long)]
    pub(crate) effects: bool,
    /// How many go in at most
    #[arg(long, default_value = "50/s", value_name = "50/s")]
    pub(crate) rate: Rate,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Who asks for it
    #[arg(long, env = "USER", default_value = "unknown", hide = true)]
    pub(crate) by: String,
}

#[derive(Subcommand, Debug)]
pub(crate) enum RunCommand {
    /// List the replays, the newest first
    List,
    /// Show one replay
    Show {
        /// Its id, rpl_…
        #[arg(value_parser = replay_id)]
        replay: ReplayId,
    },
    /// Go on with a replay that was interrupted
    ///
    /// The last page may be sent a second time, which changes nothing. A replay that another
    /// terminal runs is refused.
    Resume {
        /// Its id, rpl_…
        #[arg(value_parser = replay_id)]
        replay: ReplayId,
    },
    /// End a replay, wherever it runs, before its next batch
    Cancel {
        /// Its id, rpl_…
        #[arg(value_parser = replay_id)]
        replay: ReplayId,
    },
}

fn replay_id(text: &str) -> Result<ReplayId, &'static str> {
    super::prefixed(text, "rpl_").map(ReplayId::from_stored).ok_or("a replay's id begins with rpl_")
}

/// A time as people write it.
pub(super) fn instant(text: &str) -> Result<Timestamp, &'static str> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Ok(day) = text.parse::<Date>()
        && let Ok(begins) = day.to_zoned(TimeZone::UTC)
    {
        return Ok(begins.timestamp());
    }
    let ago = text.parse::<Duration>().ok();
    ago.and_then(|ago| clock::now().checked_sub(SignedDuration::from(ago)).ok())
        .ok_or("write 2026-11-20T10:00:00Z, 2026-11-20 (UTC), or how long ago, as 2h")
}
