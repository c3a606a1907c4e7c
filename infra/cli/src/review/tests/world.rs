//! A store with one open question, and messages that wait for its answer.

use super::*;
use crate::graph::sample::{at, failure, profile, rules, store};
use answer::Answered;
use domain::{
    Assurance, CrmLink, Direction, EventId, EventKind, Handle, HandleKey, HandleKind, InboundEvent,
    Obstacle,
};
use identity::{Candidate, Change, Inquiry};
use jiff::Timestamp;
use state::memory::{Contents, Store};
use state::{Committed, Identities};

pub(super) const ANNA: Person<'_> =
    Person { by: "anna", at: Timestamp::constant(1_767_323_245, 0) };

pub(super) struct World {
    pub(super) store: Store,
    pub(super) before: Contents,
    /// The customer whom the question is about: without a record.
    pub(super) one: CustomerId,
    /// Another customer, who has the record 4 and has been known for less long.
    pub(super) other: CustomerId,
    /// What speaks for whatever is asked.
    pub(super) handle: HandleKey,
    id: ReviewId,
}

pub(super) fn accept(record: Option<&str>) -> Answer {
    Answer::Accept { record: record.map(str::to_owned) }
}

fn crm() -> String {
    "tryton".to_owned()
}

impl World {
    pub(super) async fn same_person() -> Self {
        Self::new(store(), true, |one, other, handle| {
            let (because, event) = (Obstacle::AwaitsReview, EventId::new("shop", "1"));
            Review::same_person((one, other), vec![handle.clone()], because, &event, at(90), 7)
        })
        .await
    }

    pub(super) async fn erased() -> Self {
        let there = Self::same_person().await;
        let before = Contents {
            customers: [].into(),
            links: [].into(),
            failures: [].into(),
            ..there.before
        };
        let store = store();
        let reviews = before.reviews.values().cloned().collect();
        write(&store, Change { reviews, ..Change::default() }).await;
        Self { store, before, ..there }
    }

    pub(super) async fn which_record() -> Self {
        Self::about_record(|handle| {
            let candidate =
                |id: &str, name: &str| Candidate { id: id.into(), name: Some(name.into()) };
            let candidates = vec![candidate("4", "Anna"), candidate("5", "An\u{1b}na B.")];
            Inquiry::WhichRecord { crm: crm(), handle: handle.clone(), candidates }
        })
        .await
    }

    pub(super) async fn admit() -> Self {
        Self::about_record(|_| Inquiry::Admit { crm: crm() }).await
    }

    async fn about_record(inquiry: impl Fn(&HandleKey) -> Inquiry) -> Self {
        Self::new(store(), true, |one, _, handle| {
            let event = EventId::new("shop", "1");
            Review::about_record(inquiry(handle), one, &event, at(90), 7)
        })
        .await
    }

    pub(super) async fn unknown_record() -> Self {
        Self::new(store(), false, |_, _, _| {
            let record = CrmLink { crm: crm(), id: "7".into() };
            Review::unknown_record(record, &EventId::new("shop", "names it"), at(90), 7)
        })
        .await
    }

    async fn new(
        store: Store,
        effects: bool,
        ask: impl Fn(&CustomerId, &CustomerId, &HandleKey) -> Review,
    ) -> Self {
        let one = profile(&store, &["phone::+12025550101"], 0).await;
        let other = profile(&store, &["email::anna@example.com", "crm:tryton:4"], 60).await;
        let handle = HandleKey::from_stored("phone::+12025550101");
        let review = ask(&one, &other, &handle);
        let id = review.id.clone();
        write(&store, Change { reviews: vec![review], ..Change::default() }).await;
        let later = FailureState::Waiting { retry_at: at(9000) };
        let parked = FailureState::Parked { at: at(100) };
        if effects {
            let cases = [
                ("ambiguous", &one, "crm_ambiguous", later),
                ("parked", &one, "crm_ambiguous", parked),
                ("unknown", &one, "crm_unknown_customer", later),
                ("other's", &other, "crm_unreachable", later),
            ];
            for (name, customer, code, state) in cases {
                failure(&store, name, Some(customer), code, state, String::new()).await;
            }
        } else {
            let code = "crm_unknown_record";
            let cases =
                [("names it", "7", later), ("names it too", "7", parked), ("names 8", "8", later)];
            for (name, record, state) in cases {
                failure(&store, name, None, code, state, naming(record)).await;
            }
        }
        let before = store.contents();
        Self { store, before, one, other, handle, id }
    }

    pub(super) async fn answer(&self, answer: &Answer) -> Result<Answered, Trouble> {
        super::answer(&self.store, &rules(), &self.id, answer, ANNA).await
    }

    pub(super) fn review(&self) -> Review {
        self.store.contents().reviews[&self.id].clone()
    }

    /// The ids of these failures, in the store's order.
    pub(super) fn failures<const N: usize>(&self, names: [&str; N]) -> Vec<FailureId> {
        let mut ids: Vec<_> = names.map(|name| FailureId::new("step", name)).into();
        ids.sort();
        assert!(ids.iter().all(|id| self.before.failures.contains_key(id)));
        ids
    }
}

/// An event that names a record.
fn naming(record: &str) -> String {
    let handle = Handle::account(HandleKind::Crm, "tryton", record, Assurance::Attested);
    let event = InboundEvent {
        id: EventId::new("shop", record),
        source: "shop".into(),
        channel: "standard-webhooks".into(),
        kind: EventKind::Order,
        topic: "paid".into(),
        direction: Direction::Inbound,
        occurred_at: at(0),
        received_at: at(0),
        handles: vec![handle.unwrap()],
        text: None,
        duration_s: None,
        fields: [].into(),
        checks: domain::Checks::default(),
    };
    serde_json::to_string(&event).unwrap()
}

async fn write(store: &Store, change: Change) {
    assert_eq!(store.commit(&change).await.unwrap(), Committed::Written);
}
