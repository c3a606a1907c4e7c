//! Logs and metrics, both as lines of JSON on standard output.

use crate::{Clock, Environment, SystemClock};
use serde_json::{Map, Value, json};
use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging: one JSON object per line, at the level that `RUST_LOG` names.
pub(crate) fn start(environment: Environment) {
    let level = environment.optional("RUST_LOG").unwrap_or_else(|| "info".into());
    fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(EnvFilter::new(level))
        .init();
}

/// What is counted, with the label that tells the counts apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric<'a> {
    /// A webhook was accepted; by source.
    Accepted(&'a str),
    /// A webhook was refused as not authentic; by source.
    Rejected(&'a str),
    /// A webhook was authentic and could not be read; by source.
    Malformed(&'a str),
    /// A message was handled; by step.
    Handled(&'a str),
    /// A message met a failure; by step.
    Failed(&'a str),
    /// A message went to the dead-letter queue; by step.
    DeadLettered(&'a str),
    /// A failure was parked; by step.
    Parked(&'a str),
    /// A failure went back to its queue; by step.
    Redriven(&'a str),
    /// An outward effect was delivered; by destination.
    Delivered(&'a str),
}

impl Metric<'_> {
    fn parts(&self) -> (&'static str, &'static str, &str) {
        match self {
            Self::Accepted(source) => ("Accepted", "source", source),
            Self::Rejected(source) => ("Rejected", "source", source),
            Self::Malformed(source) => ("Malformed", "source", source),
            Self::Handled(step) => ("Handled", "step", step),
            Self::Failed(step) => ("Failed", "step", step),
            Self::DeadLettered(step) => ("DeadLettered", "step", step),
            Self::Parked(step) => ("Parked", "step", step),
            Self::Redriven(step) => ("Redriven", "step", step),
            Self::Delivered(destination) => ("Delivered", "destination", destination),
        }
    }
}

/// Counts in the CloudWatch embedded metric format: a log line that CloudWatch turns into a
/// metric, at no request of ours.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
pub fn count(metric: Metric<'_>, value: u64) {
    let (name, dimension, label) = metric.parts();
    let mut line = Map::from_iter([(
        "_aws".to_owned(),
        json!({
            "Timestamp": SystemClock.now().as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Omnicord",
                "Dimensions": [[dimension]],
                "Metrics": [{ "Name": name, "Unit": "Count" }],
            }],
        }),
    )]);
    line.insert(dimension.to_owned(), label.into());
    line.insert(name.to_owned(), value.into());
    println!("{}", Value::Object(line));
}
