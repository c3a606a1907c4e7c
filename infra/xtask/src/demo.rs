//! The story of a customer, told on the local stack.

use std::process::Command;

use crate::binaries::Profile;
use crate::error::Trouble;
use crate::progress::Progress;
use crate::project::{CLI, Project};
use crate::{ministack, oracles, program, stack, test};

/// Brings the stack up and tells the story; `once` stops the stack afterwards.
pub(crate) fn run(project: &Project, progress: &Progress, once: bool) -> Result<(), Trouble> {
    oracles::ensure(project, progress)?;
    let stack = stack::up(project, progress, Profile::Dev)?;
    let mut story = Command::new(project.tool("demo"));
    test::announce(project, &mut story);
    program::show(project, &mut story)?;
    if once {
        return stack::down(project, progress);
    }
    progress.say(format!(
        "\nThe stack stays up. To try next:\n\
         \n  export AWS_ENDPOINT_URL={endpoint} AWS_REGION={region}\n\
         \x20 export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n\
         \x20 {cli} customer show +4915112345678\n\
         \x20 {cli} audit\n\
         \x20 cargo xtask logs --follow\n\
         \x20 cargo xtask down\n\
         \nA rule of your own: edit infra/local/omnicord.yaml, then {cli} config apply it.",
        endpoint = ministack::ENDPOINT,
        region = stack.region,
        cli = project.tool(CLI).display(),
    ));
    Ok(())
}
