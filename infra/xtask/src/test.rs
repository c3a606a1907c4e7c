//! All tests, the pipeline suite among them, on the local stack.

use std::process::Command;

use crate::binaries::Profile;
use crate::error::Trouble;
use crate::program;
use crate::progress::Progress;
use crate::project::{CLI, Project};
use crate::{cargo_tools, oracles, stack, tryton};

/// Runs the tests that the arguments of nextest select. Leaves the stack as it was: up or down.
pub(crate) fn run(
    project: &Project,
    progress: &Progress,
    filter: &[String],
) -> Result<(), Trouble> {
    let was_up = stack::is_up(project);
    let mut nextest = nextest(project, progress)?;
    stack::up(project, progress, Profile::Test)?;
    let result = program::show(project, nextest.args(["run", "--workspace"]).args(filter));
    if !was_up {
        stack::down(project, progress)?;
    }
    result
}

/// nextest, with what the pipeline suite has to know.
pub(crate) fn nextest(project: &Project, progress: &Progress) -> Result<Command, Trouble> {
    oracles::ensure(project, progress)?;
    let mut nextest = cargo_tools::nextest(project, progress)?;
    announce(project, &mut nextest);
    Ok(nextest)
}

/// Tells a program how to reach the stack, as `tests/support` and the connectors' suites ask.
pub(crate) fn announce(project: &Project, command: &mut Command) {
    oracles::announce(project, command)
        .env("OMNICORD_TEST_STACK", stack::file(project))
        .env("OMNICORD_TEST_CLI", project.tool(CLI))
        .env("OMNICORD_TEST_XTASK", project.xtask())
        .env("OMNICORD_TEST_TRYTON_URL", tryton::URL)
        .env("OMNICORD_TEST_TRYTON_KEY", tryton::KEY)
        .env("OMNICORD_TEST_TRYTON_STAFF_KEY", tryton::STAFF_KEY);
}
