//! Failures at a glance.

use super::Backlog;
use crate::arguments::{Chosen, ListCommand, StateName};
use crate::output::{Verdict, View};
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{Class, EventId, FailureId, FailureRecord, FailureState};
use serde::Serialize;
use state::FailureRecords;

/// Failures by state, then by the time that their state names.
#[derive(Serialize)]
pub(super) struct Listed {
    pub(super) failures: Vec<FailureRecord>,
    /// Those of which this version can tell no more than their ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unreadable: Vec<FailureId>,
}

/// Reads the records in a state, or else all that are open; and of these the ones that are meant.
pub(super) async fn list(store: &impl Backlog, which: &ListCommand) -> Result<Listed, Trouble> {
    let states = match which.state {
        Some(StateName::Parked) => vec!["parked"],
        Some(StateName::Held) => vec!["held"],
        Some(StateName::Waiting) => vec!["waiting"],
        Some(StateName::Behind) => vec!["behind"],
        Some(StateName::Redriven) => vec!["redriven"],
        Some(StateName::Dismissed) => vec!["dismissed"],
        None => FailureState::OPEN.to_vec(),
    };
    let (mut failures, mut unreadable) = (Vec::new(), Vec::new());
    for state in states {
        let found: FailureRecords = store.readable(state).await?;
        failures.extend(found.records);
        unreadable.extend(found.unreadable);
    }
    failures.retain(|failure| is_meant(failure, &which.chosen));
    Ok(Listed { failures, unreadable })
}

fn is_meant(failure: &FailureRecord, chosen: &Chosen) -> bool {
    let Chosen { step, class, destination, source } = chosen;
    step.is_none_or(|step| failure.step == step)
        && class.is_none_or(|class| last_class(failure) == Some(class))
        && (destination.is_none() || failure.about.destination == *destination)
        && (source.is_none() || failure.about.source == *source)
}

fn last_class(failure: &FailureRecord) -> Option<Class> {
    failure.attempts.last().map(|attempt| attempt.class)
}

impl View for Listed {
    fn text(&self, page: &Page) -> String {
        rows(page, &self.failures) + &unread(&self.unreadable)
    }

    fn verdict(&self) -> Verdict {
        if self.unreadable.is_empty() { Verdict::Clean } else { Verdict::Finding }
    }
}

/// The failures of which this version can tell no more than their ids.
pub(super) fn unread(ids: &[FailureId]) -> String {
    if ids.is_empty() {
        return String::new();
    }
    let ids: Vec<_> = ids.iter().map(FailureId::as_str).collect();
    format!(
        "\n{} cannot be read by this version; use the omnicord of the one that wrote them:\n{}\n",
        ids.len(),
        ids.join("\n")
    )
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
    use state::Failures;
    use state::memory::Store;

    #[test]
    fn a_list_is_narrowed_by_what_the_message_came_from_and_goes_to() {
        let record = failure().record;
        let meant = |destination: Option<&str>, source: Option<&str>| {
            let (destination, source) = (destination.map(Into::into), source.map(Into::into));
            is_meant(&record, &Chosen { destination, source, ..Chosen::default() })
        };
        assert!(meant(None, None) && meant(Some("crm"), None));
        assert!(!meant(Some("sms"), None) && !meant(None, Some("shop")));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_named_beside_the_others() {
        let (store, readable) = (Store::default(), failure());
        let mut newer = failure();
        newer.record.id = FailureId::new("outbound-delivery", "2");
        newer.record.release.build = Some("newer".into());
        store.put_failure(&readable).await.unwrap();
        assert_eq!(list(&store, &ListCommand::default()).await.unwrap().verdict(), Verdict::Clean);
        store.put_failure(&newer).await.unwrap();
        let listed = list(&store, &ListCommand::default()).await.unwrap();
        assert_eq!(listed.verdict(), Verdict::Finding);
        assert_eq!((&listed.failures[..], listed.failures.len()), (&[readable.record][..], 1));
        let text = listed.text(&Page::unbounded("2026-01-02T03:04:05Z"));
        let (_, named) = text.split_once("1 cannot be read by this version").unwrap();
        assert!(named.contains(newer.record.id.as_str()), "{text}");
        let json = serde_json::to_value(&listed).unwrap();
        assert_eq!(json["unreadable"], serde_json::json!([newer.record.id]));
    }
}
