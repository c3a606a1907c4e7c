//! What a long backlog costs from its beginning to its end: the same for each event, and no more
//! memory.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use crate::binaries::Profile;
use crate::error::Trouble;
use crate::progress::{Progress, Step};
use crate::project::{Project, STEPS};
use crate::stack;

use super::function::Function;
use super::proxy::Proxy;
use super::tally::{Sent, Tally};
use super::{Deployment, event, prepare};

/// The customers, who call in turn.
const CUSTOMERS: usize = 1_000;
/// The messages that SQS hands over at once, at most.
const BATCH: usize = 10;
/// The parts of the backlog, of which the first and the last are compared.
const PARTS: usize = 10;
/// By how much the last part may ask more than the first: a running function looks for a newer
/// configuration every half minute, however many events it gets meanwhile.
const MORE_REQUESTS: f64 = 1.01;
/// Bytes by which a function may grow from the first part to the last.
const MORE_MEMORY: u64 = 4 << 20;

/// What a function needed for one part.
struct Cost {
    events: usize,
    cpu: Duration,
    resident: u64,
    tally: Tally,
}

/// A function with what each part cost it.
struct Drain {
    name: &'static str,
    function: Function,
    costs: Vec<Cost>,
}

/// The functions that an event passes through.
fn passed() -> impl Iterator<Item = &'static str> {
    STEPS.into_iter().filter(|name| !name.ends_with("reconciler"))
}

/// Drains that many events, a part at a time, through the functions that they pass through.
pub(crate) fn run(project: &Project, progress: &Progress, events: usize) -> Result<(), Trouble> {
    stack::up(project, progress, Profile::Test)?;
    let step = progress.step(format!("draining {events} events of {CUSTOMERS} customers"));
    let deployment = prepare(project, &step, "backlog.yaml")?;
    let proxy = Proxy::start().map_err(Trouble::Loopback)?;
    let mut drains = Vec::new();
    for name in passed() {
        drains.push(Drain::start(project, name, &deployment, &proxy)?);
    }
    // Every customer is known before anything counts.
    part(&mut drains, &proxy, 0..CUSTOMERS, &step)?;
    for drain in &mut drains {
        drain.costs.clear();
    }
    progress.say(header());
    let mut begun = CUSTOMERS;
    for number in 1..=PARTS {
        let end = CUSTOMERS + events * number / PARTS;
        part(&mut drains, &proxy, begun..end, &step)?;
        begun = end;
        progress.say(row(end - CUSTOMERS, &drains));
    }
    step.done();
    // Each function but the receiver reads a queue.
    let messages = events * (drains.len() - 1);
    progress.say(format!("\n{messages} messages of {events} events went through the queues."));
    progress.say("\nRequests per event, in the first part and in the last:");
    for drain in &drains {
        drain.compare(progress);
    }
    stack::down(project, progress)?;
    let rises: Vec<_> = drains.iter().flat_map(|drain| rises(drain.name, &drain.costs)).collect();
    if rises.is_empty() { Ok(()) } else { Err(Trouble::Rises { what: rises.join("\n  ") }) }
}

/// Passes a part of the backlog through all functions; each gets what the one before it sent.
fn part(
    drains: &mut [Drain],
    proxy: &Proxy,
    numbers: std::ops::Range<usize>,
    step: &Step<'_>,
) -> Result<(), Trouble> {
    let mut waiting: VecDeque<String> =
        numbers.map(|number| event::webhook(number, number % CUSTOMERS)).collect();
    for drain in drains {
        step.note(drain.name);
        let sent = drain.drain(&waiting, proxy)?;
        waiting = sent.chunks(BATCH).map(|batch| event::queue(drain.name, batch)).collect();
    }
    Ok(())
}

impl Drain {
    fn start(
        project: &Project,
        name: &'static str,
        deployment: &Deployment,
        proxy: &Proxy,
    ) -> Result<Self, Trouble> {
        let environment = deployment.environment(name, proxy);
        let function = Function::start(&project.bootstrap(name), &environment)?;
        Ok(Self { name, function, costs: Vec::new() })
    }

    /// Invokes the function with each of these. Returns what it sent.
    fn drain(
        &mut self,
        invocations: &VecDeque<String>,
        proxy: &Proxy,
    ) -> Result<Vec<Sent>, Trouble> {
        proxy.take();
        let before = self.function.usage()?;
        let mut events = 0;
        for invocation in invocations {
            let answer = self.function.invoke(invocation)?;
            events += taken(invocation, &answer).ok_or(Trouble::Kept { name: self.name })?;
        }
        let after = self.function.usage()?;
        let mut tally = proxy.take();
        let sent = std::mem::take(&mut tally.sent);
        let cpu = after.cpu.saturating_sub(before.cpu);
        self.costs.push(Cost { events, cpu, resident: after.resident, tally });
        Ok(sent)
    }

    /// Shows what the first part cost and the last.
    fn compare(&self, progress: &Progress) {
        let (Some(first), Some(last)) = (self.costs.first(), self.costs.last()) else { return };
        for (name, count) in &last.tally.requests {
            let before = first.tally.requests.get(name).copied().unwrap_or_default();
            let (before, now) = (first.of(before), last.of(*count));
            progress.say(format!("{:<19} {name:<28} {before:>7.3} {now:>7.3}", self.name));
        }
    }
}

/// What rose from the first part to the last.
fn rises(name: &str, costs: &[Cost]) -> Vec<String> {
    let (Some(first), Some(last)) = (costs.first(), costs.last()) else { return Vec::new() };
    let mut rises = Vec::new();
    if last.requests() > first.requests() * MORE_REQUESTS {
        let (first, last) = (first.requests(), last.requests());
        rises.push(format!("{name}: {first:.3} requests per event, then {last:.3}"));
    }
    if last.resident > first.resident + MORE_MEMORY {
        let (first, last) = (first.mebibytes(), last.mebibytes());
        rises.push(format!("{name}: {first:.1} MiB, then {last:.1}"));
    }
    rises
}

/// How many events an invocation held, if all of them were taken.
fn taken(invocation: &str, answer: &str) -> Option<usize> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    if let Some(status) = answer.get("statusCode") {
        return (status == 200).then_some(1);
    }
    let kept = answer.get("batchItemFailures").and_then(Value::as_array)?;
    let invocation: Value = serde_json::from_str(invocation).ok()?;
    let records = invocation.get("Records").and_then(Value::as_array)?;
    kept.is_empty().then_some(records.len())
}

impl Cost {
    fn of(&self, total: u32) -> f64 {
        f64::from(total) / f64::from(u32::try_from(self.events.max(1)).unwrap_or(u32::MAX))
    }

    fn requests(&self) -> f64 {
        self.of(self.tally.all())
    }

    fn mebibytes(&self) -> f64 {
        f64::from(u32::try_from(self.resident >> 10).unwrap_or(u32::MAX)) / 1024.0
    }

    fn milliseconds(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3 / f64::from(u32::try_from(self.events.max(1)).unwrap_or(1))
    }
}

fn header() -> String {
    let names = passed().map(|name| format!(" {name:^26}"));
    let columns = format!(" {:>8} {:>8} {:>8}", "requests", "MiB", "ms CPU");
    let titles: String = names.collect();
    format!("\n{:>8}{titles}\n{:>8}{}", "", "events", columns.repeat(passed().count()))
}

fn row(events: usize, drains: &[Drain]) -> String {
    let last = drains.iter().filter_map(|drain| drain.costs.last());
    let cells = last.map(|cost| {
        let (requests, memory, cpu) = (cost.requests(), cost.mebibytes(), cost.milliseconds());
        format!(" {requests:>8.3} {memory:>8.1} {cpu:>8.3}")
    });
    format!("{events:>8}{}", cells.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(events: usize, requests: &[u32], resident: &[u64]) -> Vec<Cost> {
        let cost = |(requests, resident): (&u32, &u64)| {
            let mut tally = Tally::default();
            tally.requests.insert("DynamoDB.GetItem".to_owned(), *requests);
            Cost { events, cpu: Duration::ZERO, resident: *resident, tally }
        };
        requests.iter().zip(resident).map(cost).collect()
    }

    #[test]
    fn a_batch_counts_if_nothing_of_it_is_kept() {
        let batch = r#"{ "Records": [{}, {}] }"#;
        assert_eq!(taken(batch, r#"{ "batchItemFailures": [] }"#), Some(2));
        let kept = r#"{ "batchItemFailures": [{ "itemIdentifier": "1" }] }"#;
        assert_eq!(taken(batch, kept), None);
        assert_eq!(taken("{}", r#"{ "statusCode": 200 }"#), Some(1));
        assert_eq!(taken("{}", r#"{ "statusCode": 503 }"#), None);
    }

    #[test]
    fn a_rise_is_one_of_requests_or_of_memory() {
        let rose = |requests: &[u32], resident: &[u64]| {
            rises("tag-update", &costs(1_000, requests, resident)).len()
        };
        assert_eq!(rose(&[3_000, 3_020], &[9 << 20, 12 << 20]), 0);
        assert_eq!(rose(&[3_000, 3_050], &[9 << 20, 9 << 20]), 1);
        assert_eq!(rose(&[3_000, 3_050], &[9 << 20, 14 << 20]), 2);
    }
}
