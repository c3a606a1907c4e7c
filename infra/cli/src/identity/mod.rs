//! The `identity` commands.

mod compare;
mod decision;
mod directory;
mod put_back;
mod replay;
mod show;
mod stored;

use crate::arguments::{IdentityCommand, PreviewCommand};
use crate::config::{check, in_force};
use crate::output::{Output, Verdict, View};
use crate::progress;
use crate::stack::Stack;
use crate::trouble::Trouble;
use compare::compare;
use replay::replay;
use rules::RuleSet;
use show::Preview;
use stored::Stored;

pub(crate) async fn run(
    command: IdentityCommand,
    stack: &str,
    output: Output,
) -> Result<Verdict, Trouble> {
    let IdentityCommand::Preview(PreviewCommand { file, handles }) = command;
    let (text, checked) = check(&file)?;
    if checked.verdict() == Verdict::Finding {
        return output.show(&checked);
    }
    let store = Stack::find(stack).await?.store();
    let now = in_force(&store).await?;
    let Ok(new) = RuleSet::load(&text, now.version() + 1) else { return output.show(&checked) };
    let reading = progress::counting("events read");
    let stored = Stored::read(&store, &reading).await?;
    reading.finish_and_clear();
    let replaying = progress::bar(stored.events.len().saturating_mul(2), "events matched");
    let before = replay(&stored, &now, &replaying).await?;
    let after = replay(&stored, &new, &replaying).await?;
    replaying.finish_and_clear();
    output.show(&Preview::new(&compare(&stored, &before, &after), now.version(), handles))
}

#[cfg(test)]
mod tests;
