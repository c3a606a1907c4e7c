//! The story of a customer, told on the local stack.

use crate::binaries::Profile;
use crate::error::Trouble;
use crate::progress::Progress;
use crate::project::Project;
use crate::stack;

/// Brings the stack up and tells the story; `once` stops the stack afterwards.
pub(crate) fn run(project: &Project, progress: &Progress, once: bool) -> Result<(), Trouble> {
    let stack = stack::up(project, progress, Profile::Dev)?;
    progress.say(format!("Webhooks go to {}/hooks/{{source}}", stack.api));
    if once { stack::down(project, progress) } else { Ok(()) }
}
