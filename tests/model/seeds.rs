//! Thousands of small stories, each with whatever trouble its seed holds, and what must be true of
//! the world that is left.

use crate::counts::{CLASSES, Counts};
use crate::run::{Run, Until};
use crate::story::{self, Bearing, Line, Says};
use crate::trouble::Trouble;
use crate::world::{Rules, World, alone, rules};
use domain::{CustomerId, EventId, EventKind, InboundEvent};
use identity::Group;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::panic::catch_unwind;
use support::Dice;

/// Seeds that once showed a violation.
const REGRESSIONS: [u64; 0] = [];

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
        let (first, late) = self.events.split_at(self.events.len() - self.late);
        let world = run(first, late, self.trouble);
        let mut wrong = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        let known = |event: &&InboundEvent| world.contents.events.contains_key(&event.id);
        let is_parked = |event: &EventId| world.is_parked(event.as_str());
        let lost = self.events.iter().filter(|event| !known(event));
        let lost: Vec<_> = lost.filter(|event| !is_parked(&event.id)).collect();
        must(lost.is_empty(), "an event is neither known nor parked");
        let unfinished = world.unfinished();
        must(unfinished.is_empty(), &format!("neither done nor parked: {unfinished:?}"));
        let sent = world.texts_sent();
        must(sent.values().all(|times| *times == 1), "a text was sent twice");
        let told: BTreeSet<_> = sent.into_keys().chain(world.withheld()).collect();
        let decided = world.texts_decided();
        must(told.is_subset(&decided), "a text was sent that nobody decided on");
        must(
            decided.difference(&told).all(|key| world.is_parked(key.as_str())),
            "a text was not sent, and nobody knows",
        );

        let forgotten = forgotten(&world);
        let torn = world.counts.times.contains_key("message_truncated");
        must(forgotten.is_empty() || torn, &format!("nobody is woken for {forgotten:?}"));
        if self.late > 0 {
            return (world.counts, wrong);
        }

        // What was torn on its way cannot have had consequences.
        let there: Vec<_> = self.events.iter().filter(known).cloned().collect();
        let clean = run(&there, &[], Trouble::NONE);
        // An event may have joined profiles before it was torn.
        let whole = !self.merges || there.len() == self.events.len();
        let same = !whole || customers(&clean) == customers(&world);
        must(same, "events belong to other customers");
        let deeds = |world: &World| {
            let mut deeds = world.deeds();
            // Whose number is known when, and which profile's timer rings, is a question of order.
            let fixed = |rule: &str| !self.merges || !rule.starts_with("sms");
            deeds.retain(|(event, rule)| fixed(rule) && !is_parked(event));
            deeds
        };
        let (due, decided) = (deeds(&clean), deeds(&world));
        let other: Vec<_> = due.symmetric_difference(&decided).collect();
        must(other.is_empty(), &format!("decided by one run alone: {other:?}"));
        must(clean.contents.consents == world.contents.consents, "another consent stands");
        let entered =
            |world: &World| world.contents.events.keys().cloned().collect::<BTreeSet<_>>();
        let missing: Vec<_> = entered(&clean).difference(&entered(&world)).cloned().collect();
        must(self.merges || missing.iter().all(is_parked), "a timer never rang");
        if !self.merges && missing.is_empty() {
            let (due, mut left) = (clean.profiles(), world.profiles());
            // A customer of whom nothing but a torn message told.
            left.retain(|_, profile| profile.last_event.is_some());
            must(due == left, &format!("a profile differs: {due:#?}, {left:#?}"));
            must(clean.history() == world.history(), "the history differs");
            let (due, left) = (&clean.done.tags, &world.done.tags);
            let same = due == left || !world.told_every_tag();
            must(same, &format!("the CRM bears other tags: {due:?}, {left:?}"));
        }
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

/// The timers that are due and for which no call comes any more.
fn forgotten(world: &World) -> Vec<(CustomerId, String)> {
    let rules = BOOKS.with(|books| alone(books[0].current()).unwrap());
    let customers = world.contents.customers.values();
    let roots = customers.filter(|customer| customer.membership.merged_into.is_none());
    let due = roots.flat_map(|root| {
        let member = |id: &CustomerId| world.contents.customers[id].clone();
        let members = Group::member_ids(root).iter().map(member).collect();
        let group = Group { root: root.clone(), members };
        let due = rules.timers(&rules.combine(&group)).into_keys();
        due.map(|timer| (root.id.clone(), timer)).collect::<Vec<_>>()
    });
    due.collect()
}

/// Which events belong together, and what they made of the customer.
fn customers(world: &World) -> BTreeSet<(BTreeSet<EventId>, BTreeSet<String>)> {
    let contents = &world.contents;
    let root = |profile: &CustomerId| {
        let mut root = &contents.customers[profile];
        while let Some(into) = &root.membership.merged_into {
            root = &contents.customers[into];
        }
        root.id.clone()
    };
    let mut together: BTreeMap<CustomerId, BTreeSet<EventId>> = BTreeMap::new();
    for event in contents.events.values().filter(|event| event.kind != EventKind::Timer) {
        together.entry(root(&event.customer)).or_default().insert(event.id.clone());
    }
    let tags = |root: &CustomerId| {
        let customer = &contents.customers[root];
        customer.joint_tags.as_ref().unwrap_or(&customer.profile.tags).keys().cloned().collect()
    };
    together.into_iter().map(|(root, events)| (events, tags(&root))).collect()
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
    for seed in REGRESSIONS {
        let (_, wrong) = Case::of(seed).check();
        assert_eq!(wrong, Vec::<String>::new(), "seed {seed}");
    }
}
