//! Why a step could not handle a message.

use domain::{Class, Disposition, Fault, Reason};
use jiff::SignedDuration;

/// A failure with everything that the queue loop and the failure record need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepFailure {
    /// Why.
    pub reason: Reason,
    /// At whose door it lies.
    pub class: Class,
    /// What to do about it.
    pub disposition: Disposition,
    /// Whether it is the CRM's, although the message is not addressed to it.
    pub of_crm: bool,
    /// Whether it waits for a later message of its queue group, which then has to overtake it.
    pub yields: bool,
}

impl StepFailure {
    fn new(class: Class, disposition: Disposition, code: &str, detail: impl Into<String>) -> Self {
        let reason = Reason { code: code.to_owned(), detail: detail.into() };
        Self { reason, class, disposition, of_crm: false, yields: false }
    }

    /// A failure of this class that trying again cannot mend.
    #[must_use]
    pub fn park(class: Class, code: &str, detail: impl Into<String>) -> Self {
        Self::new(class, Disposition::Park, code, detail)
    }

    /// A failure in the data that only something from outside can mend, of which people have to be
    /// told.
    #[must_use]
    pub fn hold(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Class::Data, Disposition::Hold { tell: true }, code, detail)
    }

    /// A failure in the data that only something from outside can mend, and that is no news to
    /// anybody.
    #[must_use]
    pub fn hold_quietly(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Class::Data, Disposition::Hold { tell: false }, code, detail)
    }

    /// A failure that time may mend.
    #[must_use]
    pub fn retry(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Class::Transient, Disposition::Retry { after: None }, code, detail)
    }

    /// A failure that time may mend, if it is left alone for so long.
    #[must_use]
    pub fn retry_after(
        after: Option<SignedDuration>,
        code: &str,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(Class::Transient, Disposition::Retry { after }, code, detail)
    }

    /// The same failure, which lies at another's door.
    #[must_use]
    pub fn of(self, class: Class) -> Self {
        Self { class, ..self }
    }

    /// The same failure, as the CRM's: it goes back within the CRM's budget, and not while the CRM's
    /// circuit is open.
    #[must_use]
    pub fn of_crm(self) -> Self {
        Self { of_crm: true, ..self }
    }

    /// The same failure, which only a later message of its queue group can mend.
    #[must_use]
    pub fn yielding(self) -> Self {
        Self { yields: true, ..self }
    }
}

impl<F: Fault> From<F> for StepFailure {
    fn from(fault: F) -> Self {
        let (class, disposition) = (fault.class(), fault.disposition());
        Self { reason: fault.reason(), class, disposition, of_crm: false, yields: false }
    }
}
