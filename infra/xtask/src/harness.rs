//! Faults, made from seeds on the local stack.

use std::process::Command;

use crate::binaries::{self, Profile};
use crate::error::Trouble;
use crate::ministack::Way;
use crate::progress::Progress;
use crate::project::Project;
use crate::{oracles, program, stack, test};

/// Starts the stack afresh with the harness between the functions and the rest of the world, hands
/// the harness its arguments, and stops the stack.
pub(crate) fn run(
    project: &Project,
    progress: &Progress,
    profile: Profile,
    arguments: &[String],
) -> Result<(), Trouble> {
    if arguments.iter().any(|argument| ["--table", "--help"].contains(&argument.as_str())) {
        binaries::build(project, progress, profile)?;
        return program::show(project, Command::new(project.tool("harness")).args(arguments));
    }
    oracles::ensure(project, progress)?;
    stack::down(project, progress)?;
    stack::up_by(project, progress, profile, Way::Faulty)?;
    let mut harness = Command::new(project.tool("harness"));
    test::announce(project, harness.args(arguments));
    let result = program::show(project, &mut harness);
    stack::down(project, progress)?;
    result
}
