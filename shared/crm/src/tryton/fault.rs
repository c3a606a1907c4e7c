//! What each answer that is no success means.

use crate::CrmError;
use jiff::{SignedDuration, fmt::rfc2822};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// How `SQLite` refuses a write while another is under way.
const LOCKED: [&str; 2] = ["database is locked", "database locked"];

/// How Tryton refuses what another write has just made: the next number of a sequence, a name.
const TAKEN: &str = "must be unique";

/// How Tryton refuses what none of the user's groups may do; what a rule on records refuses is worded
/// otherwise. Source: `msg_access_rule_error` in `trytond/ir/message.xml`.
const FORBIDDEN: &str = "You are not allowed to access";

/// A request that got no whole answer.
pub(super) fn of_transport(error: reqwest::Error) -> CrmError {
    // The URL holds the search, and with it the handles.
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        CrmError::Unreachable(error)
    } else {
        CrmError::Unanswered(error)
    }
}

/// An answer whose status is no success.
pub(super) fn of_status(
    record: &'static str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> CrmError {
    let busy = || CrmError::Busy { status: status.as_u16(), after: retry_after(headers) };
    let status = status.as_u16();
    match status {
        400 => {
            let text = String::from_utf8_lossy(body);
            if LOCKED.iter().any(|words| text.contains(words)) {
                busy()
            } else if text.contains(TAKEN) {
                CrmError::Outpaced { status }
            } else if text.contains(FORBIDDEN) {
                CrmError::Forbidden { record }
            } else {
                CrmError::Refused { status }
            }
        }
        401 | 403 => CrmError::Unauthorised { status },
        404 | 410 => CrmError::Missing,
        408 | 425 | 429 | 502..=504 => busy(),
        409 | 412 | 423 => CrmError::Outpaced { status },
        405..=499 => CrmError::Refused { status },
        500..=599 => CrmError::Broken { status },
        _ => CrmError::Intercepted { status },
    }
}

/// Seconds, or a date that is held against the answer's own, so that no clock need agree.
fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let until = rfc2822::parse(text).ok()?.timestamp();
    let now = rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok()?.timestamp();
    Some(until.duration_since(now).max(SignedDuration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Fault;

    fn headers(pairs: &[(reqwest::header::HeaderName, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), reqwest::header::HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let seconds = headers(&[(RETRY_AFTER, "30")]);
        assert_eq!(retry_after(&seconds), Some(SignedDuration::from_secs(30)));
        let date = headers(&[
            (RETRY_AFTER, "Wed, 21 Oct 2026 07:28:00 GMT"),
            (DATE, "Wed, 21 Oct 2026 07:26:00 GMT"),
        ]);
        assert_eq!(retry_after(&date), Some(SignedDuration::from_secs(120)));
        assert_eq!(retry_after(&headers(&[(RETRY_AFTER, "soon")])), None);
    }

    #[test]
    fn every_status_that_is_no_success_is_a_fault_with_advice() {
        for status in (100..200).chain(300..600) {
            let status = StatusCode::from_u16(status).unwrap();
            let reason = of_status("party.party", status, &HeaderMap::new(), b"").reason();
            assert!(reason.code.starts_with("crm_"), "{status}: {reason:?}");
        }
    }
}
