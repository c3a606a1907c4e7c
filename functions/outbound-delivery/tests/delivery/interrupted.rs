//! What an attempt that ended without a word leaves behind.

use crate::hands::{Bench, Hands, effect, email, note, sms};
use domain::{Action, Disposition, Effect};
use jiff::SignedDuration;
use outbound_delivery::Undelivered;
use runtime::{Settled, StepFailure};
use serde_json::json;
use state::EffectState;
use state::memory::Fault;

const AFTER_THE_LEASE: SignedDuration = SignedDuration::from_secs(91);

async fn is_left_to_a_person<D: outbound_delivery::Deliver>(bench: &Bench<D>, effect: &Effect) {
    for _ in 0..3 {
        bench.pass(AFTER_THE_LEASE);
        let failure = bench.handle(effect).await.unwrap_err();
        assert_eq!(
            (&*failure.reason.code, failure.disposition),
            ("outcome_unknown", Disposition::Park)
        );
        assert_eq!(bench.record(effect).state, EffectState::Leased, "nothing claims it was undone");
    }
}

#[tokio::test]
async fn a_text_that_may_have_left_is_not_sent_again() {
    for effect in [sms(), email()] {
        let hands = Hands::default();
        let bench = Bench::new(hands.clone());
        drop(bench.begin(&effect).await);
        is_left_to_a_person(&bench, &effect).await;
        assert_eq!(hands.attempts(), 0);
    }
}

#[tokio::test]
async fn a_text_whose_outcome_the_service_does_not_tell_is_not_sent_again() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    let lost =
        StepFailure::park(domain::Class::Transient, "outcome_unknown", "the answer was lost");
    hands.fail_next(Undelivered::Unknown(lost.clone()));
    assert_eq!(bench.handle(&sms()).await, Err(lost));
    assert_eq!(bench.handle(&sms()).await.unwrap_err().reason.code, "effect_busy");
    is_left_to_a_person(&bench, &sms()).await;
    assert_eq!(hands.attempts(), 1);
}

#[tokio::test]
async fn a_text_that_left_before_the_ledger_failed_is_not_sent_again() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    // Write 0 is the claim, write 1 the settlement.
    bench.store.fail_write(1, Fault::Before);
    assert_eq!(bench.handle(&sms()).await.unwrap_err().reason.code, "store_unavailable");
    is_left_to_a_person(&bench, &sms()).await;
    assert_eq!(hands.attempts(), 1);
}

#[tokio::test]
async fn what_its_receiver_knows_again_is_performed_again() {
    let (add, remove) = (vec!["high_care".into()], Vec::new());
    let (title, text, owner) = ("Broken".into(), "A cup".into(), None);
    let webhook = Action::Webhook { endpoint: "erp".into(), payload: json!({}) };
    for effect in [
        note(),
        effect(Action::CrmTag { add, remove }),
        effect(Action::CrmTicket { title, text, owner }),
        effect(webhook),
    ] {
        let hands = Hands::default();
        let bench = Bench::new(hands.clone());
        drop(bench.begin(&effect).await);
        bench.pass(AFTER_THE_LEASE);
        assert_eq!(bench.handle(&effect).await, Ok(Settled::Fresh), "{}", effect.action.name());
        assert_eq!((hands.attempts(), bench.record(&effect).attempt), (1, 2));
    }
}
