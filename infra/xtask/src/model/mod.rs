//! The pipeline's steps over memory, through as many seeds of trouble as one has time for.

mod counts;
mod report;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde::Deserialize;
use serde_json::Value;

use crate::error::Trouble;
use crate::program;
use crate::progress::{Progress, Step};
use crate::project::Project;
use counts::Counts;

/// The test that tries seeds.
const SEEDS: &str = "seeds::every_seed_leaves_nothing_lost_doubled_or_out_of_order";
/// The test that tries every place.
const EVERYWHERE: &str =
    "everywhere::a_crash_at_any_place_and_a_second_worker_at_any_other_change_nothing";

/// Which seeds.
#[derive(Clone, Copy)]
pub(crate) struct Seeds {
    pub(crate) from: u64,
    pub(crate) count: u64,
}

/// What the model prints.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    /// A seed that shows something wrong.
    Violation { seed: u64, wrong: Vec<String> },
    /// All that this process has tried so far.
    Counts { counts: Counts },
    /// How many places of how many kinds were tried.
    Places { place: String, tried: [u64; 3] },
}

/// Tries the seeds on every processor.
pub(crate) fn run(project: &Project, progress: &Progress, seeds: Seeds) -> Result<(), Trouble> {
    let step = progress.step("building the model");
    let model = build(project, &step)?;
    step.done();
    if seeds.count > 1 {
        everywhere(&model, progress)?;
    }
    let workers = thread::available_parallelism().map_or(1, |many| many.get() as u64);
    let workers = workers.min(seeds.count).max(1);
    let step = progress.step(format!("trying {} seeds", seeds.count));
    let found = Mutex::new(vec![Counts::default(); usize::try_from(workers).unwrap_or(1)]);
    thread::scope(|scope| {
        let (model, step, found) = (&model, &step, &found);
        let one = |number| {
            scope.spawn(move || share(model, progress, step, seeds, (number, workers), found))
        };
        let all: Vec<_> = (0..workers).map(one).collect();
        all.into_iter().try_for_each(|share| share.join().unwrap_or(Ok(())))
    })?;
    let all = Counts::sum(&found.into_inner().unwrap_or_else(PoisonError::into_inner));
    step.done();
    report::print(progress, &all);
    report::keep(project, &all)?;
    match (all.wrong, seeds.count.checked_sub(all.seeds)) {
        (0, Some(0)) => Ok(()),
        (seeds, _) => Err(Trouble::Violated { seeds }),
    }
}

/// With what the model needs optimised, and nothing else.
fn build(project: &Project, step: &Step<'_>) -> Result<PathBuf, Trouble> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--profile", "model", "--package", "tests", "--test", "model"]);
    cargo.args(["--no-run", "--message-format", "json-render-diagnostics"]);
    let printed = program::run(project, step, "model-build", &mut cargo)?;
    let artifacts = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let model = artifacts
        .filter(|artifact| artifact.pointer("/target/name").is_some_and(|name| name == "model"))
        .find_map(|artifact| artifact.get("executable")?.as_str().map(PathBuf::from));
    model.ok_or(Trouble::Silent { program: "cargo test --no-run".to_owned() })
}

fn start(model: &PathBuf, test: &str, seeds: &str) -> Result<Child, Trouble> {
    let mut command = Command::new(model);
    command.args(["--exact", test, "--nocapture"]).env("OMNICORD_MODEL_SEEDS", seeds);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let failed = |source| Trouble::Program { program: model.display().to_string(), source };
    command.spawn().map_err(failed)
}

fn lines(child: &mut Child) -> impl Iterator<Item = Said> {
    let lines = child.stdout.take().into_iter().flat_map(|pipe| BufReader::new(pipe).lines());
    lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok())
}

/// Has a process try every `workers`th seed.
fn share(
    model: &PathBuf,
    progress: &Progress,
    step: &Step<'_>,
    seeds: Seeds,
    (number, workers): (u64, u64),
    found: &Mutex<Vec<Counts>>,
) -> Result<(), Trouble> {
    let count = (seeds.count - number).div_ceil(workers);
    let mut child = start(model, SEEDS, &format!("{} {workers} {count}", seeds.from + number))?;
    for said in lines(&mut child) {
        match said {
            Said::Violation { seed, wrong } => {
                progress.say(format!("seed {seed}: {}", wrong.join("; ")));
                progress.say(format!("  again: cargo xtask model --seed {seed}"));
            }
            Said::Counts { counts } => {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(mine) = usize::try_from(number).ok().and_then(|at| found.get_mut(at)) {
                    *mine = counts;
                }
                let all = Counts::sum(&found);
                step.note(&format!("{} tried, {} show something wrong", all.seeds, all.wrong));
            }
            Said::Places { .. } => {}
        }
    }
    // What it found is what it printed.
    let _ = child.wait();
    Ok(())
}

/// Has a process try every place.
fn everywhere(model: &PathBuf, progress: &Progress) -> Result<(), Trouble> {
    let step = progress.step("crashing everywhere");
    let mut child = start(model, EVERYWHERE, "")?;
    let mut tried = [0; 3];
    for said in lines(&mut child) {
        if let Said::Places { place, tried: here } = said {
            step.note(&place);
            tried.iter_mut().zip(here).for_each(|(sum, here)| *sum += here);
        }
    }
    if !child.wait().is_ok_and(|status| status.success()) {
        return Err(Trouble::Violated { seeds: 0 });
    }
    step.done();
    let [crashes, pairs, interleavings] = tried;
    progress.say(format!(
        "one event: {crashes} places to crash, {pairs} pairs of places for two workers, \
         {interleavings} interleavings of them with three changes"
    ));
    Ok(())
}
