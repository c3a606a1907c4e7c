//! What is wrong with a configuration file.

use crate::output::{Verdict, View};
use crate::page::{Page, printable};
use crate::trouble::Trouble;
use rules::Problem;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// A file with its problems.
#[derive(Serialize)]
pub(crate) struct Checked {
    file: String,
    problems: Vec<Problem>,
}

/// Reads a file and checks it. Returns its text as well.
pub(crate) fn check(file: &Path) -> Result<(String, Checked), Trouble> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| Trouble::File { path: file.to_owned(), source })?;
    let problems = rules::parse(&text).err().unwrap_or_default();
    Ok((text, Checked::new(file.display().to_string(), problems)))
}

impl View for Checked {
    fn text(&self, _: &Page) -> String {
        let mut text = String::new();
        for problem in &self.problems {
            let _ = writeln!(text, "{}", printable(&self.line(problem)));
        }
        let _ = match self.problems.len() {
            0 => write!(text, "{}: no problems", self.file),
            1 => write!(text, "1 problem: this file cannot be applied"),
            more => write!(text, "{more} problems: this file cannot be applied"),
        };
        text
    }

    fn verdict(&self) -> Verdict {
        if self.problems.is_empty() { Verdict::Clean } else { Verdict::Finding }
    }
}

impl Checked {
    pub(crate) fn new(file: String, problems: Vec<Problem>) -> Self {
        Self { file, problems }
    }

    /// `file:line:col path: message`, which editors and terminals turn into a link.
    fn line(&self, problem: &Problem) -> String {
        let mut line = self.file.clone();
        for number in [problem.line, problem.column].into_iter().flatten() {
            let _ = write!(line, ":{number}");
        }
        if !problem.path.is_empty() {
            let _ = write!(line, " {}", problem.path);
        }
        line + ": " + &problem.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: Option<u64>, path: &str, message: &str) -> Problem {
        Problem { line, column: line.map(|_| 11), path: path.into(), message: message.into() }
    }

    #[test]
    fn every_problem_points_into_the_file() {
        let checked = Checked {
            file: "conf/omnicord.yaml".into(),
            problems: vec![
                problem(Some(41), "triggers[2].when", "unknown name `knd`"),
                problem(None, "", "the document is empty"),
            ],
        };
        assert_eq!(checked.verdict(), Verdict::Finding);
        insta::assert_snapshot!(checked.text(&Page::unbounded("2026-01-02T03:04:05Z")));
    }

    #[test]
    fn a_file_without_problems_is_no_finding() {
        let checked = Checked { file: "omnicord.yaml".into(), problems: Vec::new() };
        assert_eq!(checked.verdict(), Verdict::Clean);
        assert!(checked.text(&Page::unbounded("2026-01-02T03:04:05Z")).ends_with("no problems"));
    }
}
