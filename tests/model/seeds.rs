//! Thousands of small stories, each with whatever trouble its seed holds, and what must be true of
//! the world that is left.

use crate::check::{self, Told};
use crate::counts::{CLASSES, Counts};
use crate::run::{Run, Until};
use crate::story::{self, Bearing, Line, Says};
use crate::trouble::Trouble;
use crate::world::{Rules, World, alone, rules};
use domain::InboundEvent;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::panic::catch_unwind;
use support::Dice;

/// Seeds that once showed a violation, with what was wrong.
const REGRESSIONS: [(u64, &str); 16] = [
    (859, "a ring was lost, or came twice"),
    (1_275, "a ring was lost, or came twice"),
    (11_078, "a ring was lost, or came twice"),
    (14_856, "a ring was lost, or came twice"),
    (18_045, "a ring was lost, or came twice"),
    (18_829, "a ring was lost, or came twice"),
    (103, "a timer rang before the reconciler looked for what the last version mends"),
    (3_737, "a timer rang before the reconciler looked for what the last version mends"),
    (10_535, "a timer rang before the reconciler looked for what the last version mends"),
    (11_826, "a timer rang before the reconciler looked for what the last version mends"),
    (12_083, "a timer rang before the reconciler looked for what the last version mends"),
    (13_715, "a timer rang before the reconciler looked for what the last version mends"),
    (14_598, "a timer rang before the reconciler looked for what the last version mends"),
    (19_973, "a consent was told, and then the message of its event torn"),
    (24_414, "an event's message was torn after some of its effects had been asked for"),
    (170_047, "a ring was torn, on which the timer's next one rested"),
];

/// How many seeds an ordinary run of the tests tries.
const USUAL: u64 = 1_500;

/// How many seeds pass between two lines about how far it has come.
const STRIDE: u64 = 50;

thread_local! {
    static BOOKS: [Rules; 2] = [
        rules(story::CONFIG, 1),
        rules(&story::CONFIG.replace("{{ event.text }}", "{{ event.text }}!"), 2),
    ];
}

/// What a seed tells.
struct Case {
    events: Vec<InboundEvent>,
    /// Whether some events bear one handle, and others several, so that profiles are merged.
    merges: bool,
    /// How many of the events come only as timers ring.
    late: usize,
    trouble: Trouble,
}

impl Case {
    fn of(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5eed);
        let merges = dice.percent(30);
        let customers = 1 + dice.below(3);
        let says =
            [Says::Complaint, Says::Thanks, Says::Stop, Says::Start, Says::Shipped, Says::Rings];
        let line = |number| Line {
            number,
            customer: dice.below(customers),
            second: dice.below(100_000),
            says: says[dice.below(says.len())],
            bears: match dice.below(3) {
                0 => Bearing::Both,
                1 if merges => Bearing::Email,
                _ => Bearing::Phone,
            },
        };
        let events = 3 + Dice(seed).below(10);
        let events: Vec<_> = (0..events).map(line).map(Line::event).collect();
        let late = if dice.percent(25) { events.len() / 2 } else { 0 };
        Self { events, merges, late, trouble: Trouble::any(seed, &mut dice) }
    }

    /// Runs it twice, with and without the trouble; what of the invariants does not hold.
    fn check(&self) -> (Counts, Vec<String>) {
        let Self { events, merges, late, trouble } = self;
        let (first, last) = events.split_at(events.len() - late);
        let world = run(first, last, *trouble);
        let told = Told { events, merges: *merges, late: *late > 0 };
        let rules = BOOKS.with(|books| alone(books[0].current()).unwrap());
        let mut wrong = check::alone(&told, &rules, &world);
        // What was torn on its way cannot have had consequences.
        let there: Vec<_> = events.iter().filter(|event| world.knows(&event.id)).cloned().collect();
        let clean = run(&there, &[], Trouble::NONE);
        wrong.extend(check::against(&told, &clean, &world));
        (world.counts, wrong)
    }
}

fn run(events: &[InboundEvent], late: &[InboundEvent], trouble: Trouble) -> World {
    BOOKS.with(|books| {
        alone(async {
            let many = events.len() + late.len();
            let mut run = Run::new(books, trouble, Until::LastTimer, many);
            run.keep_back(late);
            run.through(events).await;
            run.end()
        })
    })
}

/// Which seeds to try: from, step, how many. `cargo xtask model` says so.
fn asked() -> (u64, u64, u64) {
    #[expect(clippy::disallowed_methods, reason = "this is how cargo xtask model asks")]
    let asked = std::env::var("OMNICORD_MODEL_SEEDS").ok();
    let Some(asked) = asked else { return (0, 1, USUAL) };
    let mut numbers = asked.split(' ').map(|number| number.parse().unwrap());
    let mut next = || numbers.next().unwrap();
    (next(), next(), next())
}

#[test]
fn every_seed_leaves_nothing_lost_doubled_or_out_of_order() {
    let (from, step, seeds) = asked();
    let mut all = Counts::default();
    let mut violations = Vec::new();
    let seeds = (0..seeds).map(|number| from + step * number);
    for (number, seed) in (1..).zip(seeds) {
        let checked = catch_unwind(|| Case::of(seed).check());
        let broken = |_| (Counts::default(), vec!["it panicked".to_owned()]);
        let (counts, wrong) = checked.unwrap_or_else(broken);
        all.absorb(&counts, !wrong.is_empty());
        if !wrong.is_empty() {
            violations.push((seed, wrong.clone()));
            say(&serde_json::json!({ "seed": seed, "wrong": wrong }));
        }
        if number % STRIDE == 0 {
            say(&serde_json::json!({ "counts": &all }));
        }
    }
    say(&serde_json::json!({ "counts": &all }));
    assert_eq!(violations, Vec::new());
    if all.seeds >= USUAL {
        assert_eq!(all.missing(), BTreeSet::new(), "of {CLASSES:?} some never struck");
    }
}

/// A line for whoever reads along.
pub(crate) fn say(line: &serde_json::Value) {
    // Not by a macro: the test harness would hold it back.
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[test]
fn what_once_went_wrong_does_not_again() {
    for (seed, fault) in REGRESSIONS {
        let (_, wrong) = Case::of(seed).check();
        assert_eq!(wrong, Vec::<String>::new(), "seed {seed}: {fault}");
    }
}
