//! Cargo's own tools at pinned versions, built from crates.io where they are missing.

use std::path::PathBuf;
use std::process::Command;

use crate::error::Trouble;
use crate::program;
use crate::progress::Progress;
use crate::project::Project;

/// Licences, sources and duplicates of dependencies.
pub(crate) const DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2" };
/// Dependencies that nothing uses.
pub(crate) const MACHETE: CargoTool = CargoTool { name: "cargo-machete", version: "0.9.2" };
/// Builds programs that look for inputs by what they reach in a parser.
pub(crate) const FUZZ: CargoTool = CargoTool { name: "cargo-fuzz", version: "0.13.2" };
/// The test runner; the one that is on the machine will do.
const NEXTEST: CargoTool = CargoTool { name: "cargo-nextest", version: "0.9.143" };

/// A program that `cargo install` builds.
pub(crate) struct CargoTool {
    name: &'static str,
    version: &'static str,
}

impl CargoTool {
    /// The tool, ready for its arguments; built first if this checkout has not got it.
    pub(crate) fn command(
        &self,
        project: &Project,
        progress: &Progress,
    ) -> Result<Command, Trouble> {
        let folder = self.folder(project);
        let binary = folder.join("bin").join(self.name);
        if !binary.exists() {
            let step = progress.step(format!("building {} {}", self.name, self.version));
            let mut cargo = Command::new("cargo");
            cargo.args(["install", "--locked", "--version", self.version, "--root"]).arg(&folder);
            let log = format!("install-{}", self.name);
            program::run(project, &step, &log, cargo.arg(self.name))?;
            step.done();
        }
        Ok(Command::new(binary))
    }

    fn folder(&self, project: &Project) -> PathBuf {
        project.kept("tools").join(format!("{}-{}", self.name, self.version))
    }
}

/// nextest, ready for its arguments.
pub(crate) fn nextest(project: &Project, progress: &Progress) -> Result<Command, Trouble> {
    if program::succeeds(Command::new("cargo").args(["nextest", "--version"])) {
        let mut cargo = Command::new("cargo");
        cargo.arg("nextest");
        return Ok(cargo);
    }
    let mut command = NEXTEST.command(project, progress)?;
    // Called directly, it wants the word that Cargo would have passed on.
    command.arg("nextest");
    Ok(command)
}
