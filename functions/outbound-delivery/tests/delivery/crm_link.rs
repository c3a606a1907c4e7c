//! The customer's link to the record that a CRM effect was written to.

use crate::hands::note_on;
use crate::office::{Office, address, link, record};
use domain::{CustomerId, Disposition, Effect, HandleKey, MergeId, ReviewId};
use identity::{Cause, Change, Group, Links, Merge, Review};
use jiff::Timestamp;
use runtime::Settled;
use state::memory::Store;
use state::{
    Committed, Customers, EffectState, Hint, HintList, Hints, Identities, Journal, Replica,
    ReplicaKey, Replicas, StoreError,
};
use std::cell::Cell;

/// A store in which other writers come first this many times.
struct Contended {
    store: Store,
    races_lost: Cell<u32>,
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
        match self.races_lost.get().checked_sub(1) {
            Some(left) => {
                self.races_lost.set(left);
                Ok(Committed::Lost)
            }
            None => self.store.commit(change).await,
        }
    }
}

impl Hints for Contended {
    async fn leave_hint(
        &self,
        profile: &CustomerId,
        hint: &Hint,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store.leave_hint(profile, hint, now).await
    }

    async fn hints(&self, profile: &CustomerId) -> Result<HintList, StoreError> {
        self.store.hints(profile).await
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

impl Replicas for Contended {
    async fn replica(&self, key: &ReplicaKey) -> Result<Option<Replica>, StoreError> {
        self.store.replica(key).await
    }

    async fn put_replica(&self, after: &Replica) -> Result<bool, StoreError> {
        self.store.put_replica(after).await
    }

    async fn due_replicas(&self, now: Timestamp, most: u32) -> Result<Vec<ReplicaKey>, StoreError> {
        self.store.due_replicas(now, most).await
    }

    async fn replicas_of(&self, record: &str) -> Result<Vec<ReplicaKey>, StoreError> {
        self.store.replicas_of(record).await
    }
}

async fn contended(races_lost: u32) -> Office<Contended> {
    let seen =
        |store: &Store| Contended { store: store.clone(), races_lost: Cell::new(races_lost) };
    Office::over(seen, "create").await
}

#[tokio::test]
async fn the_record_that_was_found_becomes_the_customers() {
    for races_lost in [0, 1, 4] {
        let office = contended(races_lost).await;
        let anna = office.knows(&[address("anna")]).await;
        assert_eq!(office.tryton.enter("Anna", &["anna@example.com"]), 1);
        let note = note_on(&anna.id);
        assert_eq!(office.handle(&note).await, Ok(Settled::Fresh), "{races_lost} races lost");
        assert_eq!(office.bench.record(&note).receipt.as_deref(), Some("1"));
        let contents = office.contents();
        assert_eq!(contents.customers[&anna.id].crm, Some(link("1")));
        assert_eq!(contents.links[&record("1").key()].customer, anna.id);
    }
}

#[tokio::test]
async fn races_that_are_lost_again_and_again_leave_the_effect_for_later() {
    let office = contended(5).await;
    let anna = office.knows(&[address("anna")]).await;
    let failure = office.handle(&note_on(&anna.id)).await.unwrap_err();
    assert_eq!(failure.reason.code, "identity_contended");
    assert_eq!(failure.disposition, Disposition::Retry { after: None });
    assert_eq!(office.handle(&note_on(&anna.id)).await, Ok(Settled::Fresh));
    assert_eq!(office.tryton.parties().len(), 1, "the record that was made is found again");
}

#[tokio::test]
async fn a_customer_whose_record_is_linked_is_written_to_without_a_search() {
    let office = Office::with("anonymous").await;
    let id = office.tryton.enter("Anna", &[]).to_string();
    let anna = office.knows(&[record(&id), address("anna")]).await;
    let before = office.contents().customers;
    assert_eq!(office.handle(&note_on(&anna.id)).await, Ok(Settled::Fresh));
    assert_eq!(office.tryton.noted(), ["party.party,1"]);
    assert_eq!(office.contents().customers, before);
}

#[tokio::test]
async fn an_effect_on_one_profile_finds_the_record_of_another_of_the_same_customer() {
    let office = Office::with("anonymous").await;
    let id = office.tryton.enter("Anna", &[]).to_string();
    let (anna, second) =
        (office.knows(&[record(&id)]).await, office.knows(&[address("anna")]).await);
    let groups: Vec<_> = [anna.clone(), second.clone()]
        .map(|root| Group { root, members: Vec::new() })
        .into_iter()
        .collect();
    let (links, pair) = (office.contents().links, (anna.id, second.id.clone()));
    let by = ("pat".into(), runtime::memory::START);
    let joined = identity::join(&groups, &links, pair, Vec::new(), by, 1).unwrap();
    assert_eq!(office.store.commit(&joined).await.unwrap(), Committed::Written);
    assert_eq!(office.handle(&note_on(&second.id)).await, Ok(Settled::Fresh));
    assert_eq!(office.tryton.noted(), ["party.party,1"]);
}

#[tokio::test]
async fn the_customer_who_has_the_record_already_is_joined() {
    let office = Office::with("create").await;
    let id = office.tryton.enter("Anna", &["anna@example.com"]).to_string();
    let owner = office.knows(&[record(&id)]).await;
    let anna = office.knows(&[address("anna")]).await;
    let note = note_on(&anna.id);
    assert_eq!(office.handle(&note).await, Ok(Settled::Fresh));
    let contents = office.contents();
    let merges: Vec<_> = contents.merges.values().collect();
    let [merge] = &merges[..] else { panic!("{} merges", merges.len()) };
    assert_eq!(merge.joins, (anna.id.clone(), owner.id.clone()));
    assert_eq!(
        (&merge.cause, &merge.handles),
        (&Cause::Event(note.event), &vec![record(&id).key()])
    );
    let customer = |handle: &domain::Handle| contents.links[&handle.key()].customer.clone();
    assert_eq!(customer(&record(&id)), customer(&address("anna")));
    assert_eq!(contents.customers[&anna.id].crm, None, "each profile keeps its own");
}

#[tokio::test]
async fn a_record_whose_owner_would_be_over_a_limit_is_left_to_a_person() {
    let office = Office::with("create").await;
    let id = office.tryton.enter("Anna", &["anna@example.com"]).to_string();
    let account = |id: &str| {
        let (kind, proved) = (domain::HandleKind::WechatUnionid, domain::Assurance::Attested);
        domain::Handle::account(kind, "wx", id, proved).unwrap()
    };
    office.knows(&[record(&id), account("owner")]).await;
    let anna = office.knows(&[address("anna"), account("anna")]).await;
    let before = office.contents().customers;
    let failure = office.handle(&note_on(&anna.id)).await.unwrap_err();
    assert_eq!(failure.reason.code, "crm_record_taken");
    assert_eq!(failure.disposition, Disposition::Park);
    assert_eq!(office.bench.record(&note_on(&anna.id)).state, EffectState::Released);
    assert_eq!(office.contents().customers, before);
    assert!(office.tryton.noted().is_empty());
}

#[tokio::test]
async fn an_effect_on_nobody_is_parked() {
    let office = Office::with("create").await;
    let lost: Effect = note_on(&CustomerId::new("nobody"));
    let failure = office.handle(&lost).await.unwrap_err();
    assert_eq!(
        (&*failure.reason.code, failure.disposition),
        ("customer_missing", Disposition::Park)
    );
}
