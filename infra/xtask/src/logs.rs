//! What the deployed functions logged.

use crate::error::Trouble;
use crate::program;
use crate::project::{Project, STEPS};
use crate::{deploy, ministack, stack};

/// Shows the log of one step, or of all of them.
pub(crate) fn show(project: &Project, step: Option<&str>, follow: bool) -> Result<(), Trouble> {
    if !stack::is_up(project) {
        return Err(Trouble::Down);
    }
    if let Some(name) = step.filter(|name| !STEPS.contains(name)) {
        let known = STEPS.join(", ");
        return Err(Trouble::Unknown { kind: "step", name: name.to_owned(), known });
    }
    let mut python = ministack::VENV.command(project, "python");
    python.arg(project.source("ministack").join("logs.py")).arg(deploy::STACK);
    if follow {
        python.arg("--follow");
    }
    python.args(STEPS.iter().filter(|name| step.is_none_or(|wanted| wanted == **name)));
    program::show(project, ministack::point(&mut python))
}
