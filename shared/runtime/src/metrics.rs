//! What is counted and measured: codes and configured names, nothing personal.

use crate::embedded::{Line, Unit};
use crate::{Clock, SystemClock};
use domain::{Class, MatchOutcome, Step};
use std::sync::OnceLock;

/// Where CloudWatch keeps the metrics of this stack, once the function has started. Where none has,
/// as in a test, nobody reads them and none are written.
static NAMESPACE: OnceLock<String> = OnceLock::new();

/// Keeps the metrics of this process apart from those of other stacks.
pub(crate) fn keep_in(namespace: String) {
    // A second start of the same process says the same.
    drop(NAMESPACE.set(namespace));
}

/// What is counted, with the labels that tell the counts apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric<'a> {
    /// Events were accepted; by source.
    Accepted(&'a str),
    /// A webhook was refused as not authentic; by source, and by source and reason code.
    Rejected(&'a str, &'static str),
    /// A webhook was authentic and could not be read; by source.
    Malformed(&'a str),
    /// A delivery was over its source's limit; by source.
    OverLimit(&'a str),
    /// For that its sender was asked to come again, where else it was taken all the same; by source.
    Throttled(&'a str),
    /// An event failed a validation rule that parks what fails; by rule.
    Invalid(&'a str),
    /// A validation rule put a field right; by rule.
    Corrected(&'a str),
    /// An event failed a validation rule and went on with a flag; by rule.
    Flagged(&'a str),
    /// A message was handled; by step.
    Handled(Step),
    /// A message met a failure; by step and class.
    Failed(Step, Class),
    /// A message went to the dead-letter queue; by step and class.
    DeadLettered(Step, Class),
    /// A failure was parked; by step and class.
    Parked(Step, Class),
    /// A failure went back to its queue; by step.
    Redriven(Step),
    /// A failure's record was taken away at the end of its time; by step.
    Expired(Step),
    /// A message found no place in its group's line; by step.
    LineFull(Step),
    /// An outward effect was delivered; by destination.
    Delivered(&'a str),
    /// A timer's call came for nothing: the timer had moved, stopped or rung; by timer.
    WokenInVain(&'a str),
    /// An effect was not let through to its destination; by destination and what held it back:
    /// `open`, `over_rate`, `quota_spent` or `busy`.
    HeldBack(&'a str, &'static str),
    /// A destination's circuit breaker opened, or stayed open after a probe; by destination.
    BreakerOpened(&'a str),
    /// Events should have arrived, and had not; by source, and in all.
    Drift(&'a str),
    /// Events that had not arrived were put in; by source, and in all.
    Repaired(&'a str),
    /// An event was given to a customer; by outcome.
    Identified(MatchOutcome),
}

/// Counts so many of the metric, at no request of ours.
pub fn count(metric: Metric<'_>, value: u64) {
    print(counted(metric, value));
}

fn counted(metric: Metric<'_>, value: u64) -> Line {
    let by = |name, label: &'static str, labelled: &str| {
        Line::new(&[(label, labelled)]).with(name, Unit::Count, value, &[&[label]])
    };
    let by_step_and_class = |name, step: Step, class: Class| {
        Line::new(&[("step", step.as_str()), ("class", class.as_str())]).with(
            name,
            Unit::Count,
            value,
            &[&["step"], &["class"], &["class", "step"]],
        )
    };
    match metric {
        Metric::Accepted(source) => by("Accepted", "source", source),
        Metric::Rejected(source, code) => Line::new(&[("source", source), ("code", code)]).with(
            "Rejected",
            Unit::Count,
            value,
            &[&["source"], &["code", "source"]],
        ),
        Metric::Malformed(source) => by("Malformed", "source", source),
        Metric::Throttled(source) => by("Throttled", "source", source),
        Metric::OverLimit(source) => by("OverLimit", "source", source),
        Metric::Invalid(rule) => by("Invalid", "rule", rule),
        Metric::Corrected(rule) => by("Corrected", "rule", rule),
        Metric::Flagged(rule) => by("Flagged", "rule", rule),
        Metric::Handled(step) => by("Handled", "step", step.as_str()),
        Metric::Failed(step, class) => by_step_and_class("Failed", step, class),
        Metric::DeadLettered(step, class) => by_step_and_class("DeadLettered", step, class),
        Metric::Parked(step, class) => by_step_and_class("Parked", step, class),
        Metric::Redriven(step) => by("Redriven", "step", step.as_str()),
        Metric::Expired(step) => by("Expired", "step", step.as_str()),
        Metric::LineFull(step) => by("LineFull", "step", step.as_str()),
        Metric::Delivered(destination) => by("Delivered", "destination", destination),
        Metric::WokenInVain(timer) => by("WokenInVain", "timer", timer),
        Metric::HeldBack(destination, reason) => {
            Line::new(&[("destination", destination), ("reason", reason)]).with(
                "HeldBack",
                Unit::Count,
                value,
                &[&["destination", "reason"]],
            )
        }
        Metric::BreakerOpened(destination) => by("BreakerOpened", "destination", destination),
        Metric::Drift(source) => by_source_and_in_all("Drift", source, Unit::Count, value),
        Metric::Repaired(source) => by_source_and_in_all("Repaired", source, Unit::Count, value),
        Metric::Identified(outcome) => by("Identified", "outcome", outcome_name(outcome)),
    }
}

/// What is measured: averages, percentiles and extremes of it tell something, not sums.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure<'a> {
    /// A destination was called.
    Attempt {
        /// Which.
        destination: &'a str,
        /// Whether the effect was not delivered. The average of `FailureRate` is per cent.
        failed: bool,
        /// Milliseconds until it answered, or was given up.
        took_ms: u64,
    },
    /// What a destination's daily quota has left, in per cent.
    QuotaLeft {
        /// Which.
        destination: &'a str,
        /// 0 to 100.
        percent: u8,
    },
    /// What a source should have told is compared later than the configuration wants.
    PollerLag {
        /// Which source.
        source: &'a str,
        /// By how much.
        seconds: u64,
    },
    /// How many parked failures come to the end of their time soon.
    Expiring {
        /// Up to a thousand.
        failures: u64,
    },
    /// An event was given to a customer. The average of `Unmatched` is the share, in per cent, of
    /// those that no customer was known for.
    Match {
        /// The source of the event.
        source: &'a str,
        /// How it was matched.
        outcome: MatchOutcome,
    },
}

/// Measures, at no request of ours.
pub fn measure(measure: Measure<'_>) {
    print(measured(measure));
}

fn measured(measure: Measure<'_>) -> Line {
    match measure {
        Measure::Attempt { destination, failed, took_ms } => {
            Line::new(&[("destination", destination)])
                .with("FailureRate", Unit::Percent, all_or_nothing(failed), &[&["destination"]])
                .with("AttemptTime", Unit::Milliseconds, took_ms, &[&["destination"]])
        }
        Measure::QuotaLeft { destination, percent } => Line::new(&[("destination", destination)])
            .with("QuotaLeft", Unit::Percent, percent.into(), &[&["destination"]]),
        Measure::PollerLag { source, seconds } => {
            by_source_and_in_all("PollerLag", source, Unit::Seconds, seconds)
        }
        Measure::Expiring { failures } => Line::new(&[("step", Step::ErrorReconciler.as_str())])
            .with("Expiring", Unit::Count, failures, &[&["step"]]),
        Measure::Match { source, outcome } => {
            let unknown = match outcome {
                MatchOutcome::Created | MatchOutcome::Anonymous => true,
                MatchOutcome::Matched | MatchOutcome::Linked | MatchOutcome::Merged => false,
            };
            Line::new(&[("step", Step::IdentityMatch.as_str()), ("source", source)]).with(
                "Unmatched",
                Unit::Percent,
                all_or_nothing(unknown),
                &[&["step"], &["source"]],
            )
        }
    }
}

/// An alarm watches all sources at once; the dashboard tells them apart.
fn by_source_and_in_all(name: &str, source: &str, unit: Unit, value: u64) -> Line {
    Line::new(&[("source", source)]).with(name, unit, value, &[&[], &["source"]])
}

/// In per cent.
fn all_or_nothing(all: bool) -> u64 {
    if all { 100 } else { 0 }
}

fn outcome_name(outcome: MatchOutcome) -> &'static str {
    match outcome {
        MatchOutcome::Matched => "matched",
        MatchOutcome::Linked => "linked",
        MatchOutcome::Created => "created",
        MatchOutcome::Merged => "merged",
        MatchOutcome::Anonymous => "anonymous",
    }
}

fn print(line: Line) {
    if let Some(namespace) = NAMESPACE.get() {
        println!("{}", line.text(namespace, SystemClock.now()));
    }
}

#[cfg(test)]
mod tests;
