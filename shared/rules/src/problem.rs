//! What is wrong with a configuration, said so that its author can put it right.

use serde::Serialize;
use std::fmt;

/// One mistake in the configuration document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Problem {
    /// The line, from 1, where the document's text is known.
    pub line: Option<u64>,
    /// The column, from 1, in characters.
    pub column: Option<u64>,
    /// The setting, such as `triggers[2].when`; empty for the document itself.
    pub path: String,
    /// What is wrong, with what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("omnicord.yaml")?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        if !self.path.is_empty() {
            write!(f, " {}", self.path)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Sorts problems as their author will meet them.
pub(crate) fn in_reading_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

/// `; did you mean …?` with the nearest known name, or `; known: …` where none is near.
pub(crate) fn suggestion<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    suggestion_within("", name, known)
}

/// The same for a member, whose suggestion bears its `prefix`.
pub(crate) fn suggestion_within<'k>(
    prefix: &str,
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min()
        // A third of the letters may differ; beyond that a guess misleads.
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3);
    match nearest {
        Some((_, candidate)) => format!("; did you mean `{prefix}{candidate}`?"),
        None if known.is_empty() => "; there are none".to_owned(),
        None => format!("; known: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_name_is_suggested() {
        assert_eq!(suggestion("knd", ["kind", "topic"]), "; did you mean `kind`?");
        assert_eq!(suggestion("weather", ["kind", "topic"]), "; known: kind, topic");
        assert_eq!(suggestion("shop", []), "; there are none");
    }

    #[test]
    fn a_problem_reads_like_a_compiler_s() {
        let mut problem = Problem {
            line: Some(41),
            column: Some(11),
            path: "triggers[2].when".into(),
            message: "unknown".into(),
        };
        assert_eq!(problem.to_string(), "omnicord.yaml:41:11 triggers[2].when: unknown");
        problem = Problem { line: None, column: None, path: String::new(), ..problem };
        assert_eq!(problem.to_string(), "omnicord.yaml: unknown");
    }
}
