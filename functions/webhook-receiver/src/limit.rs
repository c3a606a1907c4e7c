//! Whether a source may deliver more just now.

use delivery::{Outcome, Policy, Share};
use jiff::Timestamp;
use state::{Admission, Controls, admit};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tracing::warn;

/// What this worker holds of the sources' limits, which all workers share.
#[derive(Debug, Default)]
pub struct Limits(RefCell<BTreeMap<String, Share>>);

impl Limits {
    /// Until when a source's limit is used up; none where it may deliver. Where the shared control
    /// cannot be had, it may: a limit is no reason to turn away what could be taken.
    pub(crate) async fn over(
        &self,
        store: &impl Controls,
        source: &str,
        policy: &Policy,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let mut share = self.0.borrow_mut().remove(source).unwrap_or_default();
        let name = format!("source/{source}");
        let admission = admit(store, &name, policy, &mut share, 1, || now).await;
        let over = match admission {
            Ok(Admission::Passed(pass)) => {
                share.leave(&pass, Outcome::Answered);
                None
            }
            Ok(Admission::Refused(refusal)) => Some(refusal.until()),
            Ok(Admission::Contended) => None,
            Err(error) => {
                warn!(source, %error, "taken without asking for the source's limit");
                None
            }
        };
        self.0.borrow_mut().insert(source.to_owned(), share);
        over
    }
}
