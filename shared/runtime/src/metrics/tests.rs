//! What CloudWatch would make of the lines.

use super::*;
use jiff::Timestamp;
use serde_json::{Value, json};

fn read(line: Line) -> Value {
    serde_json::from_str(&line.text("Omnicord/test", Timestamp::UNIX_EPOCH)).unwrap()
}

fn directive(line: &Value, number: usize) -> &Value {
    &line["_aws"]["CloudWatchMetrics"][number]
}

#[test]
fn a_failure_is_kept_by_step_and_by_class_and_by_both() {
    let line = read(counted(Metric::Parked(Step::TagUpdate, Class::Ours), 1));
    assert_eq!(directive(&line, 0)["Namespace"], "Omnicord/test");
    assert_eq!(directive(&line, 0)["Dimensions"], json!([["step"], ["class"], ["class", "step"]]));
    assert_eq!((&line["step"], &line["class"]), (&json!("tag-update"), &json!("ours")));
    assert_eq!(line["Parked"], 1);
}

#[test]
fn a_refused_webhook_is_kept_by_source_for_the_alarm_and_by_code_for_whoever_asks_why() {
    let line = read(counted(Metric::Rejected("shop", "stale"), 1));
    assert_eq!(directive(&line, 0)["Dimensions"], json!([["source"], ["code", "source"]]));
    assert_eq!((&line["source"], &line["code"]), (&json!("shop"), &json!("stale")));
}

#[test]
fn an_attempt_is_a_rate_and_a_time_of_its_destination() {
    let attempt = |failed| Measure::Attempt { destination: "crm", failed, took_ms: 40 };
    let (failed, delivered) = (read(measured(attempt(true))), read(measured(attempt(false))));
    assert_eq!((&failed["FailureRate"], &delivered["FailureRate"]), (&json!(100), &json!(0)));
    assert_eq!((&failed["AttemptTime"], &failed["destination"]), (&json!(40), &json!("crm")));
    assert_eq!(directive(&failed, 0)["Metrics"][0]["Unit"], "Percent");
    assert_eq!(directive(&failed, 1)["Metrics"][0]["Unit"], "Milliseconds");
}

#[test]
fn a_stranger_and_an_event_without_handles_are_unmatched() {
    for (outcome, percent) in [
        (MatchOutcome::Matched, 0),
        (MatchOutcome::Linked, 0),
        (MatchOutcome::Merged, 0),
        (MatchOutcome::Created, 100),
        (MatchOutcome::Anonymous, 100),
    ] {
        let line = read(measured(Measure::Match { source: "shop", outcome }));
        assert_eq!(line["Unmatched"], percent, "{outcome:?}");
        assert_eq!(directive(&line, 0)["Dimensions"], json!([["step"], ["source"]]));
    }
}

#[test]
fn every_label_that_a_metric_is_kept_by_has_a_value() {
    for metric in [
        Metric::Accepted("shop"),
        Metric::Rejected("shop", "bad_signature"),
        Metric::Malformed("shop"),
        Metric::OverLimit("shop"),
        Metric::Throttled("shop"),
        Metric::Invalid("amount"),
        Metric::Corrected("amount"),
        Metric::Flagged("amount"),
        Metric::Handled(Step::TagUpdate),
        Metric::Failed(Step::TagUpdate, Class::Data),
        Metric::DeadLettered(Step::TagUpdate, Class::Theirs),
        Metric::Parked(Step::TagUpdate, Class::Transient),
        Metric::Redriven(Step::TagUpdate),
        Metric::Expired(Step::TagUpdate),
        Metric::LineFull(Step::TagUpdate),
        Metric::WokenInVain("renewal"),
        Metric::Delivered("crm"),
        Metric::HeldBack("crm", "open"),
        Metric::BreakerOpened("crm"),
        Metric::Drift("shop"),
        Metric::Repaired("shop"),
        Metric::Identified(MatchOutcome::Merged),
    ] {
        let line = read(counted(metric, 3));
        let name = directive(&line, 0)["Metrics"][0]["Name"].as_str().unwrap();
        assert_eq!(line[name], 3, "{metric:?}");
        for label in directive(&line, 0)["Dimensions"].as_array().unwrap() {
            for label in label.as_array().unwrap() {
                assert!(line[label.as_str().unwrap()].is_string(), "{metric:?}: {label}");
            }
        }
    }
}
