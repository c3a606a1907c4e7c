//! Each event enters its customer's history once, whoever writes beside it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use domain::{
    Assurance, Customer, CustomerId, Disposition, EventId, Handle, Match, MatchOutcome, Matched,
    Profile, Tagged,
};
use runtime::memory::{Closed, Queue, Rules, START, message};
use runtime::{FixedClock, QueueStep, Settled, StepFailure};
use state::memory::Store;
use state::{
    Application, Dispatch, EventRecord, Identities, Ledger, Linked, Seen, StoreError, Timeline,
    TimelineEntry,
};
use std::cell::Cell;
use std::rc::Rc;
use tag_update::TagUpdate;

const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
classify: { issues: [{ name: quality, any: [broken] }] }
counters: [{ name: complaints, when: 'event.issue == "quality"', window: 30d }]
tags: [{ name: high_care, when: customer.counts.complaints >= 2 }]
"#;

/// A store in which another writer changes the customer between load and write, this many times.
#[derive(Clone)]
struct Contended {
    store: Store,
    rivals: Rc<Cell<i64>>,
}

impl Timeline for Contended {
    async fn load(&self, customer: &CustomerId, event: &EventId) -> Result<Seen, StoreError> {
        let seen = self.store.load(customer, event).await?;
        if let (1.., Some(customer)) = (self.rivals.get(), &seen.customer) {
            let number = 1000 + self.rivals.replace(self.rivals.get() - 1);
            let mut customer = customer.clone();
            let read_version = customer.version;
            customer.version += 1;
            let tagged = Tagged {
                event: message(number, &[phone()]),
                customer,
                classification: domain::Classification::default(),
                tags: Vec::new(),
            };
            let entry = TimelineEntry { decision: known(), tagged };
            assert_eq!(self.store.apply(&entry, read_version).await?, Application::Applied);
        }
        Ok(seen)
    }

    async fn apply(
        &self,
        entry: &TimelineEntry,
        read_version: u64,
    ) -> Result<Application, StoreError> {
        self.store.apply(entry, read_version).await
    }

    async fn entry(&self, event: &EventRecord) -> Result<Option<TimelineEntry>, StoreError> {
        self.store.entry(event).await
    }
}

struct Bench {
    step: TagUpdate<Contended, Queue, Store, Rc<FixedClock>>,
    store: Store,
    rivals: Rc<Cell<i64>>,
    queue: Queue,
}

impl Bench {
    fn new() -> Self {
        let rules = Rules::none(&Rc::new(FixedClock::new(START)));
        rules.apply(CONFIG);
        let (store, queue, rivals) = (Store::default(), Queue::default(), Rc::default());
        let seen = Contended { store: store.clone(), rivals: Rc::clone(&rivals) };
        let step = TagUpdate::new(seen, queue.clone(), rules.book());
        Self { step, store, rivals, queue }
    }

    /// With the customer in the store.
    async fn with_customer() -> Self {
        let bench = Self::new();
        let customer = Customer {
            id: customer(),
            created_at: START,
            handles: [phone().key()].into(),
            crm: None,
            profile: Profile::default(),
            version: 0,
        };
        assert_eq!(bench.store.create(&customer).await.unwrap(), Linked::Taken);
        bench
    }

    async fn handle(&self, number: i64) -> Result<Settled, StepFailure> {
        let event = message(number, &[phone()]);
        self.step.handle(Matched { event, customer: customer(), decision: known() }).await
    }

    fn sent(&self) -> Vec<Tagged> {
        self.queue.messages()
    }

    fn stored(&self) -> Customer {
        self.store.contents().customers[&customer()].clone()
    }
}

fn phone() -> Handle {
    Handle::phone("+12025550123", "US", Assurance::Attested).unwrap()
}

fn customer() -> CustomerId {
    CustomerId::new(phone().key().as_str())
}

fn known() -> Match {
    let by = phone().key();
    Match { outcome: MatchOutcome::Known, by, set_aside: Vec::new(), config_version: 1 }
}

#[tokio::test]
async fn an_event_is_applied_and_forwarded_with_the_customer_as_it_left_them() {
    let bench = Bench::with_customer().await;
    assert_eq!(bench.handle(1).await, Ok(Settled::Fresh));
    assert_eq!(bench.store.reads(), 1);
    assert_eq!(bench.handle(2).await, Ok(Settled::Fresh));
    let sent = bench.sent();
    assert!(sent[0].customer.profile.tags.is_empty());
    assert!(sent[1].customer.profile.tags.contains_key("high_care"));
    assert_eq!(sent[1].classification.issue.as_deref(), Some("quality"));
    assert_eq!(sent[1].customer, bench.stored());
    let parcels = bench.queue.parcels();
    assert!(parcels.iter().all(|parcel| parcel.group == customer().as_str()));
    assert_eq!(parcels[0].deduplication, message(1, &[]).id.as_str());
}

#[tokio::test]
async fn a_repeated_event_forwards_what_was_stored_then() {
    let bench = Bench::with_customer().await;
    assert_eq!(bench.handle(1).await, Ok(Settled::Fresh));
    assert_eq!(bench.handle(2).await, Ok(Settled::Fresh));
    let before = bench.store.contents();
    assert_eq!(bench.handle(1).await, Ok(Settled::Repeated));
    let sent = bench.sent();
    assert_eq!(sent[2], sent[0], "the customer before the second message, without its tag");
    assert_eq!(bench.store.contents(), before);
}

#[tokio::test]
async fn an_event_that_was_decided_goes_no_further() {
    let bench = Bench::with_customer().await;
    assert_eq!(bench.handle(1).await, Ok(Settled::Fresh));
    let event = message(1, &[]).id;
    assert!(bench.store.dispatch(&event, Dispatch::default(), START).await.unwrap().first);
    assert_eq!(bench.handle(1).await, Ok(Settled::Repeated));
    assert_eq!(bench.sent().len(), 1);
}

#[tokio::test]
async fn what_was_applied_and_not_sent_is_sent_by_the_repetition() {
    let bench = Bench::with_customer().await;
    bench.queue.close(Some(Closed::Unavailable));
    assert_eq!(bench.handle(1).await.unwrap_err().reason.code, "queue_unavailable");
    bench.queue.close(None);
    assert_eq!(bench.handle(1).await, Ok(Settled::Repeated));
    assert_eq!(bench.sent()[0].customer, bench.stored());
    assert_eq!(bench.stored().version, 1, "applied once");
}

#[tokio::test]
async fn a_customer_who_changed_meanwhile_is_read_again() {
    let bench = Bench::with_customer().await;
    bench.rivals.set(2);
    assert_eq!(bench.handle(1).await, Ok(Settled::Fresh));
    assert_eq!(bench.stored().version, 3, "two rivals and this one");
    assert_eq!(bench.store.contents().timeline.len(), 3);
    assert_eq!(bench.sent()[0].customer, bench.stored());
}

#[tokio::test]
async fn a_customer_who_keeps_changing_is_left_for_later() {
    let bench = Bench::with_customer().await;
    bench.rivals.set(5);
    let failure = bench.handle(1).await.unwrap_err();
    assert_eq!(failure.reason.code, "profile_contended");
    assert_eq!(failure.disposition, Disposition::Retry { after: None });
    assert!(bench.sent().is_empty());
    assert_eq!(bench.handle(1).await, Ok(Settled::Fresh));
}

#[tokio::test]
async fn an_event_of_nobody_is_parked() {
    let bench = Bench::new();
    let failure = bench.handle(1).await.unwrap_err();
    assert_eq!(
        (&*failure.reason.code, failure.disposition),
        ("customer_missing", Disposition::Park)
    );
    assert!(bench.sent().is_empty());
    assert_eq!(bench.store.writes(), 0);
}
