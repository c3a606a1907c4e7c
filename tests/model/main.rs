//! The steps' real logic over an in-memory store: every order, every repetition, a fault at any
//! write or send, and still the state and the effects of one clean run.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected ends the test"
)]

mod changes;
mod check;
mod counts;
mod entrance;
mod everywhere;
mod many;
mod merges;
mod moods;
mod outside;
mod paced;
mod queue;
mod replay;
mod run;
mod seeds;
mod story;
mod told;
mod trouble;
mod weather;
mod worker;
mod world;

use proptest::prelude::*;
use run::Until;
use std::collections::BTreeSet;
use story::Story;
use trouble::Trouble;
use world::{Rules, World, rules};

fn trouble() -> impl Strategy<Value = Trouble> {
    let chance = || 0u8..30;
    (any::<u64>(), chance(), chance(), chance(), chance()).prop_map(
        |(seed, faults, repeats, deaths, freezes)| Trouble {
            seed,
            faults,
            repeats,
            deaths,
            freezes,
            ..Trouble::NONE
        },
    )
}

thread_local! {
    static RULES: Rules = rules(story::CONFIG, 1);
}

fn run(story: &Story, trouble: Trouble) -> World {
    RULES.with(|rules| {
        World::run(&[&story.0], std::slice::from_ref(rules), trouble, Until::LastTimer)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn trouble_changes_nothing_but_the_time_it_takes(
        story in story::stories(), trouble in trouble()
    ) {
        let clean = run(&story, Trouble::NONE);
        let troubled = run(&story, trouble);
        prop_assert_eq!(clean.profiles(), troubled.profiles());
        prop_assert_eq!(clean.history(), troubled.history());
        prop_assert_eq!(clean.deeds(), troubled.deeds());
        prop_assert_eq!(troubled.unfinished(), BTreeSet::new());
    }

    #[test]
    fn no_text_is_ever_sent_twice_and_each_unsent_one_waits_for_a_person(
        story in story::stories(), trouble in trouble()
    ) {
        let world = run(&story, trouble);
        prop_assert!(world.texts_sent().values().all(|times| *times == 1));
        let sent_or_parked: BTreeSet<_> =
            world.texts_sent().into_keys().chain(world.parked.clone()).collect();
        prop_assert_eq!(sent_or_parked, world.texts_decided());
    }

    #[test]
    fn the_order_of_arrival_leaves_no_trace_in_the_state(
        story in story::stories(), order in any::<u64>()
    ) {
        let straight = run(&story, Trouble::NONE);
        let shuffled = run(&story.shuffled(order), Trouble::NONE);
        prop_assert_eq!(straight.profiles(), shuffled.profiles());
        prop_assert_eq!(straight.history(), shuffled.history());
    }
}

#[test]
fn the_rules_are_valid() {
    let problems: Vec<_> = rules::parse(story::CONFIG).err().into_iter().flatten().collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn a_story_has_consequences() {
    let world = run(&Story::example(), Trouble::NONE);
    assert_eq!(world.profiles().len(), 1, "one customer, by phone and by e-mail");
    assert!(world.profiles().values().any(|profile| profile.tags.contains_key("high_care")));
    assert_eq!(world.texts_sent().len(), 2, "one shipment, and a year of silence");
    assert!(world.profiles().values().all(|profile| !profile.tags.contains_key("buyer")));
}
