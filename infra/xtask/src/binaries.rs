//! The binaries, built and put where the other tasks look for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::error::{Trouble, at};
use crate::program;
use crate::progress::Progress;
use crate::project::{Project, STEPS, TOOLS};

/// How the binaries are built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// In the shortest time.
    Dev,
    /// As [`Self::Dev`], together with all tests: Cargo then compiles what they share once.
    Test,
    /// As they go to AWS.
    Release,
}

impl From<bool> for Profile {
    fn from(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }
}

/// A line of Cargo's JSON messages, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// Builds the functions and the command line in one run of Cargo. Returns whether a function
/// changed.
pub(crate) fn build(
    project: &Project,
    progress: &Progress,
    profile: Profile,
) -> Result<bool, Trouble> {
    let step = progress.step("building");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--message-format=json-render-diagnostics"]);
    let tools = ["--package", "cli", "--package", "tests", "--package", "harness"];
    let steps = STEPS.iter().flat_map(|step| ["--package", step]);
    match profile {
        Profile::Dev => cargo.arg("--bins").args(tools).args(steps),
        Profile::Test => cargo.args(["--workspace", "--all-targets"]),
        Profile::Release => cargo.args(["--bins", "--release"]).args(tools).args(steps),
    };
    let messages = program::run(project, &step, "build", &mut cargo)?;
    let mut changed = false;
    for executable in messages.lines().filter_map(executable) {
        let Some(name) = executable.file_name().and_then(|name| name.to_str()) else { continue };
        if TOOLS.contains(&name) {
            place(&executable, &project.tool(name))?;
        } else if STEPS.contains(&name) {
            changed |= place(&executable, &project.bootstrap(name))?;
        }
    }
    step.done();
    Ok(changed)
}

fn executable(line: &str) -> Option<PathBuf> {
    serde_json::from_str::<Message>(line).ok()?.executable
}

/// Copies the binary without its symbols, which are most of it. Returns whether it changed.
fn place(executable: &Path, to: &Path) -> Result<bool, Trouble> {
    let fresh = to.with_extension("new");
    program::create(&fresh)?;
    let mut strip = Command::new("strip");
    if !program::succeeds(strip.arg("-o").arg(&fresh).arg(executable)) {
        fs::copy(executable, &fresh).map_err(at(&fresh))?;
    }
    let bytes = fs::read(&fresh).map_err(at(&fresh))?;
    if fs::read(to).is_ok_and(|old| old == bytes) {
        fs::remove_file(&fresh).map_err(at(&fresh))?;
        return Ok(false);
    }
    fs::rename(&fresh, to).map_err(at(to))?;
    Ok(true)
}
