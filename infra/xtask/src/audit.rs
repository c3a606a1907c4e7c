//! Takes each IAM statement out in turn, to see which test misses it.

use std::fs;
use std::process::Stdio;

use crate::binaries::Profile;
use crate::error::{Trouble, at};
use crate::ministack::Access;
use crate::progress::Progress;
use crate::project::Project;
use crate::statements::{self, Statement};
use crate::{program, stack, test};

/// What the pipeline suite is called in nextest's filter language.
const SUITE: &str = "binary(pipeline)";

/// Where the last run of the suite is kept.
const LOG: &str = "iam-audit";

/// What AWS itself does in the name of a role or asks of it, which the emulator does without asking.
const DONE_BY_AWS: [&str; 8] = [
    "Poll",
    "WriteLogs",
    "WriteTraces",
    "StartBatch",
    "StartComparison",
    "StartSweep",
    "PassTimersRole",
    "WakeTimers",
];

/// What became of the suite without a statement.
enum Finding {
    /// The first test that failed.
    Missed(String),
    Needless,
    DoneByAws,
}

/// Audits the statements with these names, or all of them.
pub(crate) fn run(project: &Project, progress: &Progress, names: &[String]) -> Result<(), Trouble> {
    let path = project.template();
    let template = fs::read_to_string(&path).map_err(at(&path))?;
    let statements = selected(&template, names)?;
    stack::up(project, progress, Profile::Test)?;
    if let Some(test) = first_failure(project, progress, &template)? {
        let log = project.log(LOG);
        let what = format!("{test}, with every statement in place,");
        return Err(Trouble::Failed { what, tail: program::tail(&log), log });
    }
    for statement in statements {
        let finding = audit(project, progress, &template, &statement)?;
        progress.say(match finding {
            Finding::Missed(test) => format!("  {}: missed by {test}", statement.name()),
            Finding::Needless => format!("  {}: NOTHING MISSES IT", statement.name()),
            Finding::DoneByAws => format!("  {}: used by AWS, not by our code", statement.name()),
        });
    }
    stack::down(project, progress)
}

fn selected(template: &str, names: &[String]) -> Result<Vec<Statement>, Trouble> {
    let all = statements::find(template);
    if let Some(name) = names.iter().find(|name| all.iter().all(|known| known.name() != **name)) {
        let known = all.iter().map(Statement::name).collect::<Vec<_>>().join(", ");
        return Err(Trouble::Unknown { kind: "statement", name: name.clone(), known });
    }
    let wanted = |statement: &Statement| names.is_empty() || names.contains(&statement.name());
    Ok(all.into_iter().filter(wanted).collect())
}

fn audit(
    project: &Project,
    progress: &Progress,
    template: &str,
    statement: &Statement,
) -> Result<Finding, Trouble> {
    if is_done_by_aws(statement) {
        return Ok(Finding::DoneByAws);
    }
    let without = statement.removed_from(template);
    Ok(first_failure(project, progress, &without)?.map_or(Finding::Needless, Finding::Missed))
}

fn is_done_by_aws(statement: &Statement) -> bool {
    DONE_BY_AWS.iter().any(|prefix| statement.sid.starts_with(prefix))
}

/// Runs the suite on a fresh stack made of this template, up to the first test that fails.
fn first_failure(
    project: &Project,
    progress: &Progress,
    template: &str,
) -> Result<Option<String>, Trouble> {
    let step = progress.step("running the pipeline suite");
    stack::restart(project, &step, template, Access::ByPolicy)?;
    let output = test::nextest(project, progress)?
        .args(["run", "--workspace", "--color=never", "--profile=iam-audit", "--filterset", SUITE])
        .current_dir(project.root())
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Trouble::Program { program: "cargo nextest".to_owned(), source })?;
    step.done();
    let log = project.log(LOG);
    fs::write(&log, &output.stderr).map_err(at(&log))?;
    let printed = String::from_utf8_lossy(&output.stderr);
    Ok((!output.status.success()).then(|| failed_test(&printed)))
}

/// The name in nextest's first line of the form `FAIL [ 1.2s] tests::pipeline name`.
fn failed_test(printed: &str) -> String {
    let failed = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("FAIL [") || line.starts_with("TIMEOUT [") || line.starts_with("SIGABRT [")
    };
    let line = printed.lines().find(failed).unwrap_or("a test that did not even start");
    line.rsplit("] ").next().unwrap_or(line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_roles_are_allowed_that_no_function_has_is_done_by_aws() {
        let template = include_str!("../../../template.yaml");
        let is_of_function = |statement: &Statement| {
            template.contains(&format!("      Role: !GetAtt {}.Arn\n", statement.role))
        };
        let others = statements::find(template).into_iter().filter(|it| !is_of_function(it));
        let others: Vec<_> = others.collect();
        assert!(others.len() >= 4, "{others:?}");
        for statement in others {
            assert!(is_done_by_aws(&statement), "{}", statement.name());
        }
    }

    #[test]
    fn names_the_first_failed_test() {
        let printed = "   PASS [   0.004s] (1/2) tests::pipeline a\n   \
                       FAIL [   0.010s] (2/2) tests::pipeline b::c\n";
        assert_eq!(failed_test(printed), "(2/2) tests::pipeline b::c");
    }
}
