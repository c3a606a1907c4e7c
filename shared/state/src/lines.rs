//! The lines in which messages stand behind others of their group that have failed.

use crate::{Failures, StoreError};
use domain::{FailureId, FailureState, Line, LineId, Standing};
use jiff::Timestamp;

/// How often a lost race is run again: the workers of one group are few.
const RACES: usize = 20;

/// The lines of all groups and steps.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Lines {
    /// Reads one as it is now; where nobody stands in it, it is empty.
    async fn line(&self, id: &LineId) -> Result<Line, StoreError>;

    /// Replaces one, unless its places are no longer those that were `read`. Returns whether it
    /// did.
    async fn replace_line(
        &self,
        id: &LineId,
        read: &Line,
        after: &Line,
    ) -> Result<bool, StoreError>;
}

/// Gives the message a place at the end of the line, unless it has one or the line is full.
/// Returns how it stands then.
///
/// # Errors
/// Where the store fails, or others keep changing the line.
pub async fn join(
    store: &impl Lines,
    id: &LineId,
    message: &FailureId,
    now: Timestamp,
) -> Result<Standing, StoreError> {
    for _ in 0..RACES {
        let read = store.line(id).await?;
        let standing = read.standing(message);
        if standing != Standing::Outside || read.is_full() {
            return Ok(standing);
        }
        let after = read.joined(message, now);
        if store.replace_line(id, &read, &after).await? {
            return Ok(after.standing(message));
        }
    }
    Err(contended())
}

/// Takes the message out of the line; calls the one that thereby comes to be the first.
///
/// # Errors
/// Where the store fails, or others keep changing the line.
pub async fn leave(
    store: &(impl Lines + Failures),
    id: &LineId,
    message: &FailureId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for _ in 0..RACES {
        let read = store.line(id).await?;
        let standing = read.standing(message);
        if standing == Standing::Outside {
            return Ok(());
        }
        let after = read.left(message, now);
        if store.replace_line(id, &read, &after).await? {
            return match after.places().first() {
                Some(next) if standing == Standing::First => call(store, next, now).await,
                Some(_) | None => Ok(()),
            };
        }
    }
    Err(contended())
}

/// Makes due what stands behind another. What has no record yet, or moves by itself, is left alone.
///
/// # Errors
/// Where the store fails.
pub async fn call(
    store: &impl Failures,
    message: &FailureId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut failure) = store.failure(message).await? else { return Ok(()) };
    let read = failure.record.state;
    if matches!(read, FailureState::Behind { .. }) {
        failure.record.ask_again(now);
        store.advance_failure(read, &failure.record).await?;
    }
    Ok(())
}

fn contended() -> StoreError {
    StoreError::Unavailable {
        code: "line_contended".into(),
        source: "others keep changing it".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Store;
    use domain::Step;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[tokio::test]
    async fn a_full_line_gives_no_place_and_one_that_is_left_gives_it_again() {
        let (store, id) = (Store::default(), LineId::new(Step::TagUpdate, "group"));
        let message = |number: usize| FailureId::new("tag-update", &number.to_string());
        let full = (0..Line::MOST)
            .fold(Line::default(), |line, number| line.joined(&message(number), NOW));
        assert!(store.replace_line(&id, &Line::default(), &full).await.unwrap());
        let late = message(Line::MOST);
        assert_eq!(join(&store, &id, &late, NOW).await.unwrap(), Standing::Outside);
        leave(&store, &id, &message(3), NOW).await.unwrap();
        assert_eq!(join(&store, &id, &late, NOW).await.unwrap(), Standing::Behind);
    }

    #[tokio::test]
    async fn an_empty_line_leaves_nothing_behind() {
        let (store, id) = (Store::default(), LineId::new(Step::TagUpdate, "group"));
        let message = FailureId::new("tag-update", "1");
        assert_eq!(join(&store, &id, &message, NOW).await.unwrap(), Standing::First);
        leave(&store, &id, &message, NOW).await.unwrap();
        assert!(store.contents().lines.is_empty());
    }
}
