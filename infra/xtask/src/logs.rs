//! What the deployed functions logged.

use crate::deploy;
use crate::error::Trouble;
use crate::program;
use crate::project::{Project, STEPS};
use crate::stack;

/// Shows the log of one step, or of all of them.
pub(crate) fn show(project: &Project, step: Option<&str>, follow: bool) -> Result<(), Trouble> {
    if !stack::is_up(project) {
        return Err(Trouble::Down);
    }
    let mut sam = deploy::sam(project);
    sam.arg("logs");
    for name in STEPS.iter().filter(|name| step.is_none_or(|wanted| wanted == **name)) {
        sam.arg("--cw-log-group").arg(format!("/aws/lambda/{}-{name}", deploy::STACK));
    }
    if let Some(step) = step
        && !STEPS.contains(&step)
    {
        let known = STEPS.join(", ");
        return Err(Trouble::Unknown { kind: "step", name: step.to_owned(), known });
    }
    if follow {
        sam.arg("--tail");
    }
    program::show(project, &mut sam)
}
