//! What came of the seeds that ran.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

/// What came of one seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    pub(crate) events: usize,
    /// How often each class struck while it was under way.
    pub(crate) faults: BTreeMap<String, usize>,
    /// Seconds until all was accepted.
    pub(crate) sent_s: u64,
    /// Seconds from there until nothing moved.
    pub(crate) quiet_s: u64,
    /// Seconds for its whole wave.
    pub(crate) took_s: u64,
    pub(crate) violations: Vec<String>,
}

impl Outcome {
    /// In one line, and one more for each violation.
    pub(crate) fn line(&self) -> String {
        let faults: Vec<_> =
            self.faults.iter().map(|(name, times)| format!("{name} {times}×")).collect();
        let verdict = if self.violations.is_empty() { "ok" } else { "VIOLATED" };
        let mut line = format!(
            "seed 0x{:04x}: {} events, faults: {}, quiet after {} s, {verdict}",
            self.seed,
            self.events,
            faults.join(", "),
            self.quiet_s
        );
        for violation in &self.violations {
            line.push_str("\n    ");
            line.push_str(violation);
        }
        line
    }
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.omnicord/harness.jsonl")
}

/// Keeps an outcome for the table.
pub(crate) fn keep(outcome: &Outcome) {
    let file = OpenOptions::new().create(true).append(true).open(file());
    let line = serde_json::to_string(outcome).expect("plain fields");
    writeln!(file.expect("the folder is there"), "{line}").expect("there is space");
}

/// The last outcome of each seed.
pub(crate) fn all() -> Vec<Outcome> {
    let Ok(file) = File::open(file()) else { return Vec::new() };
    let lines = BufReader::new(file).lines().map(|line| line.expect("text"));
    let outcomes = lines.map(|line| serde_json::from_str(&line).expect("this program wrote it"));
    let last: BTreeMap<u64, Outcome> =
        outcomes.map(|outcome: Outcome| (outcome.seed, outcome)).collect();
    last.into_values().collect()
}
