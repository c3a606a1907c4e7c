//! A recipe written into a configuration file.

use super::{named, refused};
use crate::arguments::AddCommand;
use crate::config::Checked;
use crate::output::{Output, Verdict, View};
use crate::page::{Page, printable};
use crate::trouble::Trouble;
use rules::CannotAdd;
use serde::Serialize;
use similar::TextDiff;
use std::fs;

/// What adding a recipe did to a file, or would do.
#[derive(Debug, Serialize)]
struct Added {
    recipe: &'static str,
    file: String,
    /// What changes, as a unified diff; empty where the file has all of it.
    diff: String,
    /// Whether it was written.
    written: bool,
}

pub(super) fn add(command: AddCommand, output: Output) -> Result<Verdict, Trouble> {
    let AddCommand { name, file, set, dry_run } = command;
    let recipe = named(&name)?;
    let before =
        fs::read_to_string(&file).map_err(|source| Trouble::File { path: file.clone(), source })?;
    let (shown, chosen) = (file.display().to_string(), set.into_iter().collect());
    let after = match recipe.add_to(&before, &chosen) {
        Ok(after) => after,
        Err(CannotAdd::Broken(problems)) => return output.show(&Checked::new(shown, problems)),
        Err(CannotAdd::Unfit(problems)) => {
            let with = format!("{shown} with {name}");
            return output.show(&Checked::new(with, problems));
        }
        Err(error) => return Err(refused(&error)),
    };
    if before == after && !chosen.is_empty() {
        return Err(Trouble::Refused {
            why: format!("{shown} has all of {name} already, and what is there stays as it is"),
            remedy: "Change the values in the file itself".into(),
        });
    }
    let written = !dry_run && before != after;
    if written {
        fs::write(&file, &after).map_err(|source| Trouble::Unwritten { path: file, source })?;
    }
    output.show(&Added {
        recipe: recipe.name,
        diff: diff(&before, &after, &shown),
        file: shown,
        written,
    })
}

fn diff(before: &str, after: &str, file: &str) -> String {
    if before == after {
        return String::new();
    }
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().header(file, file).to_string()
}

impl View for Added {
    fn text(&self, _: &Page) -> String {
        let Self { recipe, file, diff, written } = self;
        if diff.is_empty() {
            return format!("{file} has all of {recipe} already: nothing to add");
        }
        let end = if *written {
            format!(
                "\nwhat it would have done: omnicord rules test {file}\n\
                 put it in force: omnicord config apply {file}"
            )
        } else {
            "\nnothing was written; without --dry-run it is".to_owned()
        };
        coloured(diff) + &end
    }

    fn verdict(&self) -> Verdict {
        let is_pending = !self.written && !self.diff.is_empty();
        if is_pending { Verdict::Finding } else { Verdict::Clean }
    }
}

fn coloured(diff: &str) -> String {
    let green = anstyle::AnsiColor::Green.on_default();
    let line = |line: &str| {
        let line = printable(line);
        if line.starts_with('+') { format!("{green}{line}{green:#}\n") } else { line + "\n" }
    };
    diff.lines().map(line).collect()
}

#[cfg(test)]
mod tests;
