//! Fuzzing of every parser that reads what others wrote.

mod campaign;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo_tools::FUZZ;
use crate::error::{Trouble, at};
use crate::program;
use crate::progress::Progress;
use crate::project::Project;
use campaign::Campaign;

/// What the fuzzers of all targets share: a workspace by itself.
struct Fuzz<'p> {
    project: &'p Project,
    root: PathBuf,
}

/// Builds every target, and runs one or each of them for as many minutes of processor time. What
/// it reaches is added to the corpus, and what it took to the table.
pub(crate) fn run(
    project: &Project,
    progress: &Progress,
    target: Option<&str>,
    minutes: u32,
) -> Result<(), Trouble> {
    let fuzz = Fuzz::of(project);
    let known = fuzz.targets()?;
    let chosen: Vec<_> =
        known.iter().filter(|name| target.is_none_or(|target| target == **name)).collect();
    if chosen.is_empty() {
        let (name, known) = (target.unwrap_or_default().to_owned(), known.join(", "));
        return Err(Trouble::Unknown { kind: "fuzz target", name, known });
    }
    fuzz.build(progress)?;
    for name in chosen {
        let effort = Campaign::new(&fuzz, name).run(progress, minutes)?;
        table::add(&fuzz.root.join("README.md"), name, &effort)?;
    }
    Ok(())
}

/// Builds every target.
pub(crate) fn build(project: &Project, progress: &Progress) -> Result<(), Trouble> {
    Fuzz::of(project).build(progress)
}

impl<'p> Fuzz<'p> {
    fn of(project: &'p Project) -> Self {
        Self { project, root: project.root().join("tests/fuzz") }
    }

    /// The names of the targets, in order.
    fn targets(&self) -> Result<Vec<String>, Trouble> {
        let mut targets: Vec<_> = files(&self.root.join("targets"))?
            .iter()
            .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        targets.sort();
        Ok(targets)
    }

    /// With the address sanitizer, which also bounds single allocations, and with every check of
    /// a debug build. Only a nightly compiler takes its flags by itself.
    fn build(&self, progress: &Progress) -> Result<(), Trouble> {
        let mut cargo = FUZZ.command(self.project, progress)?;
        let step = progress.step("building the fuzz targets");
        cargo.args(["build", "--fuzz-dir"]).arg(&self.root);
        cargo.env("RUSTC_BOOTSTRAP", "1").env_remove("CARGO_TARGET_DIR");
        program::run(self.project, &step, "fuzz-build", &mut cargo)?;
        step.done();
        Ok(())
    }

    /// The fuzzer of a target. It gets only the time that nothing else wants.
    fn fuzzer(&self, target: &str) -> Command {
        let mut fuzzer = Command::new("nice");
        let built = self.root.join("target/x86_64-unknown-linux-gnu/release").join(target);
        fuzzer.args(["-n", "19"]).arg(built);
        fuzzer
    }
}

/// The files of a folder; none, where it is missing.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).map_err(at(folder))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(at(folder))).collect()
}
