//! The conditions that a condition is made of, in its author's words.

/// The parts that `&&`, `||`, `!` and parentheses join, in the order of the text; the text itself
/// where it is not joined.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let text = unwrapped(text.trim());
    if outermost(text, "?").len() > 1 {
        return vec![text];
    }
    for operator in ["||", "&&"] {
        let joined = outermost(text, operator);
        if joined.len() > 1 {
            return joined.into_iter().flat_map(parts).collect();
        }
    }
    match text.strip_prefix('!').map(str::trim) {
        Some(negated) if unwrapped(negated) != negated => parts(negated),
        Some(_) | None => vec![text],
    }
}

/// The text without parentheses that enclose all of it.
fn unwrapped(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else {
        return text;
    };
    // `(a) && (b)` begins and ends with a parenthesis, too: its inside is not balanced.
    let mut depth = 0i32;
    for (_, character) in outside_of_strings(inner) {
        depth += step(character);
        if depth < 0 {
            return text;
        }
    }
    unwrapped(inner.trim())
}

/// What stands between the operators that no bracket encloses.
fn outermost<'t>(text: &'t str, operator: &str) -> Vec<&'t str> {
    let (mut depth, mut start, mut found) = (0i32, 0, Vec::new());
    for (at, character) in outside_of_strings(text) {
        depth += step(character);
        let here = text.get(at..).is_some_and(|rest| rest.starts_with(operator));
        if depth == 0 && at >= start && here {
            found.extend(text.get(start..at));
            start = at + operator.len();
        }
    }
    found.extend(text.get(start..));
    found
}

fn step(character: char) -> i32 {
    match character {
        '(' | '[' | '{' => 1,
        ')' | ']' | '}' => -1,
        _ => 0,
    }
}

/// Every character that is not within a string literal, with its place.
fn outside_of_strings(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote: Option<char> = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, character)| match quote {
        None => {
            quote = Some(*character).filter(|character| matches!(character, '"' | '\''));
            quote.is_none()
        }
        Some(_) if escaped => {
            escaped = false;
            false
        }
        Some(closing) => {
            escaped = *character == '\\';
            if *character == closing {
                quote = None;
            }
            false
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_falls_into_what_its_operators_join() {
        assert_eq!(parts("a == 1"), ["a == 1"]);
        assert_eq!(parts("a == 1 && (b || !(c && d))"), ["a == 1", "b", "c", "d"]);
        assert_eq!(parts("(a) && (b)"), ["a", "b"]);
        assert_eq!(parts("((a || b))"), ["a", "b"]);
        assert_eq!(parts("!a && ! (b)"), ["!a", "b"]);
        assert_eq!(
            parts("x.exists(y, y == 1 && y == 2) || b"),
            ["x.exists(y, y == 1 && y == 2)", "b"]
        );
        assert_eq!(parts("a ? b && c : d"), ["a ? b && c : d"]);
    }

    #[test]
    fn a_string_is_no_operator() {
        assert_eq!(parts(r#"a == "x && y" && b"#), [r#"a == "x && y""#, "b"]);
        assert_eq!(parts(r#"a == "\" || (" || b"#), [r#"a == "\" || (""#, "b"]);
        assert_eq!(parts("a == '\"(' && b"), ["a == '\"('", "b"]);
    }
}
