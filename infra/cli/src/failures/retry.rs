//! The return of failed messages to their queues.

use super::{list, read, send_back};
use crate::arguments::{ListCommand, RetryCommand};
use crate::clock;
use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{EffectKey, FailureId, FailureRecord, FailureState};
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
}

/// Makes failures due now: the reconciler's next tick sends them back. Nothing changes where one
/// of the ids is unknown.
pub(super) async fn retry(store: &Store, command: RetryCommand) -> Result<Outcome, Trouble> {
    let ids = if command.all {
        let which = ListCommand { step: command.step, ..ListCommand::default() };
        list::list(store, &which).await?.into_ids()
    } else {
        command.failures
    };
    let mut failures = Vec::new();
    for id in &ids {
        failures.push(read(store, id).await?);
    }
    let mut outcome = Outcome::default();
    for failure in failures.into_iter().map(|failure| failure.record) {
        match failure.state {
            FailureState::Behind { .. } if command.all => outcome.following.push(failure.id),
            FailureState::Redriven { .. } => outcome.already_redriven.push(failure.id),
            FailureState::Parked { .. }
            | FailureState::Held { .. }
            | FailureState::Waiting { .. }
            | FailureState::Behind { .. }
            | FailureState::Dismissed { .. } => {
                if let Some(effect) = unknown_outcome(&failure) {
                    if command.all {
                        outcome.left_for_a_look.push(failure.id);
                        continue;
                    }
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
        let already = already + &look + &following;
        match self.retried.len() {
            0 => already + "nothing to retry",
            count => format!(
                "{already}{count} to go back at the error-reconciler's next tick, within a minute\n\
                 see what becomes of them: omnicord failures list"
            ),
        }
    }
}
