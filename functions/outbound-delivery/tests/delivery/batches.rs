//! Batched changes in any order, repeated, with crashes in between.

use crate::fields::{HOUR, office, set};
use domain::{Effect, EventId};
use proptest::prelude::*;
use serde_json::json;
use state::memory::Fault;
use std::collections::BTreeMap;

const CITIES: [&str; 3] = ["Bonn", "Ulm", "Köln"];
const FIELDS: [&str; 2] = ["city", "zip"];
const PARTIES: usize = 3;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Change { customer: usize, field: usize, second: i64, city: usize },
    Repeat(prop::sample::Index),
    Flush,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..PARTIES, 0..FIELDS.len(), 0..9i64, 0..CITIES.len()).prop_map(
            |(customer, field, second, city)| Step::Change { customer, field, second, city }
        ),
        2 => any::<prop::sample::Index>().prop_map(Step::Repeat),
        2 => Just(Step::Flush),
    ]
}

/// A write of the store that fails, before it happens or after.
fn crash() -> impl Strategy<Value = Option<(usize, bool)>> {
    prop::option::of((0..90usize, any::<bool>()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_newest_value_is_left_and_no_batch_writes_it_twice(
        steps in prop::collection::vec(step(), 1..20), crash in crash()
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps, crash));
    }
}

/// When, and by which event.
type Moment = (i64, EventId);

async fn run(steps: Vec<Step>, crash: Option<(usize, bool)>) {
    let (office, customers) = office(PARTIES).await;
    if let Some((after, before)) = crash {
        let fault = if before { Fault::Before } else { Fault::After };
        office.store.fail_write(office.store.writes() + after, fault);
    }
    let mut newest = BTreeMap::<(usize, &str), (Moment, &str)>::new();
    let mut sent: Vec<Effect> = Vec::new();
    for step in steps {
        let effect = match step {
            Step::Change { customer, field, second, city } => {
                let (field, city) = (FIELDS[field], CITIES[city]);
                let effect = set(&customers[customer], sent.len(), second, (field, city));
                let change = ((second, effect.event.clone()), city);
                let known = newest.entry((customer, field)).or_insert_with(|| change.clone());
                if change.0 > known.0 {
                    *known = change;
                }
                sent.push(effect.clone());
                effect
            }
            Step::Repeat(_) if sent.is_empty() => continue,
            Step::Repeat(index) => index.get(&sent).clone(),
            Step::Flush => {
                flush(&office).await;
                continue;
            }
        };
        // The queue hands out again what failed.
        while office.handle(&effect).await.is_err() {
            office.bench.pass(HOUR);
        }
    }
    for _ in 0..2 {
        flush(&office).await;
    }
    let parties = office.tryton.parties();
    for ((customer, field), (_, city)) in &newest {
        assert_eq!(parties[*customer][*field], json!(city), "{field} of {customer}");
    }
    let requests = office.tryton.requests();
    flush(&office).await;
    assert_eq!(office.tryton.requests(), requests, "nothing is left to be said");
}

/// A minute's batches, long enough after the last change.
async fn flush(office: &crate::office::Office) {
    office.bench.pass(HOUR);
    let before = office.tryton.cells().len();
    office.bench.tick().await;
    let mut cells = office.tryton.cells().split_off(before);
    let all = cells.len();
    cells.sort();
    cells.dedup();
    assert_eq!(cells.len(), all, "at most one write for each record and field");
}
