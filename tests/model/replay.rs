//! Stored events, put through the steps once more, in any order, as often as you like, with faults.

use crate::run::{START, Until};
use crate::story::{self, Story};
use crate::trouble::Trouble;
use crate::worker::Watch;
use crate::world::{Rules, World, rules};
use domain::{
    Action, Carried, CustomerId, EffectKey, Matched, Outbound, Profile, Replay, ReplayId, Tagged,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use runtime::memory::{Queue, Schedules};
use runtime::{FixedClock, QueueStep};
use state::memory::{Contents, Fault, Store};
use state::{EventRecord, TimelineEntry};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use support::Dice;
use tag_update::TagUpdate;
use trigger_dispatcher::TriggerDispatcher;

thread_local! {
    static OLD: Rules = rules(story::CONFIG, 1);
    static NEW: Rules = rules(&changed(), 1);
}

/// Other rules: each of counters, fields and tags counts, tells or sets something else, and each
/// shipment has a second text.
fn changed() -> String {
    let mut text = story::CONFIG.to_owned();
    for (old, new) in [
        ("when: 'event.issue == \"quality\"', window: 30d", "when: event.interaction, window: 2h"),
        ("value: event.fields.number", "value: '\"no. \" + string(event.fields.number)'"),
        ("complaints_30d >= 3", "complaints_30d >= 2"),
        (
            "{ name: buyer, when: event.kind == \"order\"",
            "{ name: buyer, when: event.kind == \"message\"",
        ),
        (
            "    actions: [ { sms: { text: \"Order",
            "    actions: [ { email: { to: shop@example.com, subject: shipped, text: shipped } }, { sms: { text: \"Order",
        ),
    ] {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    text.replace("is on its way\" } } ]", "is on its way\" } } ]\n")
        + "email: { from: service@example.com }\n"
}

/// The tags that the rules of both versions keep in the CRM.
const SYNCED: [&str; 2] = ["buyer", "open_case"];

/// A store after the events came, and what the CRM was told.
struct Stored {
    store: Store,
    crm: BTreeMap<CustomerId, BTreeSet<String>>,
    runs: i64,
}

impl Stored {
    fn after(world: World) -> Self {
        Self { store: Store::from(world.contents), crm: world.done.tags, runs: 0 }
    }

    /// Replays some events, in their order, with a fault now and then and each message as often as
    /// it takes. Returns the keys of what went out.
    fn replay(
        &mut self,
        rules: &Rules,
        entries: &[TimelineEntry],
        effects: bool,
        seed: u64,
    ) -> BTreeSet<EffectKey> {
        self.runs += 1;
        let mut dice = Dice(seed);
        let now = Timestamp::from_second(START).unwrap();
        let now = now + SignedDuration::from_hours(24 * 2_000 + self.runs);
        let clock = Watch::right(&Rc::new(FixedClock::new(now)));
        let id = ReplayId::new("model", now);
        let replay = Replay { id, effects, config_version: 1, begun_at: now };
        let (tagged, outbound) = (Queue::default(), Queue::default());
        let (store, timers) = (self.store.clone(), Schedules::default());
        let tag_update =
            TagUpdate::new(store, tagged.clone(), timers, rules.clone(), clock.clone());
        let (store, next) = (self.store.clone(), outbound.clone());
        let dispatcher = TriggerDispatcher::new(store, next, rules.clone(), clock);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for entry in entries {
            let message = Matched {
                event: entry.tagged.event.clone(),
                customer: entry.tagged.home.clone(),
                decision: entry.decision.clone(),
                matched_at: None,
            };
            let carried = Carried { message, replay: Some(replay.clone()) };
            self.handle(&runtime, &mut dice, || tag_update.handle(carried.clone()));
        }
        for message in tagged.messages::<Carried<Tagged>>() {
            for _ in 0..=usize::from(dice.percent(30)) {
                self.handle(&runtime, &mut dice, || dispatcher.handle(message.clone()));
            }
        }
        let mut sent = BTreeSet::new();
        for Outbound(effect) in outbound.messages() {
            if let (true, Action::CrmTag { add, remove }) =
                (sent.insert(effect.key), &effect.action)
            {
                let tags = self.crm.entry(effect.customer).or_default();
                tags.extend(add.iter().cloned());
                tags.retain(|tag| !remove.contains(tag));
            }
        }
        sent
    }

    fn handle<F: Future<Output = Result<runtime::Settled, runtime::StepFailure>>>(
        &self,
        runtime: &tokio::runtime::Runtime,
        dice: &mut Dice,
        handle: impl Fn() -> F,
    ) {
        if dice.percent(30) {
            let fault = if dice.percent(50) { Fault::Before } else { Fault::After };
            self.store.fail_write(self.store.writes() + dice.below(2), fault);
        }
        let mut tries = 0;
        while runtime.block_on(handle()).is_err() {
            tries += 1;
            assert!(tries < 5, "faults strike once");
        }
    }

    fn contents(&self) -> Contents {
        self.store.contents()
    }

    fn entries(&self) -> Vec<TimelineEntry> {
        self.contents().timeline.into_values().collect()
    }

    fn profiles(&self) -> BTreeMap<CustomerId, Profile> {
        let customers = self.contents().customers.into_iter();
        customers.map(|(id, customer)| (id, customer.profile)).collect()
    }

    /// The histories, but for what tells of replays.
    fn history(&self) -> Vec<TimelineEntry> {
        let entries = self.entries().into_iter();
        entries.map(|entry| TimelineEntry { replayed: None, ..entry }).collect()
    }

    fn records(&self) -> Vec<EventRecord> {
        self.contents().events.into_values().collect()
    }

    fn effects(&self) -> BTreeSet<EffectKey> {
        self.records().into_iter().flat_map(|record| record.effects).map(|it| it.key).collect()
    }

    /// What the CRM holds, or is to hold by these rules.
    fn crm(&self) -> BTreeMap<CustomerId, BTreeSet<String>> {
        let mut told = self.crm.clone();
        told.retain(|_, tags| !tags.is_empty());
        told
    }

    /// The tags that the CRM is to hold too.
    fn synced(&self) -> BTreeMap<CustomerId, BTreeSet<String>> {
        let synced = |(id, profile): (_, Profile)| {
            let tags = profile.tags.into_keys().filter(|tag| SYNCED.contains(&tag.as_str()));
            (id, tags.collect::<BTreeSet<_>>())
        };
        self.profiles().into_iter().map(synced).filter(|(_, tags)| !tags.is_empty()).collect()
    }
}

fn run(rules: &'static std::thread::LocalKey<Rules>, story: &Story) -> Stored {
    let told = |rules: &Rules| {
        World::run(&[&story.0], std::slice::from_ref(rules), Trouble::NONE, Until::LastEvent)
    };
    Stored::after(rules.with(told))
}

fn chosen(entries: &[TimelineEntry], picks: &[Index]) -> Vec<TimelineEntry> {
    picks.iter().map(|pick| pick.get(entries).clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_replay_by_the_same_rules_leaves_no_trace_in_the_state(
        story in story::stories(),
        picks in prop::collection::vec(any::<Index>(), 1..20),
        effects in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let mut stored = run(&OLD, &story);
        let before = (stored.profiles(), stored.history(), stored.records(), stored.crm());
        let entries = chosen(&stored.entries(), &picks);
        let sent = OLD.with(|rules| stored.replay(rules, &entries, effects, seed));
        prop_assert_eq!(sent, BTreeSet::new());
        let after = (stored.profiles(), stored.history(), stored.records(), stored.crm());
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_replay_by_other_rules_leaves_what_these_would_have_left_from_the_start(
        story in story::stories(),
        picks in prop::collection::vec(any::<Index>(), 1..20),
        effects in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let (old, new) = (run(&OLD, &story).profiles(), run(&NEW, &story).profiles());
        let mut stored = run(&OLD, &story);
        let entries = chosen(&stored.entries(), &picks);
        let meant: BTreeSet<_> = entries.iter().map(|entry| entry.tagged.home.clone()).collect();
        NEW.with(|rules| stored.replay(rules, &entries, effects, seed));
        for (id, profile) in stored.profiles() {
            let expected = if meant.contains(&id) { &new } else { &old };
            prop_assert_eq!(&profile, &expected[&id]);
        }
    }

    #[test]
    fn effects_are_added_once_and_the_crm_hears_what_silent_replays_changed(
        story in story::stories(), silent in any::<bool>(), seed in any::<u64>()
    ) {
        let new = run(&NEW, &story);
        let mut stored = run(&OLD, &story);
        let (before, entries) = (stored.effects(), stored.entries());
        if silent {
            let sent = NEW.with(|rules| stored.replay(rules, &entries, false, seed));
            prop_assert_eq!(sent, BTreeSet::new());
            prop_assert_eq!(stored.effects(), before.clone());
        }
        let sent = NEW.with(|rules| stored.replay(rules, &entries, true, seed));
        prop_assert!(sent.is_disjoint(&before), "what was decided before is not sent again");
        prop_assert!(stored.effects().is_superset(&before));
        let texts = |stored: &Stored| -> BTreeSet<EffectKey> {
            let effects = stored.records().into_iter().flat_map(|record| record.effects);
            let mails = effects.filter(|effect| matches!(effect.action, Action::Email { .. }));
            mails.map(|effect| effect.key).collect()
        };
        prop_assert_eq!(texts(&stored), texts(&new));
        prop_assert_eq!(stored.crm(), stored.synced());
        for record in stored.records() {
            let tags = record.effects.iter().filter(|effect| effect.rule.name == "tags");
            prop_assert!(tags.count() <= 2, "once as it came, once in the replay");
        }
        let again = NEW.with(|rules| stored.replay(rules, &entries, true, seed ^ 1));
        prop_assert_eq!(again, BTreeSet::new());
    }
}
