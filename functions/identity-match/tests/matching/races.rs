//! Races that are lost, and run again.

use crate::desk::Desk;
use crate::people::phone;
use domain::{CustomerId, Disposition, HandleKey, MatchOutcome, MergeId, ReviewId};
use identity::{Change, Group, Links, Merge, Review};
use runtime::memory::message;
use state::memory::Store;
use state::{Committed, Customers, Identities, Journal, StoreError};
use std::cell::Cell;
use std::rc::Rc;

/// A store in which other writers come first this many times.
struct Contended {
    store: Store,
    races_lost: Rc<Cell<u32>>,
}

impl Contended {
    fn lost(&self) -> bool {
        let left = self.races_lost.get();
        self.races_lost.set(left.saturating_sub(1));
        left > 0
    }
}

impl Customers for Contended {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        self.store.group(profile).await
    }
}

impl Identities for Contended {
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError> {
        self.store.links(keys).await
    }

    async fn commit(&self, change: &Change) -> Result<Committed, StoreError> {
        if self.lost() { Ok(Committed::Lost) } else { self.store.commit(change).await }
    }
}

impl Journal for Contended {
    async fn merge(&self, id: &MergeId) -> Result<Option<Merge>, StoreError> {
        self.store.merge(id).await
    }

    async fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        self.store.review(id).await
    }

    async fn reviews(&self, state: &str) -> Result<Vec<Review>, StoreError> {
        self.store.reviews(state).await
    }

    async fn open_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.store.open_review(review).await
    }

    async fn close_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.store.close_review(review).await
    }
}

fn desk(races_lost: u32) -> (Desk<Contended>, Rc<Cell<u32>>) {
    let races_lost = Rc::new(Cell::new(races_lost));
    let contended =
        |store: &Store| Contended { store: store.clone(), races_lost: Rc::clone(&races_lost) };
    (Desk::over(contended, Clone::clone), Rc::clone(&races_lost))
}

#[tokio::test]
async fn a_lost_race_is_run_again() {
    let (desk, races_lost) = desk(3);
    let created = desk.matched(1, &[phone(1)]).await;
    assert_eq!(created.decision.outcome, MatchOutcome::Created);
    assert_eq!(desk.phonebook.asked(), 1, "the CRM is asked once");
    races_lost.set(3);
    let linked = desk.matched(2, &[phone(1), phone(2)]).await;
    assert_eq!(linked.decision.outcome, MatchOutcome::Linked);
    assert_eq!(linked.customer, created.customer);
    assert_eq!(desk.owner(&phone(2)), created.customer);
}

#[tokio::test]
async fn one_that_is_lost_again_and_again_is_left_for_later() {
    let (desk, _) = desk(8);
    let failure = desk.handle(message(1, &[phone(1)])).await.unwrap_err();
    assert_eq!(failure.reason.code, "identity_contended");
    assert_eq!(failure.disposition, Disposition::Retry { after: None });
    assert!(desk.queue.parcels().is_empty());
    desk.matched(1, &[phone(1)]).await;
}
