//! What must hold whatever is lost, late or told twice, and wherever the function is cut off.

use crate::world::{Happened, World, id};
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::memory::START;
use runtime::{Clock, Scheduled};
use state::memory::Fault;
use std::collections::BTreeSet;

/// Minutes during which things happen.
const BUSY: i64 = 180;
/// How late the list may show what happened: with the clock's skew less than grace and overlap together.
const LATE: i64 = 21;
/// How far the shop's clock is off, either way.
const SKEW: i64 = 4;

/// What becomes of one thing that happened.
#[derive(Clone, Debug)]
struct Fate {
    /// Minutes after the start.
    at: i64,
    /// Minutes after which the list shows it.
    shown: i64,
    /// Minutes after which its webhooks arrive: none, one, or several.
    arrives: Vec<i64>,
}

/// What goes wrong with the function in a minute.
#[derive(Clone, Debug)]
enum Trouble {
    None,
    Down,
    Write(usize, bool),
    NotCalled,
}

fn fate() -> impl Strategy<Value = Fate> {
    let arrives = prop_oneof![Just(Vec::new()), vec(0..5i64, 1..3), vec(0..400i64, 1..3),];
    (0..BUSY, 0..LATE, arrives).prop_map(|(at, shown, arrives)| Fate { at, shown, arrives })
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        6 => Just(Trouble::None),
        1 => Just(Trouble::Down),
        2 => (0..4usize, any::<bool>()).prop_map(|(write, after)| Trouble::Write(write, after)),
        1 => Just(Trouble::NotCalled),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn everything_expected_is_in_and_the_reports_add_up(
        fates in vec(fate(), 0..40),
        troubles in vec(trouble(), 0..250),
        page_size in 1..7usize,
        skew in -SKEW..=SKEW,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live(fates, troubles, page_size, skew))?;
    }
}

async fn live(
    fates: Vec<Fate>,
    troubles: Vec<Trouble>,
    page_size: usize,
    skew: i64,
) -> Result<(), TestCaseError> {
    let world = World::new(page_size);
    let minutes = |count| SignedDuration::from_mins(count);
    let reconciler = world.reconciler();
    let tick = async || reconciler.tick(world.clock.now() + minutes(2)).await;
    tick().await;
    for (number, fate) in (0..).zip(&fates) {
        let at = START + minutes(fate.at) + SignedDuration::from_secs(1);
        let mut happened = Happened::new(number, at + minutes(skew));
        happened.shown_at = at + minutes(fate.shown);
        world.shop.list.borrow_mut().push(happened);
    }
    let mut troubles = troubles.into_iter();
    // Trouble ends; then the last things that happened have to come in within the usual time.
    let quiet = BUSY.max(i64::try_from(troubles.len()).unwrap());
    for minute in 0..quiet + 80 {
        world.after(1);
        for (number, fate) in (0..).zip(&fates) {
            if fate.arrives.iter().any(|delay| fate.at + delay == minute) {
                world.state.ledger.borrow_mut().insert(id(number));
            }
        }
        match troubles.next().unwrap_or(Trouble::None) {
            Trouble::None => tick().await,
            Trouble::NotCalled => {}
            Trouble::Down => {
                world.shop.down.set(true);
                tick().await;
                world.shop.down.set(false);
            }
            Trouble::Write(write, after) => {
                let fault = if after { Fault::After } else { Fault::Before };
                world.state.store.fail_write(world.state.store.writes() + write, fault);
                tick().await;
            }
        }
        if minute % 3 == 0 {
            world.take();
        }
    }
    let happened: BTreeSet<_> = (0..).zip(&fates).map(|(number, _)| id(number)).collect();
    let missing: Vec<_> = happened.difference(&world.state.ledger.borrow()).cloned().collect();
    prop_assert!(missing.is_empty(), "{missing:?}");
    prop_assert!(world.state.ledger.borrow().is_subset(&happened), "something was made up");
    let end = world.clock.now();
    for report in world.reports() {
        let tally = &report.tally;
        prop_assert_eq!(tally.expected, tally.found + tally.repaired + tally.left());
        prop_assert_eq!(tally.left(), 0);
        prop_assert!(report.after <= report.until && report.until < end);
    }
    // No two sweeps leave anything between them.
    let mut reports = world.reports();
    reports.sort_by_key(|report| report.until);
    prop_assert!(reports.windows(2).all(|pair| pair[1].after <= pair[0].until));
    Ok(())
}
