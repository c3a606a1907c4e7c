//! Templates, dashboard, runbook and metrics know of one another.

use std::collections::BTreeSet;

use serde_json::Value;

const TEMPLATE: &str = include_str!("../../../template.yaml");
const ALARMS: &str = include_str!("../../alarms.yaml");
const DASHBOARD: &str = include_str!("../../dashboard.yaml");
const RUNBOOK: &str = include_str!("../../../docs/runbook.md");
const README: &str = include_str!("../../../README.md");
const METRICS: &str = include_str!("../../../shared/runtime/src/metrics.rs");

/// What stands behind the words, up to one of the ends.
fn after<'t>(text: &'t str, words: &str, ends: &[char]) -> Vec<&'t str> {
    let found = text.split(words).skip(1);
    found.map(|rest| rest.split(ends).next().unwrap().trim()).collect()
}

fn entries() -> Vec<(&'static str, &'static str)> {
    RUNBOOK.split("\n## ").skip(1).map(|entry| entry.split_once('\n').unwrap()).collect()
}

/// Each alarm's own lines.
fn alarms() -> Vec<&'static str> {
    ALARMS.split("Type: AWS::CloudWatch::Alarm").skip(1).collect()
}

fn number(text: &str, words: &str) -> u32 {
    let found = after(text, words, &['\n', ' ']);
    assert_eq!(found.len(), 1, "{words}{found:?} in {text}");
    found[0].parse().unwrap()
}

fn widgets() -> Vec<Value> {
    let body = DASHBOARD.split("- |\n").nth(1).unwrap().split("        - Alarm:").next().unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    body["widgets"].as_array().unwrap().clone()
}

#[test]
fn every_alarm_has_an_entry_and_every_entry_an_alarm() {
    let alarms = ALARMS.matches("Type: AWS::CloudWatch::Alarm").count();
    let named = after(ALARMS, "docs/runbook.md#", &['\n']);
    assert_eq!(named.len(), alarms);
    let written: Vec<_> = entries().iter().map(|(name, _)| *name).collect();
    let once: BTreeSet<_> = written.iter().copied().collect();
    assert_eq!(once.len(), written.len(), "an entry is there twice");
    assert_eq!(once, named.into_iter().collect());
}

#[test]
fn every_entry_answers_every_question() {
    for (name, entry) in entries() {
        let parts = ["Means.", "Customers notice", "Look", "Do.", "Wake", "Over"];
        let places = parts.map(|part| entry.find(&format!("**{part}**")));
        assert!(places.iter().all(Option::is_some), "{name} lacks one of {parts:?}");
        assert!(places.is_sorted(), "{name}: {parts:?} is the order");
    }
}

#[test]
fn every_alarm_reaches_people_when_it_begins_and_ends_and_says_what_silence_means() {
    let alarms = ALARMS.matches("Type: AWS::CloudWatch::Alarm").count();
    assert_eq!(ALARMS.matches("      AlarmActions: [!Ref Topic]\n").count(), alarms);
    assert_eq!(ALARMS.matches("      OKActions: [!Ref Topic]\n").count(), alarms);
    let silence = after(ALARMS, "      TreatMissingData: ", &['\n']);
    assert_eq!(silence.len(), alarms);
    assert!(silence.iter().all(|choice| choice.contains(" # ")), "say why: {silence:?}");
}

#[test]
fn a_dead_letter_that_is_kept_is_noticed_at_its_second_receive_and_one_that_is_taken_is_not() {
    let watching: Vec<_> =
        alarms().into_iter().filter(|alarm| alarm.contains("-dead-letter.fifo")).collect();
    let queues = TEMPLATE.split("QueueName: !Sub").filter(|queue| queue.contains("RedriveAllow"));
    let hidden: Vec<_> = queues.map(|queue| number(queue, "VisibilityTimeout: ")).collect();
    assert_eq!(watching.len(), hidden.len());
    for (alarm, hidden) in watching.into_iter().zip(hidden) {
        assert!(alarm.contains("MetricName: ApproximateAgeOfOldestMessage\n"), "{alarm}");
        assert!(alarm.contains("Statistic: Maximum\n"), "{alarm}");
        let (threshold, period) = (number(alarm, "Threshold: "), number(alarm, " Period: "));
        assert!(hidden < threshold && threshold < 2 * hidden, "{alarm}");
        assert!(period <= 300 && alarm.contains("DatapointsToAlarm: 1\n"), "{alarm}");
    }
}

#[test]
fn every_function_and_queue_has_its_alarms_and_they_and_the_tables_are_on_the_dashboard() {
    let named =
        |kind: &str| after(TEMPLATE, &format!("{kind}: !Sub \"${{AWS::StackName}}-"), &['"']);
    let (functions, queues, tables) =
        (named("FunctionName"), named("QueueName"), named("TableName"));
    assert!(functions.len() >= 6 && queues.len() >= 8 && tables.len() >= 8);
    for name in functions.iter().chain(&queues) {
        assert!(ALARMS.contains(&format!("\"${{Stack}}-{name}\"")), "no alarm watches {name}");
    }
    for name in functions.iter().chain(&queues).chain(&tables) {
        let bounded = ['"', '\\'].map(|end| format!("${{Stack}}-{name}{end}"));
        assert!(bounded.iter().any(|name| DASHBOARD.contains(name)), "nothing shows {name}");
    }
}

#[test]
fn every_function_is_watched_for_what_ends_it_and_for_what_keeps_it_from_starting() {
    for metric in ["Errors", "Throttles"] {
        for name in after(TEMPLATE, "FunctionName: !Sub \"${AWS::StackName}-", &['"']) {
            let dimension = format!("{{ Name: FunctionName, Value: !Sub \"${{Stack}}-{name}\" }}");
            let watched = format!("MetricName: {metric}, Dimensions: [{dimension}]");
            assert!(ALARMS.contains(&watched), "no alarm counts the {metric} of {name}");
        }
    }
}

#[test]
fn a_key_that_serves_no_more_calls_once_however_long_the_next_try_waits() {
    let an_hour = 3600;
    let alarm = alarms().into_iter().find(|alarm| alarm.contains("-authorisation\"")).unwrap();
    let (period, periods) = (number(alarm, " Period: "), number(alarm, "EvaluationPeriods: "));
    assert!(periods * period > an_hour + period, "{alarm}");
    assert_eq!(number(alarm, "DatapointsToAlarm: "), 1);
}

#[test]
fn what_nothing_but_a_schedule_starts_is_missed_when_it_does_not_start() {
    for function in ["error-reconciler", "source-reconciler"] {
        let missed = alarms().into_iter().any(|alarm| {
            alarm.contains("MetricName: Invocations\n")
                && alarm.contains("TreatMissingData: breaching ")
                && alarm.contains(&format!("\"${{Stack}}-{function}\""))
        });
        assert!(missed, "nobody misses {function}");
    }
}

#[test]
fn a_second_stack_shares_no_name_with_the_first() {
    // What has these is named apart by whatever it is part of.
    let parts = ["Attribute", "Index", "Policy", "Metric", "Stage"];
    let mut named = 0;
    for line in [TEMPLATE, ALARMS, DASHBOARD].into_iter().flat_map(str::lines) {
        for (at, _) in line.match_indices("Name: ") {
            let (before, name) = (&line[..at], &line[at + "Name: ".len()..]);
            let kind = before.rsplit([' ', '{']).next().unwrap();
            let is_dimension = name.contains(", Value: ");
            if is_dimension || parts.contains(&kind) {
                continue;
            }
            let own = ["!Ref ", "!Sub \"${AWS::StackName}", "!Sub \"${Stack}", "!Sub \"/aws/"];
            assert!(own.iter().any(|own| name.starts_with(own)), "{line}");
            assert!(name.contains("Stack") || name.starts_with("!Ref "), "{line}");
            named += 1;
        }
    }
    assert!(named >= 40, "{named}");
}

#[test]
fn every_schedule_has_a_name_where_sam_would_take_the_one_it_has_in_the_template() {
    let schedules = after(TEMPLATE, "Type: ScheduleV2\n          Properties:\n", &['\n']);
    assert!(schedules.len() >= 3 && TEMPLATE.matches("ScheduleV2").count() == schedules.len());
    for first in schedules {
        assert!(first.starts_with("Name: "), "{first}");
    }
}

#[test]
fn who_sends_back_what_a_build_held_is_updated_after_those_that_get_it() {
    let reconciler = TEMPLATE.split("\n  ErrorReconciler:\n").nth(1).unwrap();
    let depends = after(reconciler, "    DependsOn: [", &[']'])[0];
    let depends: BTreeSet<_> = depends.split(", ").collect();
    let from_messages = TEMPLATE.split("\n  ErrorReconciler:\n").next().unwrap();
    let functions = from_messages.split("\n    Type: AWS::Serverless::Function\n");
    let names: Vec<_> = functions.map(|text| text.rsplit("\n  ").next().unwrap()).collect();
    let (_, names) = names.split_last().unwrap();
    assert_eq!(names.len(), 5);
    for name in names {
        assert!(depends.contains(name.trim_end_matches(':')), "{name} is not among {depends:?}");
    }
}

#[test]
fn every_metric_is_in_the_readme() {
    let mut counted: BTreeSet<_> = after(METRICS, "by(\"", &['"']).into_iter().collect();
    counted.extend(after(METRICS, "by_step_and_class(\"", &['"']));
    counted.extend(after(METRICS, "by_source_and_in_all(\"", &['"']));
    let measured = METRICS.split(".with(").skip(1).filter_map(|call| {
        let name = call.trim_start().strip_prefix('"')?;
        name.split('"').next()
    });
    counted.extend(measured);
    assert!(counted.len() >= 25, "{counted:?}");
    for metric in counted {
        assert!(README.contains(&format!("`{metric}`")), "{metric} is not in the README");
    }
}

#[test]
fn the_dashboard_asks_the_log_of_every_function_for_reason_codes() {
    let widget = widgets().into_iter().find(|it| it["properties"]["title"] == "Reason codes");
    let asked = widget.unwrap()["properties"]["query"].to_string();
    for name in after(TEMPLATE, "FunctionName: !Sub \"${AWS::StackName}-", &['"']) {
        assert!(asked.contains(&format!("'/aws/lambda/${{Stack}}-{name}'")), "{name}: {asked}");
    }
}

#[test]
fn no_queue_can_take_all_that_may_run_at_once() {
    let queues = after(TEMPLATE, "          Type: SQS\n", &['#']);
    assert_eq!(queues.len(), TEMPLATE.matches("Type: AWS::SQS::Queue").count());
    for queue in queues {
        let event = queue.split("Logs:\n").next().unwrap().split("Type: ").next().unwrap();
        assert!(event.contains("ScalingConfig: { MaximumConcurrency: "), "{event}");
    }
}

#[test]
fn every_parameter_is_in_the_readme_with_its_default() {
    let parameters = TEMPLATE.split("\nConditions:\n").next().unwrap();
    let parameters = parameters.split("\nParameters:\n").nth(1).unwrap();
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names = parameters.lines().filter(is_name).map(|line| line.trim().trim_end_matches(':'));
    let defaults = after(parameters, "Default: ", &['\n']);
    assert_eq!(names.clone().count(), defaults.len());
    for (name, default) in names.zip(defaults) {
        let default = default.trim_matches('"');
        let shown = if default.is_empty() { "empty".to_owned() } else { format!("`{default}`") };
        assert!(README.contains(&format!("\n| `{name}` | {shown} |")), "{name}: {default}");
    }
}

#[test]
fn every_alarm_is_on_the_dashboard() {
    let named = after(ALARMS, "AlarmName: !Sub \"${Stack}-", &['"']);
    let shown = after(DASHBOARD, "\"${Alarm}-", &['"']);
    let set = |names: Vec<&'static str>| names.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(named), set(shown));
}

#[test]
fn rows_of_the_dashboard_are_full() {
    let mut column = 0;
    for widget in widgets() {
        let is_title = widget["type"] == "text";
        assert!(!is_title || column == 0, "{widget} begins in column {column}");
        column = (column + widget["width"].as_u64().unwrap()) % 24;
    }
    assert_eq!(column, 0);
}

#[test]
fn alarms_and_dashboard_speak_of_metrics_that_are_there() {
    let mut asked = BTreeSet::new();
    for alarm in ALARMS.split("Type: AWS::CloudWatch::Alarm") {
        if alarm.contains("Omnicord/${Stack}") {
            asked.extend(after(alarm, "MetricName: ", &['\n', ',']));
            let queries = after(alarm, "Expression: !Sub SELECT ", &[')']);
            asked.extend(queries.iter().map(|query| query.split_once('(').unwrap().1));
        }
    }
    for line in DASHBOARD.lines().filter(|line| line.contains("\"Omnicord/${Stack}")) {
        asked.extend(after(line, "\"Omnicord/${Stack}\", \"", &['"']));
    }
    for line in DASHBOARD.lines().filter(|line| line.contains("{\\\"Omnicord/${Stack}")) {
        asked.extend(after(line, "MetricName=\\\"", &['\\']));
    }
    for metric in ["FailureRate", "BreakerOpened", "QuotaLeft", "Rejected", "Parked", "Unmatched"] {
        assert!(asked.contains(metric), "{metric} is not among {asked:?}");
    }
    for metric in asked {
        assert!(METRICS.contains(&format!("\"{metric}\"")), "no code counts {metric}");
    }
}
