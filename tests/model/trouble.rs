//! How much goes wrong in a run.

use std::hash::{DefaultHasher, Hash, Hasher};
use support::Dice;

/// How much goes wrong, in percent of the tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) seed: u64,
    /// A handled message meets a fault at one of its next requests.
    pub(crate) faults: u8,
    /// A settled message is handed out again.
    pub(crate) repeats: u8,
    /// The worker dies somewhere between its requests, and the message comes again.
    pub(crate) deaths: u8,
    /// The worker freezes somewhere between its requests and wakes some time after; meanwhile
    /// another has taken the message.
    pub(crate) freezes: u8,
    /// A message falls behind the others of its group.
    pub(crate) delays: u8,
    /// A message that is sent arrives torn.
    pub(crate) tears: u8,
    /// Of all messages, those that end whichever worker of the first version touches them.
    pub(crate) poison: u8,
    /// A turn brings another mood to one of the destinations.
    pub(crate) moods: u8,
    /// A destination declines an effect for good.
    pub(crate) declines: u8,
    /// A turn brings another version of program or configuration.
    pub(crate) changes: u8,
    /// Whether each worker's clock is up to ten minutes ahead or behind.
    pub(crate) skews: bool,
    /// Whether queues drop what they were sent minutes ago, as SQS does.
    pub(crate) drops: bool,
    /// How long a turn takes at most, in seconds; some part of a day, if left out.
    pub(crate) pace: Option<usize>,
    /// After so many turns nothing goes wrong any more.
    pub(crate) turns: usize,
}

/// How a message ends its worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Poison {
    /// A panic before anything is done.
    PanicsFirst,
    /// A panic after everything is done.
    PanicsLast,
    /// The process ends, somewhere on its way.
    Kills,
}

impl Trouble {
    /// Whether this message of a queue is poison.
    pub(crate) fn poison(&self, queue: usize, body: &str) -> Option<Poison> {
        let mut hasher = DefaultHasher::new();
        (self.seed, queue, body).hash(&mut hasher);
        let drawn = hasher.finish();
        let kind = match drawn / 100 % 3 {
            0 => Poison::PanicsFirst,
            1 => Poison::PanicsLast,
            _ => Poison::Kills,
        };
        (drawn % 100 < self.poison.into()).then_some(kind)
    }

    pub(crate) const NONE: Self = Self {
        seed: 0,
        faults: 0,
        repeats: 0,
        deaths: 0,
        freezes: 0,
        delays: 0,
        tears: 0,
        poison: 0,
        moods: 0,
        declines: 0,
        changes: 0,
        skews: false,
        drops: false,
        pace: None,
        turns: usize::MAX,
    };

    /// Any kind of it, each with a chance of its own.
    pub(crate) fn any(seed: u64, dice: &mut Dice) -> Self {
        let mut up_to = |most: usize| {
            let none = dice.percent(30);
            let chance = u8::try_from(dice.below(most)).unwrap();
            if none { 0 } else { chance }
        };
        Self {
            seed,
            faults: up_to(40),
            repeats: up_to(20),
            deaths: up_to(40),
            freezes: up_to(30),
            delays: up_to(10),
            tears: up_to(4),
            poison: up_to(15),
            moods: up_to(20),
            declines: up_to(20),
            changes: up_to(10),
            skews: up_to(2) > 0,
            drops: up_to(3) > 0,
            pace: [None, Some(60)][usize::from(up_to(2))],
            turns: 20 + usize::from(up_to(200)),
        }
    }
}
