//! The decision that a message is not to be handled.

use crate::output::View;
use crate::page::Page;
use crate::trouble::Trouble;
use domain::{Failure, FailureId, FailureState};
use jiff::Timestamp;
use serde::Serialize;
use state::{Failures, Lines, lines};

/// What came of it.
#[derive(Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Nothing tries it again.
    Dismissed {
        /// The failure.
        failure: FailureId,
    },
    /// It is in its queue, or moved at this moment: nothing was written.
    Moving {
        /// The failure.
        failure: FailureId,
    },
}

/// Sets the failure aside, its record kept with the reason; whoever stands behind it goes on.
pub(super) async fn dismiss(
    store: &(impl Failures + Lines),
    mut failure: Failure,
    because: String,
    now: Timestamp,
) -> Result<Outcome, Trouble> {
    let (line, id, read) = (failure.line(), failure.record.id.clone(), failure.record.state);
    match read {
        FailureState::Redriven { .. } => return Ok(Outcome::Moving { failure: id }),
        FailureState::Waiting { .. }
        | FailureState::Held { .. }
        | FailureState::Behind { .. }
        | FailureState::Parked { .. }
        | FailureState::Dismissed { .. } => {}
    }
    failure.record.state = FailureState::Dismissed { at: now };
    failure.record.because = Some(because);
    if !store.advance_failure(read, &failure.record).await? {
        return Ok(Outcome::Moving { failure: id });
    }
    if let Some(line) = line {
        lines::leave(store, &line, &id, now).await?;
    }
    Ok(Outcome::Dismissed { failure: id })
}

impl View for Outcome {
    fn text(&self, _: &Page) -> String {
        match self {
            Self::Dismissed { failure } => format!(
                "dismissed: nothing tries it again\n\
                 if it is to be done after all: omnicord failures retry {failure}"
            ),
            Self::Moving { failure } => format!(
                "not dismissed: it is in its queue\n\
                 see whether it comes back: omnicord failures show {failure}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failures::sample::failure;
    use domain::Line;
    use state::memory::Store;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[tokio::test]
    async fn what_is_dismissed_stays_on_record_and_lets_the_next_one_go() {
        let store = Store::default();
        let (first, mut second) = (failure(), failure());
        second.record.id = FailureId::new("outbound-delivery", "2");
        second.record.state = FailureState::Behind { at: NOW };
        let line = first.line().unwrap();
        let ids = [&first.record.id, &second.record.id];
        let both = ids.iter().fold(Line::default(), |line, id| line.joined(id, NOW));
        assert!(store.replace_line(&line, &Line::default(), &both).await.unwrap());
        for failure in [&first, &second] {
            store.put_failure(failure).await.unwrap();
        }
        let id = first.record.id.clone();
        let outcome = dismiss(&store, first, "sent by hand".into(), NOW).await.unwrap();
        assert!(matches!(outcome, Outcome::Dismissed { .. }));
        let kept = &store.contents().failures[&id].record;
        assert_eq!(kept.state, FailureState::Dismissed { at: NOW });
        assert_eq!(kept.because.as_deref(), Some("sent by hand"));
        let next = store.contents().failures[&second.record.id].record.state;
        assert_eq!(next, FailureState::Waiting { retry_at: NOW });
    }

    #[tokio::test]
    async fn what_is_in_its_queue_is_not_dismissed() {
        let (store, mut failure) = (Store::default(), failure());
        failure.record.state = FailureState::Redriven { at: NOW };
        store.put_failure(&failure).await.unwrap();
        let outcome = dismiss(&store, failure.clone(), "late".into(), NOW).await.unwrap();
        assert!(matches!(outcome, Outcome::Moving { .. }));
        assert_eq!(store.contents().failures[&failure.record.id], failure);
    }
}
