//! Two sweeps of one source at the same time.

use crate::world::{Happened, World, id};
use jiff::SignedDuration;
use runtime::Scheduled;
use runtime::memory::START;
use state::Sweeps;
use std::collections::BTreeSet;

#[tokio::test(flavor = "current_thread")]
async fn of_two_at_once_one_counts_and_nothing_is_lost() {
    let world = World::new(2);
    world.tick().await;
    for number in 0..5 {
        let at = START + SignedDuration::from_secs(number + 1);
        world.shop.list.borrow_mut().push(Happened::new(number, at));
    }
    world.after(40);
    let before = world.state.cursor("shop").await.unwrap().unwrap().version;
    let (one, other) = (world.reconciler(), world.reconciler());
    let deadline = START + SignedDuration::from_hours(1);
    tokio::join!(one.tick(deadline), other.tick(deadline));
    world.tick().await;
    let cursor = world.state.cursor("shop").await.unwrap().unwrap();
    assert_eq!(cursor.version - before, 3, "three pages, each counted once");
    let tally = cursor.last.unwrap().tally;
    assert_eq!((tally.expected, tally.repaired), (5, 5));
    world.take();
    assert_eq!(*world.state.ledger.borrow(), (0..5).map(id).collect::<BTreeSet<_>>());
}
