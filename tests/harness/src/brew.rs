//! Which faults strike a wave, and where: all of it out of one seed.

use crate::fault::{ALL, Fault, Kind};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use support::Dice;

/// How many classes strike one wave.
const CLASSES: usize = 8;
/// Requests of a kind among which a strike picks its first.
const REACH: usize = 90;

/// The classes that strike the wave of this number: decks of all classes are dealt out one after
/// the other, so that each comes up as often as any other.
pub(crate) fn classes(wave: u64) -> Vec<Fault> {
    let first = usize::try_from(wave).unwrap_or_default() * CLASSES;
    (first..first + CLASSES).map(|card| deck(card / ALL.len())[card % ALL.len()]).collect()
}

fn deck(number: usize) -> Vec<Fault> {
    let mut cards = ALL.to_vec();
    Dice(0xdec0 + number as u64).shuffle(&mut cards);
    cards
}

/// Where a class strikes.
#[derive(Clone, Debug)]
struct Strike {
    fault: Fault,
    kind: Kind,
    /// Requests of the kind that pass before.
    skip: usize,
    /// How many in a row are struck then.
    run: usize,
    /// What is left to chance.
    draw: usize,
}

/// A request that is struck.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Struck {
    pub(crate) fault: Fault,
    /// What is left to chance.
    pub(crate) draw: usize,
}

/// The strikes that are still to come, and a count of those that were.
#[derive(Debug, Default)]
pub(crate) struct Brew {
    strikes: Mutex<Vec<Strike>>,
    done: Mutex<BTreeMap<Fault, usize>>,
}

impl Brew {
    /// Arms these classes.
    pub(crate) fn arm(&self, classes: &[Fault], dice: &mut Dice) {
        let mut strikes = Vec::new();
        for fault in classes {
            for kind in fault.strikes() {
                for _ in 0..2 {
                    // The rarer a request, the sooner.
                    let reach = match kind {
                        Kind::Text | Kind::CrmWrite | Kind::BatchRead => REACH / 6,
                        Kind::Crm | Kind::MessageBatch => REACH / 3,
                        Kind::Write | Kind::Store | Kind::Send | Kind::Message => REACH,
                    };
                    strikes.push(Strike {
                        fault: *fault,
                        kind: *kind,
                        skip: dice.below(reach),
                        run: 1 + dice.below(fault.longest_run()),
                        draw: dice.below(1_000_000),
                    });
                }
            }
        }
        *lock(&self.strikes) = strikes;
        lock(&self.done).clear();
    }

    /// What strikes a request of these kinds, if anything does.
    pub(crate) fn draw(&self, kinds: &[Kind]) -> Option<Struck> {
        let mut strikes = lock(&self.strikes);
        let mut found = None;
        for strike in strikes.iter_mut().filter(|strike| kinds.contains(&strike.kind)) {
            if strike.skip > 0 {
                strike.skip -= 1;
            } else if found.is_none() {
                strike.run -= 1;
                found = Some(Struck { fault: strike.fault, draw: strike.draw + strike.run });
            }
        }
        strikes.retain(|strike| strike.run > 0);
        drop(strikes);
        if let Some(struck) = &found {
            self.count(struck.fault, 1);
        }
        found
    }

    /// Notes what was done otherwise than by striking a request.
    pub(crate) fn count(&self, fault: Fault, times: usize) {
        if times == 0 {
            return;
        }
        *lock(&self.done).entry(fault).or_default() += times;
    }

    /// What has not struck strikes no more.
    pub(crate) fn stop(&self) {
        lock(&self.strikes).clear();
    }

    /// Ends it. Returns how often each class has struck.
    pub(crate) fn end(&self) -> BTreeMap<Fault, usize> {
        self.stop();
        lock(&self.done).clone()
    }
}

/// The content of a lock: whoever held it when it panicked has ended the run anyway.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
