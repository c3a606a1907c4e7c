//! The `replay` commands: stored events, put through the pipeline once more.

mod dismissed;
mod drive;
mod dry;
mod parcels;
mod show;
mod way;

use crate::arguments::{ReplayCommand, RunCommand, WantedCommand};
use crate::clock;
use crate::config::in_force;
use crate::customer::find;
use crate::output::{Output, Verdict};
use crate::progress;
use crate::stack::Stack;
use crate::trouble::Trouble;
use dismissed::Dismissed;
use domain::{ReplayId, Step};
use drive::{Drive, driven_until};
use jiff::Timestamp;
use show::{Listed, Shown};
use state::dynamo::Store;
use state::{Plan, Run, RunState, Runs};
use way::QueueWay;

pub(crate) async fn run(
    command: ReplayCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let stack = Stack::find(stack).await?;
    let store = stack.store();
    match command.of {
        None => begin(command.wanted, &stack, &store, output).await,
        Some(RunCommand::List) => output.show(&Listed::new(store.runs().await?)),
        Some(RunCommand::Show { replay }) => {
            output.show(&Shown::new(known(&store, &replay).await?, None))
        }
        Some(RunCommand::Resume { replay }) => {
            let run = resumable(known(&store, &replay).await?, clock::now())?;
            drive(run, &stack, &store, output).await
        }
        Some(RunCommand::Cancel { replay }) => {
            let now = clock::now();
            let cancelled = RunState::Cancelled { at: now };
            let run = Run { state: cancelled, moved_at: now, ..known(&store, &replay).await? };
            if !store.move_run(&run).await? {
                return Err(over(&known(&store, &replay).await?));
            }
            output.show(&Shown::new(run, None))
        }
    }
}

async fn begin(
    wanted: WantedCommand,
    stack: &Stack,
    store: &Store,
    output: Output,
) -> Result<Verdict, Trouble> {
    let WantedCommand { since, until, source, customer, step, effects, rate, dry_run, by } = wanted;
    let now = clock::now();
    let (since, until) = (since.unwrap_or(now), until.unwrap_or(now).min(now));
    let decides = matches!(step, Step::IdentityMatch | Step::TagUpdate);
    if !decides && !effects {
        return Err(Trouble::Usage {
            what: format!("without effects, a replay from {step} on does nothing"),
            remedy: "Add --effects, or choose another --step".into(),
        });
    }
    if dry_run && step != Step::TagUpdate {
        return Err(Trouble::Usage {
            what: format!("a dry run tells of tag-update and what follows it, not of {step}"),
            remedy: "omnicord identity preview tells what another configuration matches".into(),
        });
    }
    let profiles = match &customer {
        None => None,
        Some(customer) => {
            let group = find(store, customer).await?.group;
            let mut ids: Vec<_> = group.profiles().map(|profile| profile.id.clone()).collect();
            ids.sort();
            Some(ids)
        }
    };
    let rate = rate.to_string();
    let plan = Plan { since, until, source, profiles, step, effects, rate };
    let rules = in_force(store).await?;
    let run = Run::begin(plan, &by, rules.version(), now);
    if dry_run {
        let reading = progress::counting("events read");
        let dismissed = Dismissed::read(store, &run.plan).await?;
        let foreseen = dry::foresee(store, &run, &dismissed, &reading).await?;
        reading.finish_and_clear();
        return output.show(&foreseen);
    }
    store.begin_run(&run).await?;
    drive(run, stack, store, output).await
}

async fn drive(run: Run, stack: &Stack, store: &Store, output: Output) -> Result<Verdict, Trouble> {
    let way = QueueWay::new(stack, &run.plan).await?;
    let status = progress::status();
    let driven = Drive::new(store, &way, &status)?.through(run).await?;
    status.finish_and_clear();
    let (run, ended) = driven;
    output.show(&Shown::new(run, Some(ended)))
}

async fn known(store: &impl Runs, id: &ReplayId) -> Result<Run, Trouble> {
    store.run(id).await?.ok_or_else(|| Trouble::Missing {
        what: format!("replay {id}"),
        remedy: "List them: omnicord replay list",
    })
}

/// A run that nobody drives: two terminals would send everything twice.
fn resumable(run: Run, now: Timestamp) -> Result<Run, Trouble> {
    match run.state {
        RunState::Done { .. } | RunState::Cancelled { .. } => Err(over(&run)),
        RunState::Open if driven_until(&run) > now => Err(Trouble::Refused {
            why: format!("replay {} moved on a moment ago: another terminal runs it", run.id),
            remedy: "If that terminal is gone, try again in a minute".into(),
        }),
        RunState::Open => Ok(run),
    }
}

fn over(run: &Run) -> Trouble {
    Trouble::Refused {
        why: format!("replay {} is over", run.id),
        remedy: "Begin another: omnicord replay --since …".into(),
    }
}

#[cfg(test)]
mod tests;
