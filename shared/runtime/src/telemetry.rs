//! Where logs and metrics go: lines of JSON on standard output.

use crate::{Environment, metrics};
use std::fmt::{Error, Result};
use tracing::{Event, Span, Subscriber, error_span};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging: one JSON object per line, at the level that `RUST_LOG` names. Metrics go into
/// the namespace that `METRICS_NAMESPACE` names.
pub(crate) fn start(environment: Environment) {
    let namespace = environment.optional("METRICS_NAMESPACE");
    let namespace = namespace.unwrap_or_else(|| "Omnicord".to_owned());
    let function = environment.optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    let lines = Lines::of(step(&function, &namespace));
    metrics::keep_in(namespace);
    let level = environment.optional("RUST_LOG").unwrap_or_else(|| "info".into());
    fmt()
        .fmt_fields(JsonFields::new())
        .event_format(lines)
        .with_env_filter(EnvFilter::new(level))
        .init();
}

/// The span of an invocation: what is logged within it bears the ids of its request and its trace.
/// It is of the highest level, so that no `RUST_LOG` takes them away.
pub(crate) fn invocation(request: &str, xray: Option<&str>) -> Span {
    error_span!(INVOCATION, request, trace = xray.and_then(root))
}

const INVOCATION: &str = "invocation";

/// The trace's own id in what Lambda tells of it.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
fn root(header: &str) -> Option<&str> {
    header.split(';').find_map(|member| member.trim().strip_prefix("Root="))
}

/// What the function is called beside the stack, after which its metrics' namespace is named too.
fn step<'f>(function: &'f str, namespace: &str) -> &'f str {
    let stack = namespace.rsplit('/').next().unwrap_or_default();
    let rest = function.strip_prefix(stack).and_then(|rest| rest.strip_prefix('-'));
    rest.unwrap_or(function)
}

/// Events as JSON whose members stand side by side, with those of the process and the invocation.
struct Lines {
    event: Format<Json>,
    /// As a JSON text.
    step: String,
}

impl Lines {
    fn of(step: &str) -> Self {
        let event = fmt::format()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_target(false);
        Self { event, step: serde_json::Value::from(step).to_string() }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, JsonFields> for Lines {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> Result {
        let mut line = String::new();
        self.event.format_event(context, Writer::new(&mut line), event)?;
        write!(writer, "{}", line.trim_end().strip_suffix('}').ok_or(Error)?)?;
        // An event may be about another step's message.
        if event.metadata().fields().field("step").is_none() {
            write!(writer, r#","step":{}"#, self.step)?;
        }
        let mut spans = context.event_scope().into_iter().flatten();
        if let Some(span) = spans.find(|span| span.name() == INVOCATION)
            && let Some(ids) = span.extensions().get::<FormattedFields<JsonFields>>()
        {
            write!(writer, ",{}", ids.fields.trim_matches(['{', '}']))?;
        }
        writeln!(writer, "}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};
    use tracing::{info, warn};

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged in this invocation.
    fn logged(xray: Option<&str>, log: impl FnOnce()) -> Vec<Value> {
        let captured = Captured::default();
        let writer = captured.clone();
        let subscriber = fmt()
            .fmt_fields(JsonFields::new())
            .event_format(Lines::of("tag-update"))
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            invocation("3f2a", xray).in_scope(log);
        });
        let bytes = captured.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    #[test]
    fn a_line_says_which_event_customer_step_request_and_trace_it_is_of() {
        let mut lines = logged(Some(XRAY), || {
            warn!(event = "evt_1", customer = "cus_1", code = "crm_busy", "not handled");
        });
        assert!(lines[0].as_object_mut().unwrap().remove("timestamp").is_some());
        assert_eq!(
            lines[0],
            json!({
                "level": "WARN", "message": "not handled", "code": "crm_busy",
                "event": "evt_1", "customer": "cus_1", "step": "tag-update",
                "request": "3f2a", "trace": "1-5759e988-bd862e3fe1be46a994272793",
            })
        );
    }

    #[test]
    fn a_line_about_another_step_keeps_its_word_and_one_without_a_trace_has_none() {
        let lines = logged(None, || {
            info!(step = "outbound-delivery", "failure recorded");
            error_span!("within", more = 1).in_scope(|| info!("a batch went out"));
        });
        assert_eq!(lines[0]["step"], "outbound-delivery");
        assert_eq!(lines[1]["step"], "tag-update");
        for line in &lines {
            assert_eq!(line["request"], "3f2a");
            assert_eq!((line.get("trace"), line.get("more")), (None, None));
        }
    }

    #[test]
    fn a_step_is_what_its_function_is_called_beside_the_stack() {
        assert_eq!(step("omnicord-tag-update", "Omnicord/omnicord"), "tag-update");
        assert_eq!(step("a-b-error-reconciler", "Omnicord/a-b"), "error-reconciler");
        assert_eq!(step("tag-update", "Omnicord"), "tag-update");
    }
}
