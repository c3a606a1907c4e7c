//! The problems found so far, each put at its place in the document.

use crate::Problem;
use crate::document::{Node, Path, Position};
use crate::problem::in_reading_order;

/// Collects problems. Without a document they have a path but no line.
pub(crate) struct Findings<'d> {
    document: Option<(&'d str, &'d Node)>,
    problems: Vec<Problem>,
}

impl<'d> Findings<'d> {
    /// Of a configuration whose text is not at hand.
    pub(crate) fn unplaced() -> Self {
        Self { document: None, problems: Vec::new() }
    }

    /// Of a configuration that was read from this text.
    pub(crate) fn of(text: &'d str, root: &'d Node) -> Self {
        Self { document: Some((text, root)), problems: Vec::new() }
    }

    /// A problem with a setting.
    pub(crate) fn add(&mut self, path: &Path, message: impl Into<String>) {
        let at = self.document.map(|(_, root)| root.locate(path));
        self.push(path, at, message.into());
    }

    /// A problem within a setting's text, the scalar `value`, `offset` characters from its start.
    pub(crate) fn add_within(
        &mut self,
        path: &Path,
        value: &str,
        offset: usize,
        message: impl Into<String>,
    ) {
        let at = self.document.map(|(text, root)| within(text, root.locate(path), value, offset));
        self.push(path, at, message.into());
    }

    /// Success, if nothing was found.
    pub(crate) fn conclude(self) -> Result<(), Vec<Problem>> {
        if self.problems.is_empty() { Ok(()) } else { Err(in_reading_order(self.problems)) }
    }

    fn push(&mut self, path: &Path, at: Option<Position>, message: String) {
        self.problems.push(Problem {
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            path: path.to_string(),
            message,
        });
    }
}

/// Where a scalar's `offset`th character stands, as far as its style lets us tell: `start`, where
/// it is folded or escaped.
fn within(text: &str, start: Position, value: &str, offset: usize) -> Position {
    let before: String = value.chars().take(offset).collect();
    let lines_down = before.matches('\n').count() as u64;
    let across = before.chars().rev().take_while(|character| *character != '\n').count() as u64;
    let found = (0..=1).find_map(|quote| {
        // A literal block keeps its lines, each as far in as the first.
        let quote = if lines_down == 0 { quote } else { 0 };
        let at = Position { line: start.line + lines_down, column: start.column + across + quote };
        let expected: String = value.chars().skip(offset).take_while(|c| *c != '\n').collect();
        rest_of_line(text, at).starts_with(&expected).then_some(at)
    });
    found.unwrap_or(start)
}

fn rest_of_line(text: &str, at: Position) -> String {
    let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
    let line = text.lines().nth(index(at.line)).unwrap_or_default();
    line.chars().skip(index(at.column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_within_a_scalar_follows_its_style() {
        let place = |text: &str, (line, column), value: &str, offset| {
            let at = within(text, Position { line, column }, value, offset);
            (at.line, at.column)
        };
        assert_eq!(place("when: a.b == 1", (1, 7), "a.b == 1", 2), (1, 9));
        assert_eq!(place("when: 'a.b == 1'", (1, 7), "a.b == 1", 2), (1, 10));
        assert_eq!(place("when: |\n  a\n  || b\n", (2, 3), "a\n|| b\n", 5), (3, 6));
        assert_eq!(place("when: >\n  a\n  || b\n", (2, 3), "a || b\n", 5), (2, 3));
        assert_eq!(place("when: 'it''s a.b'", (1, 7), "it's a.b", 0), (1, 7));
    }
}
