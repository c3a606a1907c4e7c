//! What is decided first counts, and goes to each destination in its order.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use domain::{
    Action, Assurance, Carried, Classification, Disposition, Effect, Fault as _, Firing, Handle,
    MergeId, Outbound, Replay, ReplayId, Tagged,
};
use jiff::SignedDuration;
use runtime::memory::{Closed, Queue, Rules, START, customer, enter, matched_by, message};
use runtime::{Clock, FixedClock, QueueStep, Settled, StepFailure};
use state::memory::{Fault, Store};
use state::{
    Application, Applied, Committed, Dispatch, Firings, Ledger, Stage, Timeline, TimelineEntry,
};
use std::collections::BTreeSet;
use std::rc::Rc;
use trigger_dispatcher::TriggerDispatcher;

const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
crm: { tryton: { url: "http://127.0.0.1:1", database: lab, secret: omnicord/tryton } }
email: { from: care@example.com }
endpoints:
  erp: { url: "https://erp.example.com/", secret: omnicord/erp }
  bi: { url: "https://bi.example.com/", secret: omnicord/bi }
triggers:
  - name: everything
    on: [message]
    actions:
      - crm.note: { text: "first version: {{ event.text }}" }
      - sms: { text: "we heard you" }
      - crm.ticket: { title: "a ticket", text: "{{ event.text }}" }
      - webhook: { endpoint: erp, payload: {} }
      - webhook: { endpoint: bi, payload: {} }
      - email: { subject: "we heard you", text: "we did" }
"#;

struct Bench {
    step: TriggerDispatcher<Store, Queue, Store, Rc<FixedClock>>,
    store: Store,
    queue: Queue,
    rules: Rules,
    clock: Rc<FixedClock>,
}

impl Bench {
    fn new() -> Self {
        let clock = Rc::new(FixedClock::new(START));
        let rules = Rules::none(&clock);
        rules.apply(CONFIG);
        let (store, queue) = (Store::default(), Queue::default());
        let (next, time) = (queue.clone(), Rc::clone(&clock));
        let step = TriggerDispatcher::new(store.clone(), next, rules.book(), time);
        Self { step, store, queue, rules, clock }
    }

    /// An event of the customer with this phone number, in their history as `tag-update` puts it.
    async fn tagged(&self, number: i64, phone: &str) -> Tagged {
        let handle = Handle::phone(phone, "US", Assurance::Attested).unwrap();
        let new = customer(std::slice::from_ref(&handle));
        let known = self.store.contents().customers.remove(&new.id);
        let is_new = known.is_none();
        let before = known.unwrap_or(new);
        if is_new {
            assert_eq!(enter(&self.store, before.clone()).await.unwrap(), Committed::Written);
        }
        let mut after = before.clone();
        after.version += 1;
        let tagged = Tagged {
            event: message(number, std::slice::from_ref(&handle)),
            home: after.id.clone(),
            customer: after,
            classification: Classification::default(),
            tags: Vec::new(),
        };
        let (decision, tagged_too) = (matched_by(&handle), tagged.clone());
        let entry =
            TimelineEntry { decision, tagged: tagged_too, matched_at: None, replayed: None };
        let applied = Applied { entry: &entry, profile: &before, group: None, at: START };
        assert_eq!(self.store.apply(&applied).await.unwrap(), Application::Applied);
        tagged
    }

    async fn handle(&self, tagged: &Tagged) -> Result<Settled, StepFailure> {
        self.step.handle(tagged.clone().into()).await
    }

    fn sent(&self) -> Vec<Effect> {
        self.queue.messages::<Outbound>().into_iter().map(|Outbound(effect)| effect).collect()
    }
}

const ANNA: &str = "+12025550123";
const BOB: &str = "+12025550124";

#[tokio::test]
async fn the_first_decision_counts_whatever_the_configuration_says_later() {
    let bench = Bench::new();
    let tagged = bench.tagged(1, ANNA).await;
    assert_eq!(bench.handle(&tagged).await, Ok(Settled::Fresh));
    let first = bench.sent();
    assert_eq!(first.len(), 5);
    let record = bench.store.contents().events[&tagged.event.id].clone();
    assert_eq!((record.stage, record.applied_at), (Stage::Applied, Some(START)));
    assert_eq!(record.effects, first);
    assert_eq!(record.refusals[0].reason.code, "no_recipient", "nobody gave an address");

    bench.rules.apply(&CONFIG.replace("first version", "second version"));
    bench.clock.set(START + SignedDuration::from_hours(1));
    let other = bench.tagged(2, BOB).await;
    assert_eq!(bench.handle(&other).await, Ok(Settled::Fresh));
    let Action::CrmNote { text } = &bench.sent()[5].action else { panic!("the note comes first") };
    assert!(text.starts_with("second version"), "the new configuration is in force");

    let already = bench.sent().len();
    assert_eq!(bench.handle(&tagged).await, Ok(Settled::Repeated));
    assert_eq!(bench.sent()[already..], first[..]);
    assert_eq!(bench.store.contents().events[&tagged.event.id], record);
}

#[tokio::test]
async fn a_replay_adds_what_other_rules_decide_beyond_that_and_sends_it_however_often_it_fails() {
    let bench = Bench::new();
    let tagged = bench.tagged(1, ANNA).await;
    assert_eq!(bench.handle(&tagged).await, Ok(Settled::Fresh));
    let first = bench.sent();
    let to = "email: { to: anna@example.com, subject";
    bench.rules.apply(&CONFIG.replace("email: { subject", to));
    bench.clock.set(START + SignedDuration::from_hours(1));
    let begun_at = bench.clock.now();
    let replay = |effects| {
        let id = ReplayId::new("test", begun_at);
        let replay = Some(Replay { id, effects, config_version: 2, begun_at });
        Carried { message: tagged.clone(), replay }
    };
    assert_eq!(bench.step.handle(replay(false)).await, Ok(Settled::Repeated));
    assert_eq!(bench.sent(), first);
    bench.queue.close(Some(Closed::Unavailable));
    assert!(bench.step.handle(replay(true)).await.is_err());
    bench.queue.close(None);
    for _ in 0..2 {
        assert!(bench.step.handle(replay(true)).await.is_ok());
    }
    let effects = bench.store.contents().events[&tagged.event.id].effects.clone();
    assert_eq!((&effects[..5], effects.len()), (&first[..], 6));
    assert!(matches!(effects[5].action, Action::Email { .. }));
    assert_eq!(bench.sent()[5..], [effects[5].clone(), effects[5].clone()]);
}

#[tokio::test]
async fn effects_are_grouped_by_destination_and_customer() {
    let bench = Bench::new();
    for (number, phone) in [(1, ANNA), (2, BOB)] {
        let tagged = bench.tagged(number, phone).await;
        assert_eq!(bench.handle(&tagged).await, Ok(Settled::Fresh));
    }
    let parcels = bench.queue.parcels();
    let of = |index: usize| (bench.sent()[index].action.name(), parcels[index].group.clone());
    let (anna, bob): (Vec<_>, Vec<_>) = ((0..5).map(of).collect(), (5..10).map(of).collect());
    let names: Vec<_> = anna.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["crm.note", "sms", "crm.ticket", "webhook", "webhook"]);
    assert_eq!(anna[0].1, anna[2].1, "what goes to the CRM keeps its order");
    let groups =
        |of: &[(&str, String)]| of.iter().map(|(_, group)| group.clone()).collect::<BTreeSet<_>>();
    assert_eq!(groups(&anna).len(), 4, "the CRM, SMS and each endpoint wait for no other");
    assert!(groups(&anna).is_disjoint(&groups(&bob)), "nor does one customer for another");
    let keys = bench.sent().into_iter().map(|effect| effect.key.to_string());
    assert!(parcels.iter().map(|parcel| parcel.deduplication.clone()).eq(keys));
}

#[tokio::test]
async fn what_was_decided_and_not_sent_is_sent_by_the_repetition() {
    let bench = Bench::new();
    let tagged = bench.tagged(1, ANNA).await;
    bench.queue.close(Some(Closed::Unavailable));
    assert_eq!(bench.handle(&tagged).await.unwrap_err().reason.code, "queue_unavailable");
    bench.queue.close(None);
    bench.clock.set(bench.clock.now() + SignedDuration::from_mins(1));
    assert_eq!(bench.handle(&tagged).await, Ok(Settled::Repeated));
    let sent = bench.sent();
    assert_eq!(sent, bench.store.contents().events[&tagged.event.id].effects);
    assert!(sent.iter().all(|effect| effect.decided_at == START), "as it was decided first");
}

#[tokio::test]
async fn nothing_is_sent_that_is_not_recorded() {
    for fault in [Fault::Before, Fault::After] {
        let bench = Bench::new();
        let tagged = bench.tagged(1, ANNA).await;
        bench.store.fail_write(bench.store.writes(), fault);
        assert_eq!(bench.handle(&tagged).await.unwrap_err().reason.code, "store_unavailable");
        assert!(bench.queue.parcels().is_empty(), "{fault:?}");
        assert!(bench.handle(&tagged).await.is_ok());
        assert_eq!(bench.sent().len(), 5);
    }
}

#[tokio::test]
async fn an_event_without_history_is_parked() {
    let bench = Bench::new();
    let elsewhere = Bench::new();
    let failure = bench.handle(&elsewhere.tagged(1, ANNA).await).await.unwrap_err();
    assert_eq!((&*failure.reason.code, failure.disposition), ("store_rejected", Disposition::Park));
    assert!(bench.queue.parcels().is_empty());
}

const RARE: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
triggers:
  - name: answer
    on: [message]
    cooldown: 7d
    actions: [{ sms: { text: "we heard you" } }]
"#;

#[tokio::test]
async fn a_limit_looks_back_at_what_was_recorded() {
    let bench = Bench::new();
    bench.rules.apply(RARE);
    let (first, second) = (bench.tagged(1, ANNA).await, bench.tagged(2, ANNA).await);
    let other = bench.tagged(3, BOB).await;
    for tagged in [&first, &second, &other] {
        assert_eq!(bench.handle(tagged).await, Ok(Settled::Fresh));
    }
    assert_eq!(bench.handle(&first).await, Ok(Settled::Repeated));
    let events: Vec<_> = bench.sent().into_iter().map(|effect| effect.event).collect();
    assert_eq!(events, [&first, &other, &first].map(|tagged| tagged.event.id.clone()));
    let refused = bench.store.contents().events[&second.event.id].refusals.clone();
    assert_eq!(refused[0].reason.code, "cooling_down");

    bench.clock.set(START + SignedDuration::from_hours(24 * 8));
    let later = bench.tagged(4, ANNA).await;
    assert_eq!(bench.handle(&later).await, Ok(Settled::Fresh));
    assert_eq!(bench.sent().last().map(|effect| effect.event.clone()), Some(later.event.id));
}

#[tokio::test]
async fn what_fired_for_a_merged_profile_counts() {
    let bench = Bench::new();
    bench.rules.apply(RARE);
    let bobs = bench.tagged(1, BOB).await;
    assert_eq!(bench.handle(&bobs).await, Ok(Settled::Fresh));
    let mut annas = bench.tagged(2, ANNA).await;
    let pair = (annas.home.clone(), bobs.home.clone());
    let merge = MergeId::new(&pair.0, &pair.1, "test", 0);
    annas.customer.membership.merges = [(merge, pair)].into();
    assert_eq!(bench.handle(&annas).await, Ok(Settled::Fresh));
    assert_eq!(bench.sent().len(), 1, "one customer, one answer");
}

#[tokio::test]
async fn a_decision_that_missed_a_firing_is_made_again() {
    let bench = Bench::new();
    bench.rules.apply(RARE);
    let (first, second) = (bench.tagged(1, ANNA).await, bench.tagged(2, ANNA).await);
    let none = Firings::none(first.home.clone());
    let firing = |tagged: &Tagged| Firing {
        rule: "answer".into(),
        event: tagged.event.id.clone(),
        at: START,
        forget_at: START,
    };
    let decide = async |tagged: &Tagged| {
        let firings = Some(none.clone().with(&[firing(tagged)]));
        let decision = Dispatch { firings, ..Dispatch::default() };
        bench.store.dispatch(&tagged.event.id, decision, START).await
    };
    assert!(decide(&first).await.is_ok());
    assert_eq!(decide(&second).await.unwrap_err().disposition(), RETRY);
    assert_eq!(bench.store.contents().events[&second.event.id].stage, Stage::Tagged);
}

const RETRY: Disposition = Disposition::Retry { after: None };
