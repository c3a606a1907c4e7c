//! A failure for tests.

use domain::{
    About, Attempt, Class, CustomerId, Disposition, EventId, Failure, FailureId, FailureRecord,
    FailureState, Payload, Reason, Release, Step,
};

/// A text that the CRM refused after it had been away.
pub(crate) fn failure() -> Failure {
    let attempt = |at: &str, code: &str| Attempt {
        at: at.parse().unwrap(),
        class: Class::Transient,
        reason: Reason { code: code.into(), detail: "the CRM did not answer".into() },
        receives: 5,
        held: false,
    };
    let record = FailureRecord {
        id: FailureId::new("outbound-delivery", "1"),
        step: Step::OutboundDelivery,
        about: About {
            destination: Some("crm".into()),
            event: Some(EventId::new("shop", "1")),
            customer: Some(CustomerId::new("phone::+12025550123")),
            ..About::default()
        },
        disposition: Disposition::Park,
        attempts: vec![
            attempt("2026-01-02T01:04:05Z", "crm_unreachable"),
            attempt("2026-01-02T02:04:05Z", "crm_refused"),
        ],
        state: FailureState::Parked { at: "2026-01-02T02:04:06Z".parse().unwrap() },
        asked_at: None,
        because: None,
        release: Release::default(),
    };
    let payload = Payload::Message { body: r#"{"to":"+12025550123"}"#.into(), group: "g".into() };
    Failure { record, payload }
}
