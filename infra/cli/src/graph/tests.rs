//! Writing to a graph in which others write.

use super::sample::{at, profile, rules, store};
use super::*;
use crate::customer::{Person, joined};
use domain::{Assurance, Held};
use identity::{Link, LinkWrite};
use state::Customers;
use state::memory::Store;
use std::cell::Cell;

/// A store where an event gives a customer one more handle before each of the first commits.
struct Rival {
    store: Store,
    customer: CustomerId,
    left: Cell<u8>,
}

impl Rival {
    async fn interfere(&self) {
        let Some(left) = self.left.get().checked_sub(1) else { return };
        self.left.set(left);
        let mut customer = self.store.group(&self.customer).await.unwrap().unwrap().root;
        let key = HandleKey::from_stored(format!("account:shop:{left}"));
        let held = Held::new(at(0), Assurance::Attested);
        customer.handles.insert(key.clone(), held);
        let read = customer.membership.version;
        customer.membership.version += 1;
        let link = Link {
            customer: customer.id.clone(),
            home: customer.id.clone(),
            assurance: held.assurance,
            since: held.since,
            version: 0,
            shared: false,
            contested: [].into(),
        };
        let change = Change {
            customers: vec![CustomerWrite::Update {
                read,
                after: Box::new(customer),
                joint_tags: None,
            }],
            links: vec![LinkWrite { key, read: None, after: Some(link) }],
            ..Change::default()
        };
        assert_eq!(self.store.commit(&change).await.unwrap(), Committed::Written);
    }
}

impl Customers for Rival {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        self.store.group(profile).await
    }
}

impl Identities for Rival {
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError> {
        self.store.links(keys).await
    }

    async fn commit(&self, change: &Change) -> Result<Committed, StoreError> {
        self.interfere().await;
        self.store.commit(change).await
    }
}

async fn join_beside_a_rival(events: u8) -> (Store, CustomerId, Result<Decided, Trouble>) {
    let store = store();
    let one = profile(&store, &["phone::+12025550101"], 0).await;
    let other = profile(&store, &["phone::+12025550102"], 60).await;
    let rival = Rival { store: store.clone(), customer: other.clone(), left: Cell::new(events) };
    let (rules, person) = (rules(), Person { by: "anna", at: at(100) });
    let pair = (one.clone(), other.clone());
    let join = |scene: &Scene| joined(scene, pair.clone(), Vec::new(), &rules, person);
    let outcome = settle(&rival, &[one.clone(), other], &[], join).await;
    (store, one, outcome)
}

#[tokio::test]
async fn a_change_that_came_too_late_is_decided_anew() {
    let (store, one, outcome) = join_beside_a_rival(2).await;
    let decided = outcome.unwrap();
    let links = store.contents().links;
    assert_eq!(links.len(), 4, "what the events linked is there");
    assert!(links.values().all(|link| link.customer == one), "and belongs to the customer");
    assert_eq!(decided.scene.groups.iter().flat_map(Group::handles).count(), 4);
    assert_eq!(decided.after(), vec![store.group(&one).await.unwrap().unwrap()]);
}

#[tokio::test]
async fn a_customer_that_never_rests_is_left_as_it_is() {
    let (store, _, outcome) = join_beside_a_rival(u8::MAX).await;
    assert!(matches!(outcome, Err(Trouble::Contended)));
    assert!(store.contents().merges.is_empty());
}
