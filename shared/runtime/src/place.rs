//! A message's place in the line of its queue group, where what has failed is not to be overtaken.

use crate::{Metric, StepFailure, count};
use domain::{Class, Disposition, FailureId, LineId, Standing, Step};
use jiff::Timestamp;
use state::{Failures, Lines, StoreError, lines};

/// From this receive on a message takes its place before it is tried: the try may end the process,
/// and the queue then gives the message up without a word.
const SUSPECT: u32 = 3;

/// A place, taken or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    step: Step,
    line: LineId,
    message: FailureId,
}

/// The right to be handled now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "the next one waits until the line is left"]
pub struct Turn {
    in_line: bool,
}

impl Place {
    /// The place of the message with this body, in the group of this name.
    #[must_use]
    pub fn of(step: Step, group: &str, body: &str) -> Self {
        let message = FailureId::new(step.as_str(), body);
        Self { step, line: LineId::new(step, group), message }
    }

    /// The message's turn: nobody stands in the line, or the message is the first. One request.
    ///
    /// # Errors
    /// Another comes first: the message has taken its place behind that one.
    pub async fn turn(
        &self,
        store: &impl Lines,
        receives: u32,
        now: Timestamp,
    ) -> Result<Turn, StepFailure> {
        let line = store.line(&self.line).await?;
        let mut standing = line.standing(&self.message);
        if standing == Standing::Outside && (receives >= SUSPECT || !line.is_empty()) {
            standing = self.take(store, now).await?;
            if standing == Standing::Outside {
                return Err(full());
            }
        }
        match standing {
            Standing::First => Ok(Turn { in_line: true }),
            Standing::Outside => Ok(Turn { in_line: false }),
            Standing::Behind => Err(behind()),
        }
    }

    /// Takes the place, unless the line is full.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn take(&self, store: &impl Lines, now: Timestamp) -> Result<Standing, StoreError> {
        let standing = lines::join(store, &self.line, &self.message, now).await?;
        if standing == Standing::Outside {
            count(Metric::LineFull(self.step), 1);
        }
        Ok(standing)
    }

    /// Gives the place up once the message is handled, and calls the next one.
    ///
    /// # Errors
    /// Where the store fails: handled again, the message gives it up then.
    pub async fn leave(
        &self,
        store: &(impl Lines + Failures),
        turn: Turn,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if turn.in_line {
            lines::leave(store, &self.line, &self.message, now).await?;
        }
        Ok(())
    }
}

fn behind() -> StepFailure {
    let detail = "an earlier one of the same customer has failed, and is not to be overtaken";
    let failure = StepFailure::retry("behind_another", detail);
    StepFailure { disposition: Disposition::Behind, ..failure }
}

fn full() -> StepFailure {
    let detail = "too many wait behind one of the same customer: settle that one";
    StepFailure::hold_quietly("line_full", detail).of(Class::Transient)
}
