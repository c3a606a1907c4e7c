//! Failures at a glance.

use crate::arguments::StateName;
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{Class, EventId, FailureState, Step};
use serde::Serialize;
use state::dynamo::{FailureRecord, Store};

/// Failures by state, then by the time that their state names.
#[derive(Serialize)]
pub(super) struct Listed {
    failures: Vec<FailureRecord>,
}

/// Reads the records in a state, or else all that are open; those of a step, or else all.
pub(super) async fn list(
    store: &Store,
    state: Option<StateName>,
    step: Option<Step>,
    class: Option<Class>,
) -> Result<Listed, Trouble> {
    let states: &[&str] = match state {
        Some(StateName::Parked) => &["parked"],
        Some(StateName::Held) => &["held"],
        Some(StateName::Waiting) => &["waiting"],
        Some(StateName::Redriven) => &["redriven"],
        None => &["parked", "held", "waiting"],
    };
    let mut failures = Vec::new();
    for state in states {
        failures.extend(store.failure_records(state).await?);
    }
    failures.retain(|failure| {
        step.is_none_or(|step| failure.step == step)
            && class.is_none_or(|class| last_class(failure) == Some(class))
    });
    Ok(Listed { failures })
}

fn last_class(failure: &FailureRecord) -> Option<Class> {
    failure.attempts.last().map(|attempt| attempt.class)
}

impl Listed {
    /// Their ids.
    pub(super) fn into_ids(self) -> Vec<domain::FailureId> {
        self.failures.into_iter().map(|failure| failure.id).collect()
    }
}

impl View for Listed {
    fn text(&self, page: &Page) -> String {
        rows(page, &self.failures)
    }
}

/// A table of failures.
pub(crate) fn rows(page: &Page, failures: &[FailureRecord]) -> String {
    let mut sheet =
        page.table(["failure", "step", "state", "attempts", "class", "reason", "event"]);
    for failure in failures {
        let last = failure.attempts.last();
        sheet.row([
            failure.id.to_string(),
            failure.step.to_string(),
            state(page, failure.state),
            failure.attempts.len().to_string(),
            last_class(failure).map(|class| class.to_string()).unwrap_or_default(),
            last.map(|attempt| attempt.reason.code.clone()).unwrap_or_default(),
            failure.event.as_ref().map(EventId::to_string).unwrap_or_default(),
        ]);
    }
    sheet.or("none")
}

/// A failure's state with its time.
pub(super) fn state(page: &Page, state: FailureState) -> String {
    match state {
        FailureState::Waiting { retry_at } => format!("waiting, due {}", page.time(retry_at)),
        FailureState::Redriven { at } => format!("redriven {}", page.time(at)),
        FailureState::Held { at } => format!("held for the next release {}", page.time(at)),
        FailureState::Parked { at } => format!("parked {}", page.time(at)),
    }
}
