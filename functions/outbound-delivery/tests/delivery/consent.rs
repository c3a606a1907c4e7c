//! Messages to customers who want them, and to those who do not.

use crate::hands::{Bench, CONFIG, Hands, effect, email, note, sms};
use domain::{
    Action, Consent, ConsentBy, ConsentId, ConsentTold, EventId, HandleKey, Medium, Withheld,
};
use jiff::Timestamp;
use runtime::Settled;
use runtime::memory::START;
use state::memory::{Fault, Store};
use state::{Consents, EffectState};

const PHONE: &str = "phone::+12025550123";

async fn tell(store: &Store, medium: Medium, handle: &str, withdrawn: bool) {
    let of = ConsentId::new(medium, &HandleKey::from_stored(handle));
    let by = ConsentBy::Event(EventId::new("shop", "stop"));
    let consent = Consent { at: START, by, withdrawn };
    assert!(store.tell_consent(&ConsentTold { of, consent }).await.unwrap());
}

#[tokio::test]
async fn a_customer_who_objects_is_not_written_to_and_the_effect_is_settled() {
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    tell(&bench.store, Medium::Sms, PHONE, true).await;
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Fresh));
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Repeated), "never again");
    let record = bench.record(&sms());
    assert_eq!((record.state, record.withheld), (EffectState::Done, Some(Withheld::OptedOut)));
    assert_eq!((record.receipt, record.done_at), (None, Some(START)));
    assert_eq!(hands.attempts(), 0);
    assert_eq!(bench.handle(&email()).await, Ok(Settled::Fresh));
    assert_eq!(bench.handle(&note()).await, Ok(Settled::Fresh), "the company's own is done");
    assert_eq!(hands.attempts(), 2);
}

#[tokio::test]
async fn where_consent_is_asked_for_silence_is_none() {
    let hands = Hands::default();
    let config = format!("{CONFIG}consent: {{ channels: {{ sms: opt_in }} }}");
    let bench = Bench::over(Store::default(), hands.clone(), &config);
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Fresh));
    assert_eq!(bench.record(&sms()).withheld, Some(Withheld::NotOptedIn));
    assert_eq!(hands.attempts(), 0);

    let bench = Bench::over(Store::default(), hands.clone(), &config);
    tell(&bench.store, Medium::Sms, PHONE, false).await;
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Fresh));
    assert_eq!(bench.record(&sms()).withheld, None);
    assert_eq!(hands.attempts(), 1);
}

#[tokio::test]
async fn each_medium_is_a_question_of_its_own() {
    let whatsapp = effect(Action::WhatsappTemplate {
        account: "main".into(),
        to: HandleKey::from_stored(PHONE),
        template: "hello".into(),
        language: "en".into(),
        parameters: Vec::new(),
    });
    let hands = Hands::default();
    let bench = Bench::new(hands.clone());
    tell(&bench.store, Medium::Whatsapp, PHONE, true).await;
    assert_eq!(bench.handle(&whatsapp).await, Ok(Settled::Fresh));
    assert_eq!(bench.record(&whatsapp).withheld, Some(Withheld::OptedOut));
    assert_eq!(bench.handle(&sms()).await, Ok(Settled::Fresh));
    assert_eq!(hands.attempts(), 1);
}

#[tokio::test]
async fn every_address_of_a_mailbox_is_one() {
    let hands = Hands::default();
    let bench = Bench::over(
        Store::default(),
        hands.clone(),
        &format!("{CONFIG}identity: {{ mailboxes: {{ example.com: {{ ignore_tags: true }} }} }}"),
    );
    tell(&bench.store, Medium::Email, "email::anna@example.com", true).await;
    let (to, subject, text) = ("Anna+shop@example.com".into(), "hi".into(), "hi".into());
    let tagged = effect(Action::Email { to, subject, text });
    assert_eq!(bench.handle(&tagged).await, Ok(Settled::Fresh));
    assert_eq!(bench.record(&tagged).withheld, Some(Withheld::OptedOut));
}

#[tokio::test]
async fn a_crash_at_the_settlement_sends_nothing() {
    for fault in [Fault::Before, Fault::After] {
        let hands = Hands::default();
        let bench = Bench::new(hands.clone());
        tell(&bench.store, Medium::Sms, PHONE, true).await;
        bench.store.fail_write(bench.store.writes() + 1, fault);
        assert!(bench.handle(&sms()).await.is_err());
        assert_eq!(hands.attempts(), 0);
    }
}

#[tokio::test]
async fn a_hint_is_kept_with_its_rule_and_its_time() {
    use crate::hands::NoTexts;
    use outbound_delivery::Destinations;
    use runtime::memory::Secrets;
    use state::Hints;

    let store = Store::default();
    let destinations =
        Destinations::new(store.clone(), Secrets::default(), NoTexts, NoTexts).unwrap();
    let bench = Bench::over(store.clone(), destinations, CONFIG);
    let until = START + jiff::SignedDuration::from_hours(1);
    let hint = effect(Action::AgentHint { text: "asked twice".into(), until });
    assert_eq!(bench.handle(&hint).await, Ok(Settled::Fresh));
    let list = store.hints(&hint.customer).await.unwrap();
    let kept: Vec<_> = list.current(START).map(|hint| (&*hint.text, &*hint.rule)).collect();
    assert_eq!(kept, [("asked twice", "rule")]);
    assert_eq!(list.current(Timestamp::MAX).count(), 0);
}
