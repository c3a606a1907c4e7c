//! Everything that a change must pass.

use std::process::Command;

use crate::binaries::Profile;
use crate::cargo_tools::{DENY, MACHETE};
use crate::error::Trouble;
use crate::progress::Progress;
use crate::project::Project;
use crate::{deploy, fuzz, harness, program, test};

/// Runs the quick checks first, the tests last.
pub(crate) fn run(project: &Project, progress: &Progress) -> Result<(), Trouble> {
    check(project, progress, "format", Command::new("cargo").args(["fmt", "--all", "--check"]))?;
    deploy::VENV.ensure(project, progress)?;
    check(project, progress, "template", deploy::sam(project).args(["validate", "--lint"]))?;
    let mut lint = deploy::VENV.command(project, "cfn-lint");
    lint.arg(project.template()).args(project.nested_templates());
    check(project, progress, "template rules", &mut lint)?;
    let mut machete = MACHETE.command(project, progress)?;
    check(project, progress, "unused dependencies", machete.arg("--with-metadata"))?;
    let mut deny = DENY.command(project, progress)?;
    // Not advisories: they need a database that not every network lets through.
    deny.args(["check", "bans", "licenses", "sources"]);
    check(project, progress, "licences and sources", &mut deny)?;
    let mut clippy = Command::new("cargo");
    clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    check(project, progress, "lints", &mut clippy)?;
    let mut doc = Command::new("cargo");
    doc.args(["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items"]);
    check(project, progress, "documentation", doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    let mut targets = Command::new("cargo");
    targets.args(["clippy", "--quiet", "--manifest-path", "tests/fuzz/Cargo.toml"]);
    targets.args(["--target-dir", "target/fuzz", "--", "-D", "warnings"]);
    check(project, progress, "fuzz targets", &mut targets)?;
    fuzz::build(project, progress)?;
    // Built as the tests are, so that Cargo compiles what they share once.
    harness::run(project, progress, Profile::Test, &["--every-class".to_owned()])?;
    test::run(project, progress, &[])
}

fn check(
    project: &Project,
    progress: &Progress,
    title: &str,
    command: &mut Command,
) -> Result<(), Trouble> {
    let step = progress.step(title);
    program::run(project, &step, &format!("ci-{}", title.replace(' ', "-")), command)?;
    step.done();
    Ok(())
}
