//! Failures at a glance.

use crate::arguments::{ListCommand, StateName};
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{Class, EventId, FailureRecord, FailureState};
use serde::Serialize;
use state::dynamo::Store;

/// Failures by state, then by the time that their state names.
#[derive(Serialize)]
pub(super) struct Listed {
    failures: Vec<FailureRecord>,
}

/// Reads the records in a state, or else all that are open; and of these the ones that are meant.
pub(super) async fn list(store: &Store, which: &ListCommand) -> Result<Listed, Trouble> {
    let states = match which.state {
        Some(StateName::Parked) => vec!["parked"],
        Some(StateName::Held) => vec!["held"],
        Some(StateName::Waiting) => vec!["waiting"],
        Some(StateName::Behind) => vec!["behind"],
        Some(StateName::Redriven) => vec!["redriven"],
        Some(StateName::Dismissed) => vec!["dismissed"],
        None => FailureState::OPEN.to_vec(),
    };
    let mut failures = Vec::new();
    for state in states {
        failures.extend(store.failure_records(state).await?);
    }
    failures.retain(|failure| is_meant(failure, which));
    Ok(Listed { failures })
}

fn is_meant(failure: &FailureRecord, which: &ListCommand) -> bool {
    let ListCommand { state: _, step, class, destination, source } = which;
    step.is_none_or(|step| failure.step == step)
        && class.is_none_or(|class| last_class(failure) == Some(class))
        && (destination.is_none() || failure.about.destination == *destination)
        && (source.is_none() || failure.about.source == *source)
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
    let mut sheet = page
        .table(["failure", "step", "to, from", "state", "attempts", "class", "reason", "event"]);
    for failure in failures {
        let last = failure.attempts.last();
        sheet.row([
            failure.id.to_string(),
            failure.step.to_string(),
            failure
                .about
                .destination
                .clone()
                .or_else(|| failure.about.source.clone())
                .unwrap_or_default(),
            state(page, failure.state),
            failure.attempts.len().to_string(),
            last_class(failure).map(|class| class.to_string()).unwrap_or_default(),
            last.map(|attempt| attempt.reason.code.clone()).unwrap_or_default(),
            failure.about.event.as_ref().map(EventId::to_string).unwrap_or_default(),
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
        FailureState::Behind { .. } => "behind an earlier one of the customer".to_owned(),
        FailureState::Parked { at } => format!("parked {}", page.time(at)),
        FailureState::Dismissed { at } => format!("dismissed {}", page.time(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failures::sample::failure;

    #[test]
    fn a_list_is_narrowed_by_what_the_message_came_from_and_goes_to() {
        let record = failure().record;
        let meant = |destination: Option<&str>, source: Option<&str>| {
            let (destination, source) = (destination.map(Into::into), source.map(Into::into));
            is_meant(&record, &ListCommand { destination, source, ..ListCommand::default() })
        };
        assert!(meant(None, None) && meant(Some("crm"), None));
        assert!(!meant(Some("sms"), None) && !meant(None, Some("shop")));
    }
}
