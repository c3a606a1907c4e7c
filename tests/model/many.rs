//! Many events of many customers, out of order, three times each, through workers that die and
//! freeze: what comes of them is what a plain reckoning says, and what one clean run makes.

use crate::run::{START, Until};
use crate::told::{Made, event, made, owned};
use crate::trouble::Trouble;
use crate::world::{Rules, World, rules};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use support::Dice;
use support::expected::{Deed, Handled, Night, expected};
use support::telling::{FREE, RULES, SPAN, TOPICS, Telling, WORDS, What, statements, tell};

const COMPANY: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
crm: { tryton: { url: "http://127.0.0.1:1", database: model, company: 1, secret: omnicord/crm, unknown_customer: create } }
endpoints: { inhouse: { url: "https://inhouse.example.com/", secret: omnicord/inhouse } }
"#;

thread_local! {
    static BOOK: Rules = rules(&format!("{COMPANY}{RULES}"), 1);
}

/// When the first event may happen: the last have just happened when the pipeline begins.
fn start() -> i64 {
    START - i64::try_from(SPAN).unwrap() - 3_600
}

/// Everything that was told, as the pipeline made it out of that order of arrival.
fn run(told: &[Telling], arriving: &[&Telling], trouble: Trouble) -> World {
    let customers = 1 + told.iter().map(|telling| telling.customer).max().unwrap();
    let last = statements(told.len(), customers, start());
    let stages = [arriving.iter().copied().map(event).collect(), last.iter().map(event).collect()];
    let [first, second]: [Vec<_>; 2] = stages;
    BOOK.with(|rules| {
        World::run(&[&first, &second], std::slice::from_ref(rules), trouble, Until::LastEvent)
    })
}

/// Every event three times, in any order.
fn thrice<'t>(told: &'t [Telling], dice: &mut Dice) -> Vec<&'t Telling> {
    let mut arriving: Vec<_> = told.iter().chain(told).chain(told).collect();
    dice.shuffle(&mut arriving);
    arriving
}

/// Everything is as reckoned. Returns what was done by rules that look at the event alone.
fn check(told: &[Telling], world: &World) -> Result<BTreeSet<Deed>, TestCaseError> {
    let customers = 1 + told.iter().map(|telling| telling.customer).max().unwrap();
    let all: Vec<_> =
        told.iter().cloned().chain(statements(told.len(), customers, start())).collect();
    let mut free = BTreeSet::new();
    let mut events = 0;
    for Made { history, tags, crm, deeds } in made(world, &all) {
        let (expected_tags, expected_deeds) = expected(&history, Night::Quiet);
        let synced = expected_tags.keys().filter(|tag| ["high_care", "upset"].contains(tag));
        prop_assert_eq!(crm, synced.map(|tag| (*tag).to_owned()).collect());
        prop_assert_eq!(tags, owned(expected_tags));
        prop_assert_eq!(&deeds, &expected_deeds);
        within_limits(&history, &deeds)?;
        events += history.len();
        free.extend(deeds.into_iter().filter(|deed| FREE.contains(&deed.rule.as_str())));
    }
    prop_assert_eq!(events, all.len());
    prop_assert_eq!(world.unfinished(), BTreeSet::new());
    prop_assert!(world.done.texts.values().all(|times| times.len() == 1));
    let texts: BTreeSet<_> = world.done.texts.keys().cloned().collect();
    let outward: BTreeSet<_> =
        [&world.done.written, &texts, &world.parked].into_iter().flatten().cloned().collect();
    prop_assert_eq!(outward, world.effects());
    Ok(free)
}

/// No customer hears of a rule more often than its limits say, in any span.
fn within_limits(history: &[Handled], deeds: &BTreeSet<Deed>) -> Result<(), TestCaseError> {
    let decided: BTreeMap<_, _> =
        history.iter().map(|handled| (handled.telling.number, handled.decided_at)).collect();
    for (rule, most, hours) in [("thanks", 1, 6), ("thanks", 2, 48), ("call-back", 1, 24)] {
        let meant = deeds.iter().filter(|deed| deed.rule == rule);
        let mut times: Vec<_> =
            meant.map(|deed| deed.not_before.unwrap_or(decided[&deed.number])).collect();
        times.sort_unstable();
        for span in times.windows(most + 1) {
            prop_assert!(span[most] - span[0] >= hours * 3_600, "{}: {:?}", rule, times);
        }
    }
    Ok(())
}

fn telling() -> impl Strategy<Value = (usize, usize, What)> {
    let words = || prop::sample::select(WORDS.to_vec());
    let what = prop_oneof![
        words().prop_map(What::Message),
        (0u32..900, words()).prop_map(|(seconds, words)| What::Call(seconds, words)),
        (prop::sample::select(TOPICS.to_vec()), 1i64..300)
            .prop_map(|(topic, quarters)| What::Order(topic, 25 * quarters)),
    ];
    (0usize..3, 0..SPAN / 64 - 1, what)
}

/// Up to 40 events of up to three customers.
fn stories() -> impl Strategy<Value = Vec<Telling>> {
    prop::collection::vec(telling(), 1..40).prop_map(|rows| {
        let told = (1..).zip(rows).map(|(number, (customer, slot, what))| {
            let at = start() + i64::try_from(slot * 64 + number).unwrap();
            Telling { number, customer, at, what }
        });
        let mut told: Vec<_> = told.collect();
        told.sort_by_key(|telling| telling.at);
        told
    })
}

/// What one clean run in order makes, and what another makes in disorder and trouble.
fn compare(told: &[Telling], trouble: Trouble) -> Result<(World, World), TestCaseError> {
    let ordered: Vec<_> = told.iter().collect();
    let clean = run(told, &ordered, Trouble::NONE);
    let troubled = run(told, &thrice(told, &mut Dice(trouble.seed)), trouble);
    prop_assert_eq!(check(told, &clean)?, check(told, &troubled)?);
    prop_assert_eq!(clean.profiles(), troubled.profiles());
    Ok((clean, troubled))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_few_events_in_any_order_and_trouble_come_to_what_is_reckoned(
        told in stories(), trouble in crate::trouble()
    ) {
        compare(&told, trouble)?;
    }
}

/// Each is one shuffle with its own faults, deaths and freezes.
const SEEDS: [u64; 1] = [1];

#[test]
fn ten_thousand_events_of_five_hundred_customers_come_to_what_is_reckoned() {
    for seed in SEEDS {
        let told = tell(10_000, 500, start(), &mut Dice(seed));
        let trouble =
            Trouble { seed, faults: 5, repeats: 5, deaths: 5, freezes: 5, ..Trouble::NONE };
        let (clean, troubled) = compare(&told, trouble).unwrap();
        assert_eq!(clean.profiles().len(), 500);
        for rule in ["high_care", "upset", "big_spender", "talker"] {
            let bear = clean.profiles().values().filter(|it| it.tags.contains_key(rule)).count();
            assert!((5..495).contains(&bear), "{bear} bear {rule}: the story proves little");
        }
        assert!(clean.parked.is_empty(), "nobody is needed where nothing goes wrong");
        assert!(!troubled.parked.is_empty(), "some texts were on their way as a worker died");
    }
}
