//! Lines of the CloudWatch embedded metric format: logs that CloudWatch turns into metrics.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A metric's unit, of those that CloudWatch knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unit {
    Count,
    Percent,
    Milliseconds,
    Seconds,
}

impl Unit {
    fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Percent => "Percent",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
        }
    }
}

/// One line, with any number of metrics.
#[derive(Debug)]
pub(crate) struct Line {
    directives: Vec<Value>,
    members: Map<String, Value>,
}

impl Line {
    /// A line without metrics, whose labels have these values.
    pub(crate) fn new(labels: &[(&str, &str)]) -> Self {
        let member = |&(name, value): &(&str, &str)| (name.to_owned(), Value::from(value));
        Self { directives: Vec::new(), members: labels.iter().map(member).collect() }
    }

    /// Adds a metric, kept once for each set of labels.
    pub(crate) fn with(mut self, name: &str, unit: Unit, value: u64, sets: &[&[&str]]) -> Self {
        let metric = json!({ "Name": name, "Unit": unit.as_str() });
        self.directives.push(json!({ "Dimensions": sets, "Metrics": [metric] }));
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// The text of the line.
    pub(crate) fn text(mut self, namespace: &str, at: Timestamp) -> String {
        for directive in self.directives.iter_mut().filter_map(Value::as_object_mut) {
            directive.insert("Namespace".to_owned(), namespace.into());
        }
        let metadata =
            json!({ "Timestamp": at.as_millisecond(), "CloudWatchMetrics": self.directives });
        self.members.insert("_aws".to_owned(), metadata);
        Value::Object(self.members).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_has_a_value_and_every_metric_a_number() {
        let line = Line::new(&[("step", "tag-update"), ("class", "ours")])
            .with("Parked", Unit::Count, 2, &[&["class"], &["class", "step"]])
            .with("Taken", Unit::Milliseconds, 7, &[&["step"]]);
        let text = line.text("Omnicord/test", Timestamp::UNIX_EPOCH);
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            line,
            json!({
                "_aws": { "Timestamp": 0, "CloudWatchMetrics": [
                    {
                        "Namespace": "Omnicord/test",
                        "Dimensions": [["class"], ["class", "step"]],
                        "Metrics": [{ "Name": "Parked", "Unit": "Count" }],
                    },
                    {
                        "Namespace": "Omnicord/test",
                        "Dimensions": [["step"]],
                        "Metrics": [{ "Name": "Taken", "Unit": "Milliseconds" }],
                    },
                ] },
                "step": "tag-update", "class": "ours", "Parked": 2, "Taken": 7,
            })
        );
    }
}
