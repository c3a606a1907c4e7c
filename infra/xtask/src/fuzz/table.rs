//! The table of what was fuzzed, in `tests/fuzz/README.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use super::campaign::Effort;
use crate::error::{Trouble, at};

const HEAD: &str = "\
| Target | Executions | CPU minutes | Edges | Features | Findings |
|---|--:|--:|--:|--:|--:|
";

/// Adds what a campaign took to its target's row. Coverage and findings are those of today.
pub(super) fn add(page: &Path, target: &str, effort: &Effort) -> Result<(), Trouble> {
    let text = fs::read_to_string(page).map_err(at(page))?;
    fs::write(page, with(&text, target, effort)).map_err(at(page))
}

fn with(text: &str, target: &str, effort: &Effort) -> String {
    let (before, rest) = text.split_once(HEAD).unwrap_or((text, ""));
    let rows = rest.lines().take_while(|line| line.starts_with('|'));
    let mut rows: BTreeMap<&str, String> =
        rows.filter_map(|row| Some((cell(row, 1)?, format!("{row}\n")))).collect();
    let after: Vec<_> = rest.lines().skip(rows.len()).collect();
    let known = rows.get(target).cloned().unwrap_or_default();
    let executions = number::<u64>(&known, 2) + effort.executions;
    let minutes = number::<f64>(&known, 3) + effort.cpu.as_secs_f64() / 60.0;
    let Effort { edges, features, found, .. } = effort;
    let row =
        format!("| {target} | {executions} | {minutes:.1} | {edges} | {features} | {found} |\n");
    rows.insert(target, row);
    let rows: String = rows.into_values().collect();
    let after = if after.is_empty() { String::new() } else { after.join("\n") + "\n" };
    format!("{before}{HEAD}{rows}{after}")
}

fn number<T: FromStr + Default>(row: &str, column: usize) -> T {
    cell(row, column).and_then(|cell| cell.parse().ok()).unwrap_or_default()
}

fn cell(row: &str, column: usize) -> Option<&str> {
    row.split('|').nth(column).map(str::trim).filter(|cell| !cell.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn efforts_add_up_in_a_row_of_their_own() {
        let effort = Effort {
            executions: 500,
            cpu: Duration::from_secs(90),
            edges: 7,
            features: 9,
            found: 1,
        };
        let page = with("# Page\n\nText.\n\n", "b", &effort);
        let page = with(&(page + "\nEnd.\n"), "a", &effort);
        let page = with(&page, "b", &Effort { edges: 8, ..effort });
        let rows = "| a | 500 | 1.5 | 7 | 9 | 1 |\n| b | 1000 | 3.0 | 8 | 9 | 1 |\n";
        assert_eq!(page, format!("# Page\n\nText.\n\n{HEAD}{rows}\nEnd.\n"));
    }
}
