//! The table of faults, docs/faults.md.

use crate::fault::{ALL, Fault};
use crate::results::Outcome;
use crate::wave;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const HEAD: &str = "\
# Faults

What `cargo xtask harness` does to the deployed stack, and what came of it. Each seed tells 36 events
of six customers by four channels, a third of them twice, in any order; eight seeds share the faults
of their wave. When nothing moves any more, history, tags, counts, webhooks, short messages and the
CRM's notes are held against a plain reckoning of the same events, and the audit has to balance.
`cargo xtask harness --table` writes this page out of the classes and of the seeds that ran.

";

const COLUMNS: &str = "\
| Class | How it is made | What holds it | Seeds | Times | Violations |
|---|---|---|---|---|---|
";

const NOTES: &str = "
Seeds: those whose wave the class struck at least once. Times: strikes, counted once for each wave.

What the harness shortens, so that a wave takes minutes and not hours: queues have a visibility
timeout of 5 s, a message waits at most 3 s to be tried again, an effect's lease lasts 20 s, `omnicord
failures retry` takes the place of error-reconciler's waits, and the 5 minutes for which a destination
is left alone that lets nobody in end at once. The functions' own clocks are right: AWS refuses requests of clocks that are
not.
";

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/faults.md")
}

/// What the code knows of a class.
fn known(fault: Fault) -> String {
    let name = format!("`{fault}`");
    format!("| {name} | {} | {} |", fault.made(), fault.held_by())
}

/// Writes the page.
pub(crate) fn write(outcomes: &[Outcome]) {
    let violated = outcomes.iter().filter(|outcome| !outcome.violations.is_empty()).count();
    let rows: String = ALL.into_iter().map(|fault| row(fault, outcomes)).collect();
    let seeds = outcomes.len();
    let page = format!(
        "{HEAD}{seeds} seeds ran, {violated} of them with a violation.\n\n{COLUMNS}{rows}{NOTES}"
    );
    fs::write(file(), page).expect("docs is there");
}

fn row(fault: Fault, outcomes: &[Outcome]) -> String {
    let name = fault.to_string();
    let struck = outcomes.iter().filter(|outcome| outcome.faults.contains_key(&name));
    let (mut seeds, mut violations, mut waves) = (0, 0, BTreeMap::new());
    for outcome in struck {
        seeds += 1;
        violations += usize::from(!outcome.violations.is_empty());
        waves.insert(wave::of(outcome.seed), outcome.faults[&name]);
    }
    let times: usize = waves.values().sum();
    format!("{} {seeds} | {times} | {violations} |\n", known(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_tells_of_every_class_as_the_code_does() {
        let page = fs::read_to_string(file()).unwrap();
        let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(rows.len(), ALL.len(), "run `cargo xtask harness --table`");
        for (row, fault) in rows.iter().zip(ALL) {
            assert!(row.starts_with(&known(fault)), "run `cargo xtask harness --table`: {row}");
        }
        assert!(
            page.starts_with(HEAD) && page.ends_with(NOTES),
            "run `cargo xtask harness --table`"
        );
    }

    #[test]
    fn every_class_has_a_name_of_its_own() {
        for fault in ALL {
            assert_eq!(Fault::named(&fault.to_string()), Some(fault));
        }
    }
}
