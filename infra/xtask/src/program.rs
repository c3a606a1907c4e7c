//! Running other programs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Trouble, at};
use crate::progress::Step;
use crate::project::Project;

/// Lines of a log that an error repeats.
const TAIL: usize = 25;

/// Runs a program to its end, and returns what it printed to its standard output. What it prints
/// to its standard error goes to the log of that name, and line by line to the step.
pub(crate) fn run(
    project: &Project,
    step: &Step<'_>,
    log: &str,
    command: &mut Command,
) -> Result<String, Trouble> {
    let log = project.log(log);
    create(&log)?;
    let mut child = command
        .current_dir(project.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| Trouble::Program { program: name(command), source })?;
    let (errors, output) = (child.stderr.take(), child.stdout.take());
    let (printed, shown) = std::thread::scope(|scope| {
        let shown = scope.spawn(|| {
            let mut kept = String::new();
            for line in errors.into_iter().flat_map(|pipe| BufReader::new(pipe).lines()).flatten() {
                step.note(&line);
                kept.push_str(&line);
                kept.push('\n');
            }
            kept
        });
        let mut printed = String::new();
        for line in output.into_iter().flat_map(|pipe| BufReader::new(pipe).lines()).flatten() {
            printed.push_str(&line);
            printed.push('\n');
        }
        (printed, shown.join().unwrap_or_default())
    });
    let status =
        child.wait().map_err(|source| Trouble::Program { program: name(command), source })?;
    if status.success() {
        fs::write(&log, &shown).map_err(at(&log))?;
        return Ok(printed);
    }
    // The SAM CLI and pip explain some failures on the standard output.
    fs::write(&log, printed + &shown).map_err(at(&log))?;
    Err(Trouble::Failed { what: name(command), tail: tail(&log), log })
}

/// Runs a program that talks to the terminal itself.
pub(crate) fn show(project: &Project, command: &mut Command) -> Result<(), Trouble> {
    let status = command
        .current_dir(project.root())
        .status()
        .map_err(|source| Trouble::Program { program: name(command), source })?;
    if status.success() { Ok(()) } else { Err(Trouble::FailedAbove { what: name(command) }) }
}

/// Whether a program runs and succeeds, whatever it prints.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The end of a log, indented for an error message.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let last = lines.iter().skip(lines.len().saturating_sub(TAIL));
    last.map(|line| format!("  │ {line}")).collect::<Vec<_>>().join("\n")
}

/// Creates an empty file, with the folders above it.
pub(crate) fn create(path: &Path) -> Result<fs::File, Trouble> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    fs::File::create(path).map_err(at(path))
}

/// The program and its first argument, such as `cargo build`.
fn name(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let program = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match command.get_args().next() {
        Some(argument) => format!("{program} {}", argument.to_string_lossy()),
        None => program,
    }
}
