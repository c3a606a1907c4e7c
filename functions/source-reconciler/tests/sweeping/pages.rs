//! Page marks that lead no further.

use crate::world::{Happened, World, id};
use jiff::SignedDuration;
use runtime::memory::START;
use state::{Cursor, Sweeps};
use std::collections::BTreeSet;

/// A world whose shop tells two events on each page, none of which was delivered.
async fn pages(count: i64) -> World {
    let world = World::new(2);
    world.tick().await;
    for number in 0..2 * count {
        let at = START + SignedDuration::from_secs(number + 1);
        world.shop.list.borrow_mut().push(Happened::new(number, at));
    }
    world.after(40);
    world
}

async fn cursor(world: &World) -> Cursor {
    world.state.cursor("shop").await.unwrap().unwrap()
}

/// The marks of the pages that the shop was asked for since; the first page has none.
fn asked(world: &World) -> Vec<String> {
    world.shop.asked.take().into_iter().map(Option::unwrap_or_default).collect()
}

#[tokio::test]
async fn a_mark_that_the_sender_forgot_begins_the_sweep_anew_and_it_comes_to_its_end() {
    let world = pages(3).await;
    world.shop.forgotten.borrow_mut().insert("3".into());
    world.tick().await;
    assert_eq!(asked(&world), ["", "1", "3"]);
    let sweep = cursor(&world).await.sweep.unwrap();
    assert_eq!((sweep.page.clone(), sweep.pages), (None, 0));
    assert_eq!(sweep, sweep.clone().anew());
    world.take();
    world.shop.forgotten.borrow_mut().clear();
    world.after(1);
    world.tick().await;
    assert_eq!(asked(&world), ["", "1", "3", "5"]);
    let tally = world.first_report().tally;
    assert_eq!((tally.expected, tally.found, tally.repaired), (6, 4, 2), "each counted once");
    world.take();
    assert_eq!(*world.state.ledger.borrow(), (0..6).map(id).collect::<BTreeSet<_>>());
}

#[tokio::test]
async fn a_sender_that_never_takes_a_mark_is_asked_once_in_a_call_and_is_overdue() {
    let world = pages(3).await;
    let until = cursor(&world).await.compared_until;
    world.shop.forgotten.borrow_mut().insert("1".into());
    for _ in 0..3 {
        world.tick().await;
        world.take();
        assert_eq!(asked(&world), ["", "1"]);
        world.after(1);
    }
    assert_eq!(cursor(&world).await.compared_until, until);
    assert!(world.found().next().is_none());
    assert_eq!(world.inbound.parcels().len(), 2, "what its first page tells is put in once");
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_end_the_call_and_all_of_them_are_compared() {
    let world = pages(3).await;
    world.shop.misled.borrow_mut().insert("5".into(), "1".into());
    world.tick().await;
    assert!(asked(&world).len() < 10);
    assert_eq!(cursor(&world).await.sweep.unwrap().page, None);
    assert!(world.found().next().is_none());
    world.take();
    assert_eq!(*world.state.ledger.borrow(), (0..6).map(id).collect::<BTreeSet<_>>());
    world.shop.misled.borrow_mut().clear();
    world.after(1);
    world.tick().await;
    let tally = world.first_report().tally;
    assert_eq!((tally.expected, tally.found), (6, 6));
}
