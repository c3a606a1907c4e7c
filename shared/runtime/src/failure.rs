//! Why a step could not handle a message.

use domain::{Disposition, Fault, Reason};

/// A failure with everything that the queue loop and the failure record need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepFailure {
    /// Why.
    pub reason: Reason,
    /// What to do about it.
    pub disposition: Disposition,
}

impl StepFailure {
    /// A failure that trying again cannot mend.
    #[must_use]
    pub fn park(code: &str, detail: impl Into<String>) -> Self {
        let reason = Reason { code: code.to_owned(), detail: detail.into() };
        Self { reason, disposition: Disposition::Park }
    }

    /// A failure that only something from outside can mend, of which people have to be told.
    #[must_use]
    pub fn hold(code: &str, detail: impl Into<String>) -> Self {
        let reason = Reason { code: code.to_owned(), detail: detail.into() };
        Self { reason, disposition: Disposition::Hold { tell: true } }
    }

    /// A failure that only something from outside can mend, and that is no news to anybody.
    #[must_use]
    pub fn hold_quietly(code: &str, detail: impl Into<String>) -> Self {
        let reason = Reason { code: code.to_owned(), detail: detail.into() };
        Self { reason, disposition: Disposition::Hold { tell: false } }
    }

    /// A failure that time may mend.
    #[must_use]
    pub fn retry(code: &str, detail: impl Into<String>) -> Self {
        let reason = Reason { code: code.to_owned(), detail: detail.into() };
        Self { reason, disposition: Disposition::Retry { after: None } }
    }
}

impl<F: Fault> From<F> for StepFailure {
    fn from(fault: F) -> Self {
        Self { reason: fault.reason(), disposition: fault.disposition() }
    }
}
