//! What an attempt tells of its destination.

use crate::Undelivered;
use delivery::Outcome;
use domain::{Action, Class, Disposition};
use jiff::{SignedDuration, Timestamp};
use runtime::StepFailure;
use state::Attempted;

/// The codes of failures that are the destination's own and pass: it was away, slow, overloaded or
/// broken. Each may hit any other effect as well.
const ITS_OWN: [&str; 13] = [
    "destination_timeout",
    "endpoint_unreachable",
    "endpoint_unavailable",
    "crm_unreachable",
    "crm_unanswered",
    "crm_busy",
    "crm_broken",
    "crm_misconfigured",
    "crm_intercepted",
    "messaging_not_now",
    "vendor_unreachable",
    "vendor_busy",
    "outcome_unknown",
];

/// The beginnings of codes that tell that the destination answered.
const ANSWERS: [&str; 6] = [
    "crm_",
    "endpoint_refused",
    "messaging_refused",
    "message_refused",
    "recipient_unreachable",
    "window_closed",
];

/// How it ended, as far as the destination is concerned.
pub(crate) fn outcome(delivered: &Result<String, Undelivered>) -> Outcome {
    let Err(undelivered) = delivered else { return Outcome::Answered };
    let failure = undelivered.failure();
    let code = failure.reason.code.as_str();
    // A key that is wrong is wrong for every effect; a record that nobody may touch is not.
    let locked_out = failure.class == Class::Authorisation && code != "crm_forbidden";
    if locked_out || ITS_OWN.contains(&code) {
        let asked = match failure.disposition {
            Disposition::Retry { after } => after,
            Disposition::Hold { .. } | Disposition::Behind | Disposition::Park => None,
        };
        return Outcome::Failed { asked };
    }
    if ANSWERS.iter().any(|beginning| code.starts_with(beginning)) {
        return Outcome::Answered;
    }
    Outcome::Unused
}

/// What is kept of it.
pub(crate) fn attempted(
    delivered: &Result<String, Undelivered>,
    began: Timestamp,
    ended: Timestamp,
) -> Attempted {
    let took_ms = u64::try_from(ended.duration_since(began).as_millis()).unwrap_or(0);
    let (outcome, status, excerpt) = match delivered {
        Ok(_) => ("delivered", None, None),
        Err(Undelivered::NotDone(failure) | Undelivered::Unknown(failure)) => {
            (failure.reason.code.as_str(), None, None)
        }
        Err(Undelivered::Answered { failure, status, excerpt }) => {
            (failure.reason.code.as_str(), Some(*status), excerpt.clone())
        }
    };
    Attempted { at: began, took_ms, outcome: outcome.to_owned(), status, excerpt }
}

/// Where the time is up.
pub(crate) fn late(action: &Action, timeout: SignedDuration) -> Undelivered {
    if action.is_repeatable() {
        let detail = format!("the destination did not answer within {timeout:#}");
        return Undelivered::NotDone(StepFailure::retry("destination_timeout", detail));
    }
    Undelivered::Unknown(StepFailure::park(Class::Transient, "outcome_unknown", LOOK_FIRST))
}

/// What a person does about a text that may have left.
pub(crate) const LOOK_FIRST: &str =
    "an attempt ended without a word: look whether it arrived; `failures retry` sends it again";

#[cfg(test)]
mod tests {
    use super::*;
    use crm::CrmError;
    use runtime::{MessagingError, SecretError};
    use state::StoreError;

    fn judged(failure: impl Into<StepFailure>) -> Outcome {
        outcome(&Err(Undelivered::NotDone(failure.into())))
    }

    #[test]
    fn a_destination_that_cannot_serve_anybody_has_failed() {
        let asked = Some(SignedDuration::from_secs(9));
        assert_eq!(judged(CrmError::Busy { status: 429, after: asked }), Outcome::Failed { asked });
        let asked = Some(SignedDuration::from_mins(5));
        for locked_out in [
            judged(CrmError::Unauthorised { status: 401 }),
            judged(CrmError::Misconfigured("database")),
        ] {
            let until_later = Outcome::Failed { asked };
            assert_eq!(locked_out, until_later, "nobody is let in until the key is new");
        }
        let (code, asked) = (String::from("Throttling"), None);
        for outcome in [
            judged(CrmError::Broken { status: 500 }),
            judged(CrmError::Intercepted { status: 502 }),
            judged(MessagingError::NotNow { code, source: "busy".into() }),
            judged(MessagingError::Unknown { source: "timeout".into() }),
            judged(SecretError::Unusable { name: "erp".into(), code: "malformed".into() }),
            outcome(&Err(late(&Action::CrmNote { text: String::new() }, SignedDuration::ZERO))),
        ] {
            assert_eq!(outcome, Outcome::Failed { asked });
        }
    }

    #[test]
    fn one_that_refuses_one_effect_has_answered() {
        let code = String::from("InvalidParameter");
        for outcome in [
            judged(CrmError::Refused { status: 400 }),
            judged(CrmError::Missing),
            judged(CrmError::Forbidden { record: "party.party" }),
            judged(CrmError::Outpaced { status: 409 }),
            judged(MessagingError::Refused { code, source: "no such number".into() }),
            outcome(&Ok("receipt".into())),
        ] {
            assert_eq!(outcome, Outcome::Answered);
        }
    }

    #[test]
    fn what_failed_on_the_way_says_nothing_of_the_destination() {
        let variable = "TABLE_LEDGER";
        for outcome in [
            judged(StoreError::NotConfigured { variable }),
            judged(StepFailure::park(Class::Configuration, "endpoint_forbidden", "")),
            judged(StepFailure::retry("identity_contended", "")),
        ] {
            assert_eq!(outcome, Outcome::Unused);
        }
    }
}
