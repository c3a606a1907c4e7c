//! What the model has shown: a table for people, the same in JSON for programs.

use std::fs;

use serde_json::json;

use super::counts::Counts;
use crate::error::{Trouble, at};
use crate::program;
use crate::progress::Progress;
use crate::project::Project;

/// The file that holds the counts of the last run: `faults` is a list of `class`, `times`,
/// `violations`.
const FILE: &str = "model.json";

/// Prints the table.
pub(crate) fn print(progress: &Progress, all: &Counts) {
    progress.say(format!("\n{:<24} {:>12} {:>12}", "fault", "times", "violations"));
    for (class, times) in &all.times {
        let violations = all.violations.get(class).copied().unwrap_or_default();
        progress.say(format!("{class:<24} {times:>12} {violations:>12}"));
    }
    progress.say(format!(
        "\n{} seeds, {} events, {} requests, {} workers killed, {} frozen, {} redrives, {} left \
         for people, {} violations",
        all.seeds,
        all.events,
        all.requests,
        all.times("worker_killed"),
        all.times("worker_frozen"),
        all.redrives,
        all.parked,
        all.wrong
    ));
}

/// Keeps the counts.
pub(crate) fn keep(project: &Project, all: &Counts) -> Result<(), Trouble> {
    let fault = |(class, times): (&String, &u64)| {
        let violations = all.violations.get(class).copied().unwrap_or_default();
        json!({ "class": class, "times": times, "violations": violations })
    };
    let kept = json!({
        "seeds": all.seeds,
        "events": all.events,
        "requests": all.requests,
        "redrives": all.redrives,
        "parked": all.parked,
        "violations": all.wrong,
        "faults": all.times.iter().map(fault).collect::<Vec<_>>(),
    });
    let path = project.running(FILE);
    program::create(&path)?;
    fs::write(&path, format!("{kept:#}\n")).map_err(at(&path))
}
