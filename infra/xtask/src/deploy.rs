//! `template.yaml`, deployed to the emulator by the SAM CLI as it would be to AWS.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::{Trouble, at};
use crate::ministack;
use crate::program;
use crate::progress::Step;
use crate::project::Project;
use crate::tools::Venv;

/// The environment with the SAM CLI and cfn-lint.
pub(crate) const VENV: Venv = Venv("sam");
/// The name of the local stack.
pub(crate) const STACK: &str = "omnicord";

/// The domain that the local stack sends mail from.
const SENDER: &str = "example.com";

/// Deploys a template. Binaries that did not change are not uploaded again.
pub(crate) fn deploy(project: &Project, step: &Step<'_>, template: &Path) -> Result<(), Trouble> {
    let mut sam = sam(project);
    sam.args(["deploy", "--stack-name", STACK, "--region", ministack::REGION, "--template"]);
    sam.arg(template);
    sam.args(["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]);
    sam.args(["--no-progressbar", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]);
    sam.arg("--parameter-overrides").arg(format!("Architecture={}", architecture()));
    sam.args(["DeletionProtection=false", "ComputedAlarms=false"]);
    program::run(project, step, "deploy", &mut sam).map(|_| ())
}

/// Creates the secrets that `infra/local` holds. Returns the outputs of the deployed stack.
pub(crate) fn prepare(
    project: &Project,
    step: &Step<'_>,
) -> Result<BTreeMap<String, String>, Trouble> {
    let source = project.source("ministack");
    let mut python = ministack::VENV.command(project, "python");
    python.arg(source.join("prepare.py")).args([STACK, SENDER]).arg(source.join("secrets.json"));
    let printed = program::run(project, step, "prepare", ministack::point(&mut python))?;
    serde_json::from_str(&printed)
        .map_err(|source| Trouble::Json { what: "What prepare.py printed".to_owned(), source })
}

/// The SAM CLI, pointed at the emulator.
pub(crate) fn sam(project: &Project) -> Command {
    let mut sam = VENV.command(project, "sam");
    ministack::point(&mut sam).env("SAM_CLI_TELEMETRY", "0").env("SAM_CLI_POLL_DELAY", "0.2");
    sam
}

/// What Lambda calls the processor of this machine: the emulator runs what was built here.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }
}

/// `template.yaml`, and the templates of the stacks inside it, in one text.
pub(crate) fn source(project: &Project) -> Result<String, Trouble> {
    let mut paths = vec![project.template()];
    paths.extend(project.nested_templates());
    paths.iter().map(|path| fs::read_to_string(path).map_err(at(path))).collect()
}

/// The templates that the running stack was made from.
pub(crate) fn deployed(project: &Project) -> Option<String> {
    fs::read_to_string(project.running("deployed.yaml")).ok()
}

/// Remembers the templates that the running stack was made from; `None` if they are not known.
pub(crate) fn remember(project: &Project, template: Option<&str>) -> Result<(), Trouble> {
    let path = project.running("deployed.yaml");
    match template {
        Some(text) => fs::write(&path, text).map_err(at(&path)),
        None if path.exists() => fs::remove_file(&path).map_err(at(&path)),
        None => Ok(()),
    }
}
