//! The return of failed messages to their queues.

use super::backlog::{Asked, ask_again};
use super::{Backlog, list, read, send_back};
use crate::arguments::{ListCommand, RetryCommand};
use crate::clock;
use crate::output::{Verdict, View};
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{EffectKey, FailureId, FailureRecord, FailureState};
use jiff::Timestamp;
use serde::Serialize;
use state::dynamo::Store;

/// What was asked for, by what came of it.
#[derive(Default, Serialize)]
pub(super) struct Outcome {
    retried: Vec<FailureId>,
    /// A text that may have left: it goes out again only if it is asked for by its id.
    left_for_a_look: Vec<FailureId>,
    /// Behind others of their customer: they follow those by themselves.
    following: Vec<FailureId>,
    /// In their queues already: they come back here by themselves if they fail again.
    already_redriven: Vec<FailureId>,
    /// Others changed them, or took them away, after they were listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<FailureId>,
    /// Those of which this version can tell no more than their ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<FailureId>,
}

/// Makes failures due now: the reconciler's next tick sends them back. Nothing changes where one
/// of the ids is unknown.
pub(super) async fn retry(store: &Store, command: RetryCommand) -> Result<Outcome, Trouble> {
    if command.all {
        let which = ListCommand { state: None, chosen: command.chosen };
        return all(store, list::list(store, &which).await?, clock::now()).await;
    }
    let mut failures = Vec::new();
    for id in &command.failures {
        failures.push(read(store, id).await?.record);
    }
    let mut outcome = Outcome::default();
    for failure in failures {
        match failure.state {
            FailureState::Redriven { .. } => outcome.already_redriven.push(failure.id),
            FailureState::Parked { .. }
            | FailureState::Held { .. }
            | FailureState::Waiting { .. }
            | FailureState::Behind { .. }
            | FailureState::Dismissed { .. } => {
                if let Some(effect) = unknown_outcome(&failure) {
                    store.release(effect).await?;
                }
                match send_back(store, std::slice::from_ref(&failure.id), clock::now()).await? {
                    0 => outcome.already_redriven.push(failure.id),
                    _ => outcome.retried.push(failure.id),
                }
            }
        }
    }
    Ok(outcome)
}

/// Makes due what was listed, as far as it is still as it was then.
async fn all(
    store: &impl Backlog,
    listed: list::Listed,
    now: Timestamp,
) -> Result<Outcome, Trouble> {
    let mut outcome = Outcome { unreadable: listed.unreadable, ..Outcome::default() };
    for failure in listed.failures {
        let id = failure.id.clone();
        match failure.state {
            FailureState::Behind { .. } => outcome.following.push(id),
            FailureState::Redriven { .. } => outcome.already_redriven.push(id),
            FailureState::Dismissed { .. } => outcome.changed.push(id),
            FailureState::Parked { .. }
            | FailureState::Held { .. }
            | FailureState::Waiting { .. } => {
                if unknown_outcome(&failure).is_some() {
                    outcome.left_for_a_look.push(id);
                    continue;
                }
                match ask_again(store, failure, now).await? {
                    Asked::GoesBack => outcome.retried.push(id),
                    Asked::InItsQueue => outcome.already_redriven.push(id),
                    Asked::Changed => outcome.changed.push(id),
                }
            }
        }
    }
    Ok(outcome)
}

/// The effect, where nobody knows whether it happened.
pub(super) fn unknown_outcome(failure: &FailureRecord) -> Option<&EffectKey> {
    let last = failure.attempts.last()?;
    failure.about.effect.as_ref().filter(|_| last.reason.code == "outcome_unknown")
}

impl View for Outcome {
    fn text(&self, _: &Page) -> String {
        let already = match self.already_redriven.len() {
            0 => String::new(),
            count => format!("{count} went back before: if they fail again, they come back\n"),
        };
        let look = match self.left_for_a_look.len() {
            0 => String::new(),
            count => format!("{count} may have arrived: look, then retry each by its id\n"),
        };
        let following = match self.following.len() {
            0 => String::new(),
            count => format!("{count} stand behind others, and follow them by themselves\n"),
        };
        let changed = match self.changed.len() {
            0 => String::new(),
            count => format!("{count} changed or went meanwhile, and were left as they are\n"),
        };
        let already = already + &look + &following + &changed;
        let retried = match self.retried.len() {
            0 => already + "nothing to retry\n",
            count => format!(
                "{already}{count} to go back at the error-reconciler's next tick, within a minute\n\
                 see what becomes of them: omnicord failures list\n"
            ),
        };
        retried + &list::unread(&self.unreadable)
    }

    fn verdict(&self) -> Verdict {
        if self.unreadable.is_empty() { Verdict::Clean } else { Verdict::Finding }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failures::sample::failure;
    use state::Failures;
    use state::memory::Store;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// A store with the failures of these numbers, each in its state.
    async fn store(states: &[FailureState]) -> (Store, Vec<FailureId>) {
        let (store, mut ids) = (Store::default(), Vec::new());
        for (number, state) in states.iter().enumerate() {
            let mut failure = failure();
            failure.record.id = FailureId::new("outbound-delivery", &number.to_string());
            failure.record.state = *state;
            ids.push(failure.record.id.clone());
            store.put_failure(&failure).await.unwrap();
        }
        (store, ids)
    }

    async fn listed(store: &Store) -> list::Listed {
        list::list(store, &ListCommand::default()).await.unwrap()
    }

    #[tokio::test]
    async fn whatever_went_or_changed_after_it_was_listed_holds_up_nobody() {
        let parked = FailureState::Parked { at: NOW };
        let held = FailureState::Held { at: NOW };
        let (store, ids) = store(&[parked, parked, held]).await;
        let listed = listed(&store).await;
        assert!(store.remove_failure(parked, &ids[0]).await.unwrap());
        let mut dismissed = store.failure(&ids[1]).await.unwrap().unwrap().record;
        dismissed.state = FailureState::Dismissed { at: NOW };
        assert!(store.advance_failure(parked, &dismissed).await.unwrap());
        let outcome = all(&store, listed, NOW).await.unwrap();
        let mut changed = outcome.changed.clone();
        changed.sort();
        let mut expected = ids[..2].to_vec();
        expected.sort();
        assert_eq!((changed, &outcome.retried[..]), (expected, &ids[2..]));
        let states = store.contents().failures;
        assert_eq!(states[&ids[1]].record.state, FailureState::Dismissed { at: NOW });
        assert_eq!(states[&ids[2]].record.state, FailureState::Waiting { retry_at: NOW });
        let text = outcome.text(&Page::unbounded("2026-01-02T03:04:05Z"));
        assert!(text.contains("2 changed or went meanwhile"), "{text}");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_named_and_the_others_go_back() {
        let parked = FailureState::Parked { at: NOW };
        let (store, ids) = store(&[parked, parked]).await;
        let mut newer = store.failure(&ids[0]).await.unwrap().unwrap();
        newer.record.release.build = Some("newer".into());
        store.put_failure(&newer).await.unwrap();
        let outcome = all(&store, listed(&store).await, NOW).await.unwrap();
        assert_eq!((&outcome.unreadable[..], &outcome.retried[..]), (&ids[..1], &ids[1..]));
        assert_eq!(outcome.verdict(), Verdict::Finding);
        let text = outcome.text(&Page::unbounded("2026-01-02T03:04:05Z"));
        assert!(text.contains(ids[0].as_str()), "{text}");
    }

    #[tokio::test]
    async fn what_may_have_happened_is_left_for_a_look() {
        let (store, ids) = store(&[FailureState::Parked { at: NOW }]).await;
        let mut unknown = store.failure(&ids[0]).await.unwrap().unwrap();
        let event = unknown.record.about.event.clone().unwrap();
        unknown.record.about.effect = Some(EffectKey::new(&event, "thank", "sms"));
        unknown.record.attempts[1].reason.code = "outcome_unknown".into();
        store.put_failure(&unknown).await.unwrap();
        let outcome = all(&store, listed(&store).await, NOW).await.unwrap();
        assert_eq!((&outcome.left_for_a_look, outcome.retried.len()), (&ids, 0));
    }
}
