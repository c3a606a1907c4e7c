//! The measurements as a table, with what is over budget.

use std::time::Duration;

use super::tally::Tally;
use crate::progress::Progress;

/// What one function needed.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// Bytes of the binary.
    pub(super) size: u64,
    /// From the start of the process to its first question for an event.
    pub(super) start: Duration,
    /// Bytes in memory after the last event.
    pub(super) resident: u64,
    /// How many events were measured.
    pub(super) events: usize,
    /// Processor time for all of them.
    pub(super) cpu: Duration,
    /// What they asked of AWS.
    pub(super) tally: Tally,
}

/// Megabytes of the largest binary.
const SIZE: f64 = 10.0;
/// Milliseconds of the slowest start.
const START: f64 = 15.0;
/// Mebibytes in memory.
const RESIDENT: f64 = 16.0;
/// Milliseconds of processor time that the receiver takes per event.
const RECEIVER_CPU: f64 = 0.5;
/// Requests to AWS per event of the receiver.
const RECEIVER_REQUESTS: f64 = 1.0;
/// Requests of `identity-match` to DynamoDB for an event of known handles.
const MATCH_READS: f64 = 1.0;
/// Its requests to SQS for the same.
const MATCH_SENDS: f64 = 1.0;
/// Requests to DynamoDB per event, over the whole chain.
const CHAIN_REQUESTS: f64 = 4.0;

impl Row {
    fn megabytes(&self) -> f64 {
        precise(self.size) / 1e6
    }

    fn start(&self) -> f64 {
        self.start.as_secs_f64() * 1e3
    }

    fn mebibytes(&self) -> f64 {
        precise(self.resident) / 1024.0 / 1024.0
    }

    fn cpu(&self) -> f64 {
        self.per_event(self.cpu.as_secs_f64() * 1e3)
    }

    fn requests(&self) -> f64 {
        self.per_event(self.tally.all().into())
    }

    fn dynamo_requests(&self) -> f64 {
        self.per_event(self.tally.of("DynamoDB").into())
    }

    /// Each operation, as often as an event asks for it.
    fn operations(&self) -> String {
        let operation = |(name, count): (&String, &u32)| {
            format!("{:.2} {name}", self.per_event((*count).into()))
        };
        let operations: Vec<_> = self.tally.requests.iter().map(operation).collect();
        if operations.is_empty() { "none".to_owned() } else { operations.join(", ") }
    }

    fn per_event(&self, total: f64) -> f64 {
        if self.events == 0 { 0.0 } else { total / precise(self.events as u64) }
    }

    /// What is over budget.
    fn excess(&self) -> Vec<String> {
        let mut limits = vec![
            (self.megabytes(), SIZE, "MB of binary"),
            (self.start(), START, "ms to start"),
            (self.mebibytes(), RESIDENT, "MiB resident"),
        ];
        if self.name == "webhook-receiver" {
            limits.push((self.cpu(), RECEIVER_CPU, "ms of CPU per event"));
            limits.push((self.requests(), RECEIVER_REQUESTS, "AWS requests per event"));
        }
        if self.name == "identity-match" {
            let sends = self.per_event(self.tally.of("AmazonSQS").into());
            limits.push((self.dynamo_requests(), MATCH_READS, "DynamoDB requests per event"));
            limits.push((sends, MATCH_SENDS, "SQS requests per event"));
        }
        let over = limits.into_iter().filter(|(measured, most, _)| measured > most);
        over.map(|(measured, most, unit)| {
            format!("{}: {measured:.2} {unit}, budget {most}", self.name)
        })
        .collect()
    }
}

/// Prints the table.
pub(super) fn print(progress: &Progress, rows: &[Row]) {
    progress.say(format!(
        "\n{:<19} {:>7} {:>9} {:>9} {:>11} {:>9} {:>9} {:>6} {:>6}",
        "", "binary", "start", "resident", "CPU/event", "AWS", "DynamoDB", "read", "write"
    ));
    progress.say(format!(
        "{:<19} {:>7} {:>9} {:>9} {:>11} {:>9} {:>9} {:>6} {:>6}",
        "", "MB", "ms", "MiB", "ms", "requests", "requests", "units", "units"
    ));
    for row in rows {
        let fixed = format!(
            "{:<19} {:>7.1} {:>9.1} {:>9.1}",
            row.name,
            row.megabytes(),
            row.start(),
            row.mebibytes()
        );
        progress.say(if row.events == 0 { fixed } else { fixed + &per_event(row) });
    }
    progress.say("\nRequests per event:");
    for row in rows.iter().filter(|row| row.events > 0) {
        progress.say(format!("{:<19} {}", row.name, row.operations()));
    }
    let chain: f64 = rows.iter().map(Row::dynamo_requests).sum();
    progress.say(format!("\nDynamoDB requests per event over the whole chain: {chain:.2}"));
    let mut excess: Vec<_> = rows.iter().flat_map(Row::excess).collect();
    if chain > CHAIN_REQUESTS {
        excess.push(format!("the chain: {chain:.2} DynamoDB requests, budget {CHAIN_REQUESTS}"));
    }
    for line in excess {
        progress.say(format!("over budget: {line}"));
    }
}

fn per_event(row: &Row) -> String {
    format!(
        " {:>11.2} {:>9.2} {:>9.2} {:>6.2} {:>6.2}",
        row.cpu(),
        row.requests(),
        row.dynamo_requests(),
        row.per_event(row.tally.read_units),
        row.per_event(row.tally.write_units)
    )
}

#[expect(clippy::cast_precision_loss, reason = "a table shows a few digits")]
fn precise(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity_match(operations: &[&str]) -> Row {
        let mut tally = Tally::default();
        for operation in operations {
            tally.count(operation, b"{}", b"{}");
        }
        let (start, cpu) = (Duration::ZERO, Duration::ZERO);
        Row { name: "identity-match", size: 0, start, resident: 0, events: 1, cpu, tally }
    }

    #[test]
    fn a_known_handle_may_take_one_read_and_one_message() {
        let (read, send) = ("DynamoDB_20120810.BatchGetItem", "AmazonSQS.SendMessage");
        let row = identity_match(&[read, send]);
        assert_eq!(row.operations(), "1.00 AmazonSQS.SendMessage, 1.00 DynamoDB.BatchGetItem");
        assert_eq!(row.excess(), Vec::<String>::new());
        let excess = identity_match(&[read, read, send, send]).excess();
        assert_eq!(excess.len(), 2, "{excess:?}");
    }
}
