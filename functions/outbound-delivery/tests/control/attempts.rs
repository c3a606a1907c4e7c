//! What is kept of each attempt.

use crate::endpoint::{answering, endpoint, webhook};
use crate::hands::{Bench, Hands, sms};
use jiff::SignedDuration;
use outbound_delivery::Undelivered;
use runtime::memory::START;
use runtime::{Settled, StepFailure};
use state::Attempted;
use wiremock::ResponseTemplate;

#[tokio::test]
async fn each_attempt_is_kept_with_its_answer_and_without_the_person() {
    let (server, bench) = endpoint("breaker: { failures: 100, share: 100 }").await;
    let body = r#"{"error":"no order 7 of Anna Alt, anna@example.com, +1 202 555 0123"}"#;
    answering(&server, ResponseTemplate::new(422).set_body_string(body)).await;
    bench.handle(&webhook(7)).await.unwrap_err();
    bench.pass(SignedDuration::from_secs(40));
    answering(&server, ResponseTemplate::new(204)).await;
    assert_eq!(bench.handle(&webhook(7)).await, Ok(Settled::Fresh));
    let refused = Attempted {
        at: START,
        took_ms: 0,
        outcome: "endpoint_refused".into(),
        status: Some(422),
        excerpt: Some(r#"{"error":"no order 7 of ***, ***, +***"}"#.into()),
    };
    let delivered = Attempted {
        at: START + SignedDuration::from_secs(40),
        took_ms: 0,
        outcome: "delivered".into(),
        status: None,
        excerpt: None,
    };
    let record = bench.record(&webhook(7));
    assert_eq!(record.attempts.iter().collect::<Vec<_>>(), [&refused, &delivered]);
}

#[tokio::test]
async fn an_attempt_whose_outcome_nobody_knows_is_kept_as_well() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    hands.fail_next(Undelivered::Unknown(StepFailure::park(
        domain::Class::Transient,
        "outcome_unknown",
        "lost",
    )));
    bench.handle(&sms()).await.unwrap_err();
    let record = bench.record(&sms());
    let outcomes: Vec<_> = record.attempts.iter().map(|attempt| &*attempt.outcome).collect();
    assert_eq!(outcomes, ["outcome_unknown"]);
}

#[tokio::test]
async fn what_was_never_tried_leaves_no_attempt() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    drop(bench.begin(&sms()).await);
    bench.handle(&sms()).await.unwrap_err();
    assert!(bench.record(&sms()).attempts.is_empty());
}
