//! The rules by which a replay goes.

use crate::StepFailure;
use domain::Replay;
use jiff::{SignedDuration, Timestamp};
use rules::RuleSet;

/// For how long after a run began a function may follow other rules than the run does: longer than
/// it takes to pick a version up.
const CATCHING_UP: SignedDuration = SignedDuration::from_secs(60);

/// How long the queue keeps the message before the function looks again.
const PAUSE: SignedDuration = SignedDuration::from_secs(20);

/// Puts a replayed message off while this function has yet to pick up the rules that were in force
/// as the run began. Where others are in force by now, those count.
pub fn in_step(rules: &RuleSet, replay: &Replay, now: Timestamp) -> Result<(), StepFailure> {
    let age = now.duration_since(replay.begun_at);
    if rules.version() == replay.config_version || age >= CATCHING_UP {
        return Ok(());
    }
    let why = "this function does not follow the replay's rules yet";
    Err(StepFailure::retry_after(Some(PAUSE), "rules_outdated", why))
}
