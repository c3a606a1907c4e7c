//! One event, with a crash at every single place, and a second worker let in at every other.

use crate::run::{INVISIBLE, Run, Until, advance};
use crate::seeds::say;
use crate::story::{self, Bearing, Line, Says};
use crate::trouble::Trouble;
use crate::worker::Task;
use crate::world::{Rules, World, alone, rules};
use domain::InboundEvent;
use jiff::SignedDuration;

thread_local! {
    static BOOK: [Rules; 1] = [rules(story::CONFIG, 1)];
}

/// What is interrupted.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// A step at the message of its queue.
    Step(usize),
    /// The reconciler at the letter about a message of this queue.
    Letter(usize),
    /// The reconciler as it sends back what failed in this queue.
    Tick(usize),
}

const PLACES: [Place; 12] = [
    Place::Step(0),
    Place::Step(1),
    Place::Step(2),
    Place::Step(3),
    Place::Letter(0),
    Place::Letter(1),
    Place::Letter(2),
    Place::Letter(3),
    Place::Tick(0),
    Place::Tick(1),
    Place::Tick(2),
    Place::Tick(3),
];

fn event() -> InboundEvent {
    let (says, bears) = (Says::Shipped, Bearing::Both);
    Line { number: 1, customer: 1, second: 1, says, bears }.event()
}

/// The pipeline at the moment before it happens, with what is to be done.
async fn before(place: Place) -> (Run, Task) {
    let mut run = BOOK.with(|book| Run::new(book, Trouble::NONE, Until::LastEvent, 1));
    run.accept(&[event()]);
    let (Place::Step(queue) | Place::Letter(queue) | Place::Tick(queue)) = place;
    for step in 0..queue {
        work(&mut run, step).await;
    }
    let Task::Message(_, message) = run.take(queue).unwrap() else { unreachable!() };
    let task = match place {
        Place::Step(_) => Task::Message(queue, message),
        Place::Letter(_) | Place::Tick(_) => {
            run.bury(queue, message);
            run.take(queue + 4).unwrap()
        }
    };
    if let Place::Tick(_) = place {
        let said = advance(&mut run.stopping(&task), usize::MAX).await.unwrap();
        run.settle(task, said, Trouble::NONE);
        run.pass(SignedDuration::from_hours(1));
        return (run, Task::Tick);
    }
    (run, task)
}

/// Works off a queue.
async fn work(run: &mut Run, queue: usize) {
    while let Some(task) = run.take(queue) {
        let said = advance(&mut run.stopping(&task), usize::MAX).await.unwrap();
        run.settle(task, said, Trouble::NONE);
    }
}

/// Lets everything come to rest, and looks whether it is as it should be.
async fn right(mut run: Run, clean: &World, how: &str) {
    run.through(&[]).await;
    let world = run.end();
    assert_eq!(world.profiles(), clean.profiles(), "{how}");
    assert_eq!(world.history(), clean.history(), "{how}");
    assert_eq!(world.effects(), clean.effects(), "{how}");
    assert_eq!(world.unfinished(), std::collections::BTreeSet::new(), "{how}");
    assert_eq!(world.done.written, clean.done.written, "{how}");
    assert_eq!(world.done.tags, clean.done.tags, "{how}");
    for key in world.texts_decided() {
        let sent = world.texts_sent().get(&key).copied().unwrap_or_default();
        assert!(sent == 1 || sent == 0 && world.parked.contains(&key), "{how}: sent {sent} times");
    }
}

/// A worker dies at each of its stops in turn. Returns how many there were.
async fn dies_everywhere(place: Place, clean: &World) -> usize {
    for stops in 0.. {
        let (run, task) = before(place).await;
        let mut worker = run.stopping(&task);
        if advance(&mut worker, stops).await.is_some() {
            return stops;
        }
        drop(worker);
        run.put_back(task, run.now().checked_add(INVISIBLE).unwrap());
        right(run, clean, &format!("{place:?}, dead at {stops}")).await;
    }
    unreachable!()
}

/// What becomes of two workers at the same task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// The first goes on while the second stands, then the second.
    FirstThenSecond,
    /// The first goes on for so many stops, then the second to its end, then the first.
    Thrice(usize),
    /// Both die where they are.
    BothDie,
}

/// One worker stops, another comes in and stops as well, and so they end. Returns none where one of
/// them is at its end before it comes to that stop.
async fn two(place: Place, (first, second): (usize, usize), end: End, clean: &World) -> Option<()> {
    let (mut run, task) = before(place).await;
    let (mut one, mut other) = (run.stopping(&task), run.stopping(&task));
    if advance(&mut one, first).await.is_some() || advance(&mut other, second).await.is_some() {
        return None;
    }
    let said = match end {
        End::BothDie => None,
        End::FirstThenSecond => {
            advance(&mut one, usize::MAX).await;
            advance(&mut other, usize::MAX).await
        }
        End::Thrice(more) => {
            if advance(&mut one, more).await.is_some() {
                return None;
            }
            let said = advance(&mut other, usize::MAX).await;
            advance(&mut one, usize::MAX).await;
            said
        }
    };
    match said {
        Some(said) => run.settle(task, said, Trouble::NONE),
        None => run.put_back(task, run.now().checked_add(INVISIBLE).unwrap()),
    }
    let how = format!("{place:?}, the first at {first}, the second at {second}, {end:?}");
    right(run, clean, &how).await;
    Some(())
}

#[test]
fn a_crash_at_any_place_and_a_second_worker_at_any_other_change_nothing() {
    let clean = BOOK.with(|book| World::run(&[&[event()]], book, Trouble::NONE, Until::LastEvent));
    alone(async {
        for place in PLACES {
            let stops = dies_everywhere(place, &clean).await;
            let (mut pairs, mut triples) = (0, 0);
            for first in 0..stops {
                // What the first did may give the second more to do than it had alone.
                for second in 0..2 * stops {
                    let stopped = (first, second);
                    if two(place, stopped, End::FirstThenSecond, &clean).await.is_none() {
                        break;
                    }
                    two(place, stopped, End::BothDie, &clean).await;
                    pairs += 2;
                    for more in 0..stops {
                        if two(place, stopped, End::Thrice(more), &clean).await.is_none() {
                            break;
                        }
                        triples += 1;
                    }
                }
            }
            assert!(stops > 2 && pairs > 8, "{place:?} does nothing");
            let (place, tried) = (format!("{place:?}"), [stops, pairs, triples]);
            say(&serde_json::json!({ "place": place, "tried": tried }));
        }
    });
}
