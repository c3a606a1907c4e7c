//! What each rule made of an event, in words.

use super::judged::{Explanation, Judged, KnownBy};
use crate::page::{Page, printable, title};
use anstyle::{AnsiColor, Style};
use rules::{ConditionTrace, Messages, Truth, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write;

impl Judged {
    pub(super) fn text(&self, page: &Page) -> String {
        let version = self.config_version;
        let by = match self.known_by {
            KnownBy::Decision => format!("configuration {version}"),
            KnownBy::Match => format!(
                "configuration {version}, by which the event was matched: no rule did anything that \
                 would name another"
            ),
            KnownBy::InForce => {
                format!("not decided yet; by configuration {version}, which is in force")
            }
        };
        let mut text = title(&format!("\nRules ({by})"));
        match &self.rules {
            None => {
                let _ = writeln!(
                    text,
                    "configuration {version} is gone, or this program cannot read it: what its \
                     rules read is not known"
                );
            }
            Some(rules) if rules.is_empty() => text += "no rule looks at events of this kind\n",
            Some(rules) => rules.iter().for_each(|rule| text += &rule.text(page)),
        }
        text
    }
}

impl Explanation {
    fn text(&self, page: &Page) -> String {
        let trace = &self.trace;
        let fires = matches!(trace.verdict, Verdict::Fires { .. });
        let mut text =
            format!("{} {}: {}\n", mark(fires), trace.rule.name, verdict(&trace.verdict, page));
        for (label, condition) in [("when", &trace.when), ("unless", &trace.unless)] {
            if let Some(condition) = condition {
                text += &told(label, condition);
            }
        }
        if let (Some(last), Verdict::CoolingDown { .. } | Verdict::Capped { .. }) =
            (trace.fired.last(), &trace.verdict)
        {
            let times = trace.fired.len();
            let _ = writeln!(text, "    earlier firings: {times}, the last {}", page.time(*last));
        }
        if self.unlike_the_ledger {
            text +=
                "    the ledger has it otherwise: when it was decided, something else was known\n";
        }
        text
    }
}

fn verdict(verdict: &Verdict, page: &Page) -> String {
    match verdict {
        Verdict::NotMatched => "its condition does not hold".into(),
        Verdict::Failed { why } => {
            format!("its condition does not fit the data: {}", printable(why))
        }
        Verdict::Stopped { by } => format!("passed over: {by} stops the rules after it"),
        Verdict::Echo { by } => {
            format!("passed over: the event repeats what Omnicord wrote (echo {by})")
        }
        Verdict::Unless => "its condition holds, and so does its exception".into(),
        Verdict::Expired { expires } => format!("too late: it expires after {expires}"),
        Verdict::CoolingDown { cooldown } => {
            format!("rests: it fired for this customer within the last {cooldown}")
        }
        Verdict::Capped { cap } => {
            format!("capped: at most {} times in {} for one customer", cap.most, cap.per)
        }
        Verdict::Fires { messages: Messages::Now } => "fires".into(),
        Verdict::Fires { messages: Messages::At(end) } => {
            format!("fires; its messages wait for the end of quiet hours, {}", page.time(*end))
        }
        Verdict::Fires { messages: Messages::Dropped } => {
            "fires; its messages fall into quiet hours and are dropped".into()
        }
        Verdict::Fires { messages: Messages::TooLate } => {
            "fires; its messages would be too late when quiet hours end".into()
        }
    }
}

/// A condition, part by part, each with the values that it reads.
fn told(label: &str, condition: &ConditionTrace) -> String {
    let parts: Vec<_> = match &condition.parts[..] {
        [] => vec![(&condition.text, &condition.truth)],
        parts => parts.iter().map(|part| (&part.text, &part.truth)).collect(),
    };
    let mut text = String::new();
    let mut shown = BTreeSet::new();
    for (index, (part, truth)) in parts.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let sign = match truth {
            Truth::True => mark(true),
            Truth::False | Truth::Absent | Truth::Failed(_) => mark(false),
        };
        let line = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(text, "    {label:<6} {sign} {}{}", printable(&line), aside(truth));
        for path in condition.reads.keys().filter(|path| mentions(part, path)) {
            text += &value(condition, path);
            shown.insert(path);
        }
    }
    // What is read in another notation, as in `event["topic"]`.
    for path in condition.reads.keys().filter(|path| !shown.contains(path)) {
        text += &value(condition, path);
    }
    text
}

fn aside(truth: &Truth) -> String {
    match truth {
        Truth::True | Truth::False => String::new(),
        Truth::Absent => " (needs something that is absent)".into(),
        Truth::Failed(why) => format!(" ({})", printable(why)),
    }
}

/// Whether a part reads a path, and not one that only begins alike.
fn mentions(part: &str, path: &str) -> bool {
    let continues = |c: char| c.is_alphanumeric() || c == '_';
    part.match_indices(path).any(|(at, _)| {
        let before = part.get(..at).and_then(|text| text.chars().next_back());
        let after = part.get(at + path.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(|c| continues(c) || c == '.') && !after.is_some_and(continues)
    })
}

fn value(condition: &ConditionTrace, path: &str) -> String {
    let value = condition.reads.get(path).map(ToString::to_string).unwrap_or_default();
    let value = if value == "null" { "absent".to_owned() } else { value };
    let at_least = condition.at_least.iter().any(|it| it == path);
    let bound = if at_least { " or more" } else { "" };
    format!("             {path} = {}{bound}\n", printable(&value))
}

fn mark(yes: bool) -> String {
    let (sign, colour) = if yes { ('✓', AnsiColor::Green) } else { ('✗', AnsiColor::Red) };
    let style: Style = colour.on_default();
    format!("{style}{sign}{style:#}")
}
