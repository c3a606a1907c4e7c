//! Customers who are joined by events and told apart by people, with the real steps: nothing of a
//! merge is left once it is undone.

use crate::outside::NoCrm;
use crate::worker::Watch;
use crate::world::{Rules, rules};
use domain::{
    Assurance, CustomerId, Direction, EventId, EventKind, Handle, HandleKind, InboundEvent,
    Matched, MergeId,
};
use identity::{MergeState, part};
use identity_match::IdentityMatch;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use runtime::memory::{Queue, Schedules};
use runtime::{FixedClock, QueueStep};
use state::memory::Store;
use state::{Committed, Customers, Identities, Journal};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use support::Dice;
use tag_update::TagUpdate;

const RULES: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
identity: { kinds: { account: { limit: 50, merge: MERGE } } }
classify: { issues: [ { name: quality, any: [broken] } ] }
counters: [ { name: complaints_30d, when: 'event.issue == "quality"', window: 30d } ]
fields: [ { name: last_order, on: [order], value: event.fields.number } ]
tags:
  - { name: high_care, when: customer.counts.complaints_30d >= 2 }
  - { name: buyer, when: event.kind == "order", for: 10d }
"#;

/// One event: whose accounts it bears, when, whether it is an order; and which merge is undone next.
type Line = (BTreeSet<u8>, i64, bool, Option<Index>);

fn stories() -> impl Strategy<Value = Vec<Line>> {
    let accounts = prop::collection::btree_set(0u8..8, 1..4);
    let undo = prop::option::weighted(0.15, any::<Index>());
    prop::collection::vec((accounts, 0i64..4_000_000, any::<bool>(), undo), 1..25)
}

fn event(number: usize, (accounts, second, order, _): &Line) -> InboundEvent {
    let at = Timestamp::from_second(1_780_000_000 + second).unwrap();
    let account = |number: &u8| {
        let value = format!("a{number}");
        Handle::account(HandleKind::Account, "shop", &value, Assurance::Attested).unwrap()
    };
    InboundEvent {
        id: EventId::new("model", &number.to_string()),
        source: "model".into(),
        channel: "standard-webhooks".into(),
        kind: if *order { EventKind::Order } else { EventKind::Message },
        topic: if *order { "shipped" } else { "text" }.into(),
        direction: Direction::Inbound,
        occurred_at: at,
        received_at: at,
        handles: accounts.iter().map(account).collect(),
        text: Some("it is broken".into()),
        duration_s: None,
        fields: [("number".to_owned(), number.into())].into(),
        checks: domain::Checks::default(),
    }
}

/// The first two steps over one store.
struct Run {
    store: Store,
    matched: Queue,
    identity_match: IdentityMatch<Store, NoCrm, Queue, Store, Watch>,
    tag_update: TagUpdate<Store, Queue, Schedules, Store, Watch>,
}

impl Run {
    fn new(rules: Rules) -> Self {
        let (store, matched) = (Store::default(), Queue::default());
        let clock = Watch::right(&Rc::new(FixedClock::new(Timestamp::UNIX_EPOCH)));
        let (seen, sent, time) = (store.clone(), matched.clone(), clock.clone());
        let identity_match = IdentityMatch::new(seen, NoCrm(None), sent, rules.clone(), time);
        let (next, timers) = (Queue::default(), Schedules::default());
        let tag_update = TagUpdate::new(store.clone(), next, timers, rules, clock);
        Self { store, matched, identity_match, tag_update }
    }

    async fn find(&self, event: InboundEvent) -> Matched {
        self.identity_match.handle(event.into()).await.unwrap();
        self.matched.messages::<Matched>().pop().unwrap()
    }

    fn standing(&self) -> Vec<MergeId> {
        let merges = self.store.contents().merges.into_values();
        merges.filter(|merge| merge.state == MergeState::Standing).map(|merge| merge.id).collect()
    }

    async fn undo(&self, id: &MergeId) {
        let merge = self.store.merge(id).await.unwrap().unwrap();
        let group = self.store.group(&merge.joins.0).await.unwrap().unwrap();
        let keys: Vec<_> = group.handles().map(|(key, _)| key.clone()).collect();
        let links = self.store.links(&keys).await.unwrap();
        let change = part(&group, &links, merge, ("anna".into(), Timestamp::MAX)).unwrap();
        assert_eq!(self.store.commit(&change).await.unwrap(), Committed::Written);
    }

    /// What each profile is, byte for byte, and its history.
    fn left(&self) -> (BTreeMap<CustomerId, String>, BTreeSet<(CustomerId, String)>) {
        let contents = self.store.contents();
        let profiles = contents.customers.into_iter().map(|(id, customer)| {
            let is = (customer.created_at, customer.handles, customer.crm, customer.profile);
            (id, serde_json::to_string(&is).unwrap())
        });
        (profiles.collect(), contents.timeline.into_keys().collect())
    }
}

thread_local! {
    static AUTO: Rules = rules(&RULES.replace("MERGE", "auto"), 1);
    static NEVER: Rules = rules(&RULES.replace("MERGE", "never"), 1);
}

/// Tells the story; tag-update handles what was matched in an order of its own, so that merges come
/// and go between the two steps.
async fn tell(story: &[Line], merging: bool, mut dice: Dice, order: &[Index]) -> Run {
    let run = Run::new(if merging { AUTO.with(Clone::clone) } else { NEVER.with(Clone::clone) });
    let mut waiting = Vec::new();
    for (number, line) in story.iter().enumerate() {
        waiting.push(run.find(event(number, line)).await);
        if dice.below(2) == 0 {
            let next = waiting.swap_remove(dice.below(waiting.len()));
            run.tag_update.handle(next.into()).await.unwrap();
        }
        let standing = run.standing();
        if let (Some(undo), false) = (&line.3, standing.is_empty()) {
            run.undo(undo.get(&standing)).await;
        }
    }
    for next in waiting {
        run.tag_update.handle(next.into()).await.unwrap();
    }
    for index in order {
        let standing = run.standing();
        if !standing.is_empty() {
            run.undo(index.get(&standing)).await;
        }
    }
    run
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn merges_undone_in_any_order_leave_every_profile_as_if_there_had_been_none(
        story in stories(), seed in any::<u64>(), order in prop::collection::vec(any::<Index>(), 25)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let merged = runtime.block_on(tell(&story, true, Dice(seed), &order));
        let never = runtime.block_on(tell(&story, false, Dice(seed), &order));
        prop_assert_eq!(merged.standing(), Vec::new());
        prop_assert_eq!(merged.left(), never.left());
    }
}

#[tokio::test]
async fn a_story_joins_customers_and_the_customer_they_make_counts_all_of_them() {
    let line = |accounts: &[u8], second| (accounts.iter().copied().collect(), second, false, None);
    let story = [line(&[1], 1), line(&[2], 2), line(&[1, 2], 3)];
    let run = tell(&story, true, Dice(1), &[]).await;
    let contents = run.store.contents();
    let joint = contents.customers.values().find_map(|customer| customer.joint_tags.as_ref());
    assert!(joint.is_some_and(|tags| tags.contains_key("high_care")));
    assert_eq!((contents.customers.len(), run.standing().len()), (2, 1));
}
