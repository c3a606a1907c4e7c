//! Where logs and metrics go: lines of JSON on standard output.

use crate::{Environment, metrics};
use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging: one JSON object per line, at the level that `RUST_LOG` names. Metrics go into
/// the namespace that `METRICS_NAMESPACE` names.
pub(crate) fn start(environment: Environment) {
    let namespace = environment.optional("METRICS_NAMESPACE");
    metrics::keep_in(namespace.unwrap_or_else(|| "Omnicord".to_owned()));
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
