//! Every reason code is explained, and every explained code is one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

const PAGE: &str = include_str!("../../../docs/reason-codes.md");

/// Where a code is given: to a step's failure, to a reason, or by an error's own method.
const GIVEN: [&str; 3] = [
    r#"StepFailure::\w+\(\s*(?:[A-Z][\w:]*(?:\(\w+\))?,\s*)?"([a-z_]+)""#,
    r#"code: "([a-z_]+)"\.into\(\),\s*detail"#,
    r#"=> (?:\{\s*)?\(?"([a-z_]+)""#,
];

/// The methods by which errors and refusals give their codes.
const METHODS: &str = r"(?s)fn (?:reason|code|refusal)\(&?self.*?\n    \}\n";

fn explained() -> BTreeSet<String> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap());
    cells
        .flat_map(|cell| cell.split(',').map(|code| code.trim().trim_matches('`').to_owned()))
        .collect()
}

/// The program's own files, without their tests and without what stands in for AWS in tests.
fn sources() -> Vec<String> {
    fn gather(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("memory") && !path.ends_with("tests") {
                    gather(&path, found);
                }
            } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("memory.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                found.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    gather(&root.join("functions"), &mut found);
    gather(&root.join("shared"), &mut found);
    found
}

fn given() -> BTreeSet<String> {
    let [failures, reasons, arms] = GIVEN.map(|pattern| Regex::new(pattern).unwrap());
    let methods = Regex::new(METHODS).unwrap();
    let mut codes = BTreeSet::new();
    for text in sources() {
        for pattern in [&failures, &reasons] {
            codes.extend(pattern.captures_iter(&text).map(|found| found[1].to_owned()));
        }
        for method in methods.find_iter(&text) {
            codes.extend(arms.captures_iter(method.as_str()).map(|found| found[1].to_owned()));
        }
    }
    codes
}

#[test]
fn every_code_is_explained() {
    let given = given();
    assert!(given.len() > 80, "only {} found", given.len());
    let missing: Vec<_> = given.difference(&explained()).cloned().collect();
    assert!(missing.is_empty(), "docs/reason-codes.md lacks {missing:?}");
}

#[test]
fn every_explained_code_is_given() {
    let sources = sources().concat();
    let unknown: Vec<_> =
        explained().into_iter().filter(|code| !sources.contains(&format!("\"{code}\""))).collect();
    assert!(unknown.is_empty(), "nothing gives {unknown:?}");
}
