//! What deciding costs, by the number of rules.

use std::process::Command;

use crate::error::Trouble;
use crate::program;
use crate::project::Project;

/// Measures, and shows what criterion says.
pub(crate) fn run(project: &Project) -> Result<(), Trouble> {
    let mut cargo = Command::new("cargo");
    cargo.args(["bench", "--package", "rules", "--bench", "decide"]);
    program::show(project, &mut cargo)
}
