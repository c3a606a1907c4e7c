//! How far a long command has come, told on standard error where that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A count of what has no known end.
pub(crate) fn counting(what: &str) -> ProgressBar {
    ProgressBar::no_length().with_style(style(&format!("{{spinner}} {{human_pos}} {what}")))
}

/// A bar of what ends after so many.
pub(crate) fn bar(length: usize, what: &str) -> ProgressBar {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    let template = format!("{{wide_bar}} {{human_pos}}/{{human_len}} {what}, {{eta}} to go");
    ProgressBar::new(length).with_style(style(&template))
}

/// Words that change, beside a sign of life.
pub(crate) fn status() -> ProgressBar {
    ProgressBar::new_spinner().with_style(style("{spinner} {msg}"))
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
