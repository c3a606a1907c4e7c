//! How well customers are told apart, measured on sets that others made.

use std::process::Command;

use crate::error::Trouble;
use crate::program;
use crate::progress::Progress;
use crate::project::Project;
use crate::tools::Venv;

/// The environment with the sets.
const VENV: Venv = Venv("bench");

/// Measures, and writes the results to `docs`. Fails where they miss the bar.
pub(crate) fn run(project: &Project, progress: &Progress) -> Result<(), Trouble> {
    VENV.ensure(project, progress)?;
    let step = progress.step("writing the Febrl sets");
    let folder = project.kept("febrl");
    let mut python = VENV.command(project, "python");
    python.arg(project.source("bench").join("febrl.py")).arg(&folder);
    program::run(project, &step, "febrl", &mut python)?;
    step.done();
    let mut cargo = Command::new("cargo");
    cargo.args(["bench", "--package", "tests", "--bench", "identity", "--"]);
    program::show(project, cargo.arg(folder).arg(project.root().join("docs")))
}
