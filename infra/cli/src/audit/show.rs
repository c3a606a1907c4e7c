//! The audit's result, laid out.

use super::balance::{Balance, Breach, ByNumber, HourSum};
use super::batches::Batches;
use super::evidence::Evidence;
use crate::output::{Verdict, View};
use crate::page::{Page, title};
use crate::queues::{Depth, Depths, HopDepth};
use anstyle::AnsiColor;
use domain::Step;
use serde::Serialize;

/// The balance, with what lies at each hop.
#[derive(Serialize)]
pub(super) struct Audit {
    balanced: bool,
    /// Whether the queues kept changing while they were read.
    moving: bool,
    #[serde(flatten)]
    balance: Balance,
    /// What waits for a batch, where anything does.
    #[serde(skip_serializing_if = "Batches::is_empty")]
    batches: Batches,
    hops: Vec<Hop>,
    #[serde(skip)]
    every_hour: bool,
}

/// A step, with what waits before it.
#[derive(Serialize)]
struct Hop {
    step: Step,
    #[serde(flatten)]
    depth: Option<HopDepth>,
    /// Failures that go back by themselves.
    waiting: usize,
    /// Failures that wait for a person.
    parked: usize,
}

impl Audit {
    pub(super) fn new(
        evidence: &Evidence,
        balance: Balance,
        moving: bool,
        every_hour: bool,
    ) -> Self {
        let Depths { inbound, matched, tagged, outbound } = evidence.depths;
        let hop = |(step, depth)| {
            let failures = evidence.failures.iter().filter(|failure| failure.step == step);
            let (parked, waiting): (Vec<_>, Vec<_>) = failures.partition(|failure| failure.parked);
            Hop { step, depth, waiting: waiting.len(), parked: parked.len() }
        };
        let hops = [
            (Step::WebhookReceiver, None),
            (Step::IdentityMatch, Some(inbound)),
            (Step::TagUpdate, Some(matched)),
            (Step::TriggerDispatcher, Some(tagged)),
            (Step::OutboundDelivery, Some(outbound)),
        ];
        let hops = hops.into_iter().map(hop).collect();
        let batches = evidence.batches;
        let balanced = balance.breaches.is_empty() && batches.overdue == 0;
        Self { balanced, moving, balance, batches, hops, every_hour }
    }

    fn sums(&self, page: &Page) -> String {
        let (events, effects) = (self.balance.events, self.balance.effects);
        let mut sheet = page.table([
            "",
            "accepted/issued",
            "applied/done",
            "withheld",
            "parked",
            "in flight",
            "unexplained",
        ]);
        sheet.row([
            "events".to_owned(),
            events.accepted.to_string(),
            events.applied.to_string(),
            String::new(),
            events.parked.to_string(),
            events.in_flight.to_string(),
            events.unexplained.to_string(),
        ]);
        sheet.row([
            "effects".to_owned(),
            effects.issued.to_string(),
            effects.done.to_string(),
            effects.withheld.to_string(),
            effects.parked.to_string(),
            effects.in_flight.to_string(),
            effects.unexplained.to_string(),
        ]);
        sheet.to_string()
    }

    /// What the proof rests on, where it is not only records.
    fn by_number(&self) -> String {
        let ByNumber { events, effects } = self.balance.by_number;
        if self.balance.by_number == ByNumber::default() {
            return String::new();
        }
        format!(
            "by number alone: {events} events and {effects} effects, which as many messages explain \
             that cannot be read\n"
        )
    }

    fn hops(&self, page: &Page) -> String {
        let mut sheet = page.table(["before", "queue", "dead letters", "waiting", "parked"]);
        for hop in &self.hops {
            let count = |of: fn(HopDepth) -> Depth| {
                hop.depth.map(|depth| of(depth).total().to_string()).unwrap_or_default()
            };
            sheet.row([
                hop.step.to_string(),
                count(|depth| depth.queue),
                count(|depth| depth.dead_letters),
                hop.waiting.to_string(),
                hop.parked.to_string(),
            ]);
        }
        sheet.to_string()
    }

    /// The hours of each source in which something is not applied yet; or all.
    fn hours(&self, page: &Page) -> String {
        let columns =
            ["source", "hour", "accepted", "applied", "parked", "in flight", "unexplained"];
        let mut sheet = page.table(columns);
        let shown = self
            .balance
            .hours
            .iter()
            .filter(|sum| self.every_hour || sum.events.applied < sum.events.accepted);
        for HourSum { source, hour, events } in shown {
            sheet.row([
                source.clone(),
                format!("{hour:.0}"),
                events.accepted.to_string(),
                events.applied.to_string(),
                events.parked.to_string(),
                events.in_flight.to_string(),
                events.unexplained.to_string(),
            ]);
        }
        sheet.or("")
    }

    fn breaches(&self, page: &Page) -> String {
        let mut sheet =
            page.table(["breach", "event", "source", "since", "is in no queue, lease or failure"]);
        for breach in &self.balance.breaches {
            sheet.row(match breach {
                Breach::Event { received_at, source, event } => [
                    "event".to_owned(),
                    event.to_string(),
                    source.clone(),
                    page.time(*received_at),
                    "its triggers were never decided".to_owned(),
                ],
                Breach::Effect { decided_at, effect, event, destination } => [
                    "effect".to_owned(),
                    event.to_string(),
                    String::new(),
                    page.time(*decided_at),
                    format!("{effect} to {destination} was not done"),
                ],
            });
        }
        sheet.to_string()
    }

    fn conclusion(&self) -> String {
        let moving =
            if self.moving { " (moving: the queues changed while they were read)" } else { "" };
        if self.balanced {
            let green = AnsiColor::Green.on_default().bold();
            return format!("\n{green}BALANCED{green:#}{moving}\n");
        }
        let red = AnsiColor::Red.on_default().bold();
        let count = self.balance.breaches.len() + self.batches.overdue;
        format!(
            "\n{red}{count} UNEXPLAINED{red:#}{moving}\n\
             what is known of one: omnicord events show EVENT\n"
        )
    }
}

impl View for Audit {
    fn text(&self, page: &Page) -> String {
        let mut text = self.sums(page) + &self.by_number() + "\n" + &self.hops(page);
        if !self.batches.is_empty() {
            text += "\n";
            text += &self.batches.text(page);
        }
        let hours = self.hours(page);
        if !hours.trim().is_empty() {
            text += &title("\nEvents by source and hour of receipt");
            text += &hours;
        }
        if !self.balance.breaches.is_empty() {
            text += &title("\nBreaches, the oldest first");
            text += &self.breaches(page);
        }
        text + &self.conclusion()
    }

    fn verdict(&self) -> Verdict {
        if self.balanced { Verdict::Clean } else { Verdict::Finding }
    }
}

#[cfg(test)]
mod tests;
