//! What deciding costs, by the number of rules.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use domain::{
    Classification, Customer, CustomerId, Direction, EventId, EventKind, Fired, InboundEvent,
    Tagged,
};
use jiff::Timestamp;
use rules::RuleSet;
use std::fmt::Write;
use std::hint::black_box;

const HEAD: &str = r#"
company: { name: Lab Commerce, region: DE, time_zone: Europe/Berlin, public_url: "https://hooks.example.com" }
crm: { tryton: { secret: omnicord/tryton, url: "http://127.0.0.1:8092", database: tryton } }
counters: [{ name: orders, when: 'event.kind == "order"', window: 30d }]
fields: [{ name: level, on: [contact], value: event.fields.level }]
triggers:
"#;

/// So many rules on a kind, of which none fires: what is measured is finding that out.
fn triggers(document: &mut String, kind: &str, count: usize, condition: impl Fn(usize) -> String) {
    for index in 0..count {
        let when = condition(index);
        writeln!(
            document,
            "  - {{ name: {kind}-{index}, on: [{kind}], when: '{when}', actions: [{{ crm.note: {{ text: hi }} }}] }}"
        )
        .unwrap();
    }
}

/// A condition with nothing to look up: every one is evaluated.
fn evaluated(index: usize) -> String {
    format!(
        "event.fields.total > {} && customer.counts.orders >= 3 && event.topic != \"x\"",
        1_000 + index
    )
}

/// A condition that names its topic, as most do.
fn looked_up(index: usize) -> String {
    format!("event.topic == \"topic-{index}\" && {}", evaluated(index))
}

fn order() -> Tagged {
    let at = Timestamp::from_second(1_795_334_400).unwrap();
    let mut customer = Customer::new(CustomerId::new("c"), at);
    let orders = customer.profile.counters.entry("orders".into()).or_default();
    for index in 0..50 {
        orders.record(at, &EventId::new("shop", &index.to_string()));
    }
    let event = InboundEvent {
        id: EventId::new("shop", "A-1"),
        source: "shop".into(),
        channel: "standard-webhooks".into(),
        kind: EventKind::Order,
        topic: "shipped".into(),
        direction: Direction::Outbound,
        occurred_at: at,
        received_at: at,
        handles: Vec::new(),
        text: Some("A text of some length, as customers write it, to be copied or not.".repeat(4)),
        duration_s: None,
        fields: (0..20)
            .map(|n| (format!("field{n}"), n.into()))
            .chain([("total".into(), 900.into())])
            .collect(),
        checks: domain::Checks::default(),
    };
    let home = customer.id.clone();
    Tagged { event, customer, home, classification: Classification::default(), tags: Vec::new() }
}

fn bench(criterion: &mut Criterion) {
    let (tagged, fired) = (order(), Fired::default());
    let mut group = criterion.benchmark_group("decide");
    let mut case = |name: &str, count: usize, document: String| {
        let rules = RuleSet::load(&document, 1).unwrap();
        group.bench_function(BenchmarkId::new(name, count), |bencher| {
            bencher.iter(|| rules.decide(black_box(&tagged), tagged.event.occurred_at, &fired));
        });
    };
    for count in [1, 10, 100, 1_000] {
        let mut document = HEAD.to_owned();
        triggers(&mut document, "order", count, evaluated);
        case("evaluated", count, document);
        let mut document = HEAD.to_owned();
        triggers(&mut document, "order", count, looked_up);
        case("looked_up", count, document);
    }
    let mut document = HEAD.to_owned();
    triggers(&mut document, "order", 10, evaluated);
    triggers(&mut document, "call", 990, evaluated);
    case("ten_of_the_kind", 1_000, document);
    group.finish();
}

/// What judging an event by itself costs, where every rule looks at it and none finds anything.
fn checks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    for count in [0, 1, 10, 100] {
        let mut document = HEAD.replace("triggers:\n", "validate:\n");
        for index in 0..count {
            let check = match index % 3 {
                0 => "required: [event.fields.total]".to_owned(),
                1 => "format: { event.fields.total: '[0-9]{1,6}' }".to_owned(),
                _ => {
                    format!("range: {{ event.fields.total: {{ min: 0, max: {} }} }}", 1_000 + index)
                }
            };
            writeln!(document, "  - {{ name: check-{index}, on: [order], check: {{ {check} }} }}")
                .unwrap();
        }
        let rules = RuleSet::load(&document, 1).unwrap();
        let event = order().event;
        group.bench_function(BenchmarkId::new("fields", count), |bencher| {
            bencher.iter(|| rules.check(&mut black_box(event.clone())));
        });
    }
    group.finish();
}

criterion_group!(benches, bench, checks);
criterion_main!(benches);
