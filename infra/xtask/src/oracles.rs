//! Code that others wrote, which signs what demo and pipeline suite send.

use std::env::{join_paths, split_paths, var_os};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::error::{Trouble, at};
use crate::program;
use crate::progress::Progress;
use crate::project::Project;
use crate::tools::Venv;

/// The environment with the Python packages, and with Node.js for the one npm package.
const VENV: Venv = Venv("oracles");

/// Installs what is missing.
pub(crate) fn ensure(project: &Project, progress: &Progress) -> Result<(), Trouble> {
    VENV.ensure(project, progress)?;
    let manifest = project.source("oracles").join("package.json");
    let wanted = fs::read_to_string(&manifest).map_err(at(&manifest))?;
    let folder = modules(project);
    let stamp = folder.join("installed.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let step = progress.step("installing oracles from npm");
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let copy = folder.join("package.json");
    fs::write(&copy, &wanted).map_err(at(&copy))?;
    let mut npm = VENV.command(project, "npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
    npm.arg(&folder);
    // npm looks for node on the path.
    let node = VENV.command(project, "node");
    let beside = PathBuf::from(node.get_program()).parent().map(PathBuf::from);
    let path = var_os("PATH").unwrap_or_default();
    let path = join_paths(beside.into_iter().chain(split_paths(&path))).unwrap_or(path);
    program::run(project, &step, "install-npm", npm.env("PATH", path))?;
    fs::write(&stamp, wanted).map_err(at(&stamp))?;
    step.done();
    Ok(())
}

/// Tells a program where the oracles are.
pub(crate) fn announce<'c>(project: &Project, command: &'c mut Command) -> &'c mut Command {
    command
        .env("OMNICORD_TEST_ORACLES", VENV.command(project, "python").get_program())
        .env("NODE_MODULES", modules(project))
}

fn modules(project: &Project) -> PathBuf {
    project.kept("oracles")
}
