//! States of objects that may not follow one another.

use crate::bench::{Bench, Rival, email, matched, phone};
use domain::{Class, Disposition, EventKind, Handle, InboundEvent};
use runtime::Settled;
use runtime::memory::message;

const ORDERS: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
validate:
  - name: order-flow
    on: [order]
    check: { transition: { of: event.fields.number, state: event.topic, allowed: { placed: [paid], paid: [shipped] } } }
"#;

fn order(number: i64, state: &str, of: &Handle) -> InboundEvent {
    let fields = [("number".to_owned(), "A-1".into())].into();
    let whose = std::slice::from_ref(of);
    InboundEvent { kind: EventKind::Order, topic: state.into(), fields, ..message(number, whose) }
}

async fn bench(config: &str) -> Bench {
    Bench::following(config).and(&[&[phone()], &[email()]]).await
}

#[tokio::test]
async fn what_comes_too_early_is_held_and_applied_once_its_predecessor_came() {
    let bench = bench(ORDERS).await;
    let phone = phone();
    let told = |number, state| bench.handle(&phone, order(number, state, &phone));
    assert_eq!(told(1, "placed").await, Ok(Settled::Fresh));
    let before = bench.contents();
    let failure = told(3, "shipped").await.unwrap_err();
    assert_eq!((failure.class, &*failure.reason.code), (Class::Data, "transition_not_allowed"));
    assert_eq!(failure.disposition, Disposition::Hold { tell: false });
    assert_eq!(bench.contents(), before, "it leaves no trace");
    assert_eq!(told(2, "paid").await, Ok(Settled::Fresh));
    assert_eq!(told(3, "shipped").await, Ok(Settled::Fresh));
    assert_eq!(bench.sent().len(), 3);
    assert_eq!(told(3, "shipped").await, Ok(Settled::Repeated));
}

#[tokio::test]
async fn it_is_judged_by_what_is_there_when_it_is_written() {
    let bench = bench(ORDERS).await;
    let placed = matched(&phone(), order(1, "placed", &phone()));
    bench.expect(Rival::Event(Box::new(placed)));
    let failure = bench.handle(&phone(), order(3, "shipped", &phone())).await.unwrap_err();
    assert_eq!(failure.reason.code, "transition_not_allowed", "the rival wrote after it had read");
}

#[tokio::test]
async fn an_order_of_merged_profiles_is_one() {
    let bench = bench(ORDERS).await;
    let merge = bench.joining(&phone(), &email()).await;
    bench.commit(merge).await;
    let placed = order(1, "placed", &phone());
    assert_eq!(bench.handle(&phone(), placed).await, Ok(Settled::Fresh));
    assert!(bench.handle(&email(), order(3, "shipped", &email())).await.is_err());
    let paid = order(2, "paid", &email());
    assert_eq!(bench.handle(&email(), paid).await, Ok(Settled::Fresh));
    assert_eq!(bench.handle(&phone(), order(3, "shipped", &phone())).await, Ok(Settled::Fresh));
}

#[tokio::test]
async fn where_the_rule_only_flags_it_goes_on_with_the_flag() {
    let bench = bench(&format!("{ORDERS}    else: flag\n")).await;
    bench.handle(&phone(), order(1, "placed", &phone())).await.unwrap();
    bench.handle(&phone(), order(3, "shipped", &phone())).await.unwrap();
    let sent = bench.sent();
    assert!(sent[0].event.checks.is_empty());
    assert!(sent[1].event.checks.out_of_turn.contains("order-flow"));
}
