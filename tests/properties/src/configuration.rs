//! The configuration document: refused with places, or accepted and fit for use.

use crate::decision::decides;
use rules::{Problem, RuleSet};

pub(crate) fn holds(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match (rules::parse(text), RuleSet::load(text, 1)) {
        (Ok(config), Ok(rules)) => {
            assert_eq!(rules.config(), &config);
            decides(&rules, text);
            let compiled = RuleSet::compile(config, 1);
            assert!(compiled.is_ok(), "parses, and does not compile: {compiled:?}");
        }
        (Err(problems), Err(again)) => {
            assert_eq!(problems, again);
            assert!(!problems.is_empty());
            for problem in problems {
                inside(text, &problem);
            }
        }
        (parsed, loaded) => panic!("{parsed:?}, loaded {loaded:?}"),
    }
}

/// The problem's place is in the document, or right behind it.
fn inside(text: &str, problem: &Problem) {
    // To YAML, a carriage return by itself ends a line as well.
    let lines = text.split(['\n', '\r']).count() as u64 + 1;
    assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{problem}");
    assert!(problem.column.is_none_or(|column| column >= 1), "{problem}");
    assert!(!problem.message.is_empty());
}
