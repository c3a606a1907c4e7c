//! Consent as events told it, in whatever order they come.

use crate::bench::{Bench, phone};
use domain::{ConsentId, InboundEvent, Medium};
use proptest::prelude::*;
use runtime::Settled;
use runtime::memory::message;
use state::Consents;
use state::memory::Fault;
use tokio::runtime::Builder;

fn said(number: i64, text: &str) -> InboundEvent {
    InboundEvent { text: Some(text.to_owned()), ..message(number, &[phone()]) }
}

fn sms() -> ConsentId {
    ConsentId::new(Medium::Sms, &phone().key())
}

#[tokio::test]
async fn a_word_is_kept_before_the_event_counts_as_applied() {
    for fault in [Fault::Before, Fault::After] {
        for number in 0..2 {
            let bench = Bench::with(&[&[phone()]]).await;
            bench.store.fail_write(bench.store.writes() + number, fault);
            assert!(bench.handle(&phone(), said(1, "STOP")).await.is_err());
            let told = bench.store.consent(&sms()).await.unwrap();
            let applied = !bench.contents().events.is_empty();
            assert!(!applied || told.is_some(), "applied without its word");
            let again = bench.handle(&phone(), said(1, "STOP")).await;
            assert!(matches!(again, Ok(Settled::Fresh | Settled::Repeated)));
            assert!(bench.store.consent(&sms()).await.unwrap().unwrap().withdrawn);
        }
    }
}

#[tokio::test]
async fn another_word_costs_no_write() {
    let bench = Bench::with(&[&[phone()]]).await;
    let before = bench.store.writes();
    assert_eq!(bench.handle(&phone(), said(1, "stop it")).await, Ok(Settled::Fresh));
    assert_eq!(bench.store.writes(), before + 1);
    assert!(bench.contents().consents.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn neither_order_nor_repetition_leaves_a_trace(
        words in prop::collection::vec(prop_oneof!["STOP", "退订", "START", "hello"], 1..7),
        order in any::<prop::sample::Index>(),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let events: Vec<_> = (0i64..).zip(&words).map(|(number, text)| said(number, text)).collect();
        let mut arrivals = events.clone();
        arrivals.rotate_left(order.index(events.len()));
        arrivals.reverse();
        arrivals.extend(again.iter().map(|index| index.get(&events).clone()));
        let newest = words.iter().rev().find(|word| *word != "hello");
        let withdrawn = newest.map(|word| word != "START");
        let kept = Builder::new_current_thread().build().unwrap().block_on(async {
            let bench = Bench::with(&[&[phone()]]).await;
            for event in arrivals {
                bench.handle(&phone(), event).await.unwrap();
            }
            bench.store.consent(&sms()).await.unwrap()
        });
        prop_assert_eq!(kept.map(|consent| consent.withdrawn), withdrawn);
    }
}
