//! The parser's messages, in the words of someone who knows no grammar.

use super::Mistake;

/// What the parser says of the character at `line` and `column`, both from 1.
pub(super) fn mistake(text: &str, (line, column): (isize, isize), message: &str) -> Mistake {
    let from_1 = |number: isize| usize::try_from(number).unwrap_or(1).saturating_sub(1);
    let lines = text.split_inclusive('\n').take(from_1(line));
    let before: usize = lines.map(|line| line.chars().count()).sum();
    let found = message
        .strip_prefix("Syntax error: mismatched input ")
        .and_then(|rest| rest.split(" expecting").next())
        .map(|found| found.trim_matches('\''));
    let message = match found {
        Some("<EOF>") => "the expression breaks off here".to_owned(),
        Some("=") => "write `==` to compare".to_owned(),
        Some(found) => format!("`{found}` is not expected here"),
        None => message.to_owned(),
    };
    Mistake { offset: before + from_1(column), message }
}
