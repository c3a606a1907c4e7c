//! The functions' binaries, built and put where `template.yaml` looks for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::error::{Trouble, at};
use crate::program;
use crate::progress::Progress;
use crate::project::{Project, STEPS};

/// How the binaries are built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// In the shortest time.
    Dev,
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

/// Builds all binaries in one run of Cargo. Returns whether any of them changed.
pub(crate) fn build(
    project: &Project,
    progress: &Progress,
    profile: Profile,
) -> Result<bool, Trouble> {
    let step = progress.step("building the functions");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--message-format=json-render-diagnostics", "--bins"]);
    cargo.args(STEPS.iter().flat_map(|step| ["--package", step]));
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    let messages = program::run(project, &step, "build", &mut cargo)?;
    let mut changed = false;
    for executable in messages.lines().filter_map(executable) {
        if let Some(name) = executable.file_name().and_then(|name| name.to_str())
            && STEPS.contains(&name)
        {
            changed |= place(project, &executable, name)?;
        }
    }
    step.done();
    Ok(changed)
}

fn executable(line: &str) -> Option<PathBuf> {
    serde_json::from_str::<Message>(line).ok()?.executable
}

/// Copies the binary without its symbols, which are most of it. Returns whether it changed.
fn place(project: &Project, executable: &Path, step: &str) -> Result<bool, Trouble> {
    let bootstrap = project.bootstrap(step);
    let fresh = bootstrap.with_extension("new");
    program::create(&fresh)?;
    let mut strip = Command::new("strip");
    if !program::succeeds(strip.arg("-o").arg(&fresh).arg(executable)) {
        fs::copy(executable, &fresh).map_err(at(&fresh))?;
    }
    let bytes = fs::read(&fresh).map_err(at(&fresh))?;
    if fs::read(&bootstrap).is_ok_and(|old| old == bytes) {
        fs::remove_file(&fresh).map_err(at(&fresh))?;
        return Ok(false);
    }
    fs::rename(&fresh, &bootstrap).map_err(at(&bootstrap))?;
    Ok(true)
}
