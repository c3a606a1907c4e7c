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
use crate::stack::Stack;
use crate::trouble::Trouble;
use compare::compare;
use indicatif::{ProgressBar, ProgressStyle};
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
    let reading = ProgressBar::no_length().with_style(style("{spinner} {human_pos} events read"));
    let stored = Stored::read(&store, &reading).await?;
    reading.finish_and_clear();
    let twice = u64::try_from(stored.events.len()).unwrap_or(u64::MAX).saturating_mul(2);
    let bar = "{wide_bar} {human_pos}/{human_len} events matched, {eta} to go";
    let replaying = ProgressBar::new(twice).with_style(style(bar));
    let before = replay(&stored, &now, &replaying).await?;
    let after = replay(&stored, &new, &replaying).await?;
    replaying.finish_and_clear();
    output.show(&Preview::new(&compare(&stored, &before, &after), now.version(), handles))
}

/// Progress goes to standard error, where that is a terminal.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests;
