//! The layout of what people read.

use comfy_table::{ContentArrangement, Row, Table, presets};
use jiff::{SignedDuration, Timestamp};
use std::fmt::Display;

/// A page: how wide it is, and from when its reader looks at times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    now: Timestamp,
    width: Option<u16>,
}

impl Page {
    /// As wide as the terminal; without one, a row is a line.
    pub(crate) fn of_terminal(now: Timestamp) -> Self {
        Self { now, width: Table::new().width() }
    }

    #[cfg(test)]
    pub(crate) fn unbounded(now: &str) -> Self {
        Self { now: now.parse().unwrap(), width: None }
    }

    /// An empty table with these columns.
    pub(crate) fn table<const N: usize>(&self, columns: [&str; N]) -> Sheet {
        let mut sheet = self.sheet();
        sheet.0.set_header(columns.map(str::to_uppercase));
        sheet
    }

    /// Names with their values, one below the other.
    pub(crate) fn facts<const N: usize>(&self, facts: [(&str, String); N]) -> String {
        let mut sheet = self.sheet();
        for (name, value) in facts {
            if !value.is_empty() {
                sheet.row([name.to_owned(), value]);
            }
        }
        sheet.to_string()
    }

    fn sheet(&self) -> Sheet {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).force_no_tty();
        table.set_content_arrangement(ContentArrangement::Dynamic);
        if let Some(width) = self.width {
            table.set_width(width);
        }
        Sheet(table)
    }

    /// An instant: `2026-01-02T03:04:05Z (3 min ago)`.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        let distance = at.duration_since(self.now);
        let age = if distance.is_positive() {
            format!("in {}", rough(distance))
        } else {
            format!("{} ago", rough(distance.abs()))
        };
        format!("{at:.0} ({age})")
    }

    /// Whether an instant lies behind the reader.
    pub(crate) fn is_past(&self, at: Timestamp) -> bool {
        at <= self.now
    }
}

/// A heading in bold.
pub(crate) fn title(text: &str) -> String {
    let bold = anstyle::Style::new().bold();
    format!("{bold}{text}{bold:#}\n")
}

/// A table under construction.
pub(crate) struct Sheet(Table);

impl Sheet {
    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        let mut row = Row::new();
        for cell in cells {
            row.add_cell(printable(&cell).into());
        }
        self.0.add_row(row);
    }

    /// The table, or a word on why there is none.
    pub(crate) fn or(&self, word: &str) -> String {
        if self.0.is_empty() { format!("{word}\n") } else { self.to_string() }
    }
}

impl Display for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut table = self.0.clone();
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for line in table.lines() {
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Customers choose parts of what is shown: a control character must not reach the terminal.
pub(crate) fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

/// A length of time in its largest unit.
fn rough(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-01-02T03:04:05Z";

    #[test]
    fn a_time_tells_how_far_off_it_is() {
        let page = Page::unbounded(NOW);
        let cases = [
            ("2026-01-02T03:04:05.9Z", "2026-01-02T03:04:05Z (in 0 s)"),
            ("2026-01-02T03:03:06Z", "2026-01-02T03:03:06Z (59 s ago)"),
            ("2026-01-02T03:03:05Z", "2026-01-02T03:03:05Z (1 min ago)"),
            ("2026-01-02T05:04:05Z", "2026-01-02T05:04:05Z (in 2 h)"),
            ("2025-12-01T03:04:05Z", "2025-12-01T03:04:05Z (32 d ago)"),
        ];
        for (at, text) in cases {
            assert_eq!(page.time(at.parse().unwrap()), text);
        }
    }

    #[test]
    fn what_a_customer_wrote_cannot_steer_the_terminal() {
        let mut sheet = Page::unbounded(NOW).table(["name"]);
        sheet.row(["\u{1b}[2J\u{9b}31mAnna\r".to_owned()]);
        let text = sheet.to_string();
        assert!(text.contains("Anna") && !text.contains(|c: char| c.is_control() && c != '\n'));
    }

    #[test]
    fn a_row_is_a_line_unless_the_terminal_is_narrow() {
        let long = "word ".repeat(40);
        let lines = |page: Page| {
            let mut sheet = page.table(["text"]);
            sheet.row([long.clone()]);
            sheet.to_string().lines().count()
        };
        assert_eq!(lines(Page::unbounded(NOW)), 2);
        assert!(lines(Page { width: Some(60), ..Page::unbounded(NOW) }) > 3);
    }
}
