//! What joining customers and taking them apart does.

use super::*;
use crate::customer::find::find;
use crate::graph::sample::{at, failure, profile, rules, store};
use anstream::adapter::strip_str;
use domain::FailureState;
use identity::Cause;
use state::Customers;
use state::memory::{Fault, Store};

const ANNA: Person<'_> = Person { by: "anna", at: jiff::Timestamp::UNIX_EPOCH };

struct World {
    store: Store,
    one: Found,
    other: Found,
}

async fn world() -> World {
    let store = store();
    profile(&store, &["phone::+12025550101", "crm:tryton:4"], 0).await;
    profile(&store, &["email::anna@example.com", "account:shop:77"], 60).await;
    let one = find(&store, "+1 202 555 0101").await.unwrap();
    let other = find(&store, "Anna@example.com").await.unwrap();
    let parked = FailureState::Parked { at: at(60) };
    failure(&store, "1", Some(&other.profile), "crm_record_taken", parked, String::new()).await;
    World { store, one, other }
}

impl World {
    async fn merge(&self, write: bool) -> Result<Done, Trouble> {
        merge(&self.store, &rules(), [&self.one, &self.other], ANNA, write).await
    }

    fn text(&self, done: &Done, written: bool) -> String {
        let counts = [(self.one.profile.clone(), 3), (self.other.profile.clone(), 2)].into();
        let outcome = Outcome::new(done, &rules(), &counts, written);
        let verdict = if written { Verdict::Clean } else { Verdict::Finding };
        assert_eq!(outcome.verdict(), verdict);
        strip_str(&outcome.text(&Page::unbounded("2026-01-02T04:04:05Z"))).to_string()
    }
}

#[tokio::test]
async fn a_merge_is_shown_before_it_is_written() {
    let world = world().await;
    let before = world.store.contents();
    let done = world.merge(false).await.unwrap();
    insta::assert_snapshot!(world.text(&done, false));
    assert_eq!(world.store.contents(), before);
}

#[tokio::test]
async fn a_merge_is_journalled_and_can_be_taken_back() {
    let world = world().await;
    let before = world.store.contents();
    let done = world.merge(true).await.unwrap();
    insta::assert_snapshot!(world.text(&done, true));
    let merged = world.store.contents();
    let [merge] = &merged.merges.values().collect::<Vec<_>>()[..] else { panic!("{merged:?}") };
    assert_eq!(merge.cause, Cause::Person("anna".into()));
    let group = world.store.group(&world.other.profile).await.unwrap().unwrap();
    assert_eq!(*group.id(), world.one.profile);
    let due = FailureState::Waiting { retry_at: ANNA.at };
    assert!(
        merged
            .failures
            .values()
            .all(|failure| failure.record.asked_at == Some(ANNA.at) && failure.record.state == due)
    );

    let preview = unmerge(&world.store, &merge.id, ANNA, false).await.unwrap();
    insta::assert_snapshot!(world.text(&preview, false));
    assert_eq!(world.store.contents(), merged);
    unmerge(&world.store, &merge.id, ANNA, true).await.unwrap();
    let after = world.store.contents();
    for (key, link) in &before.links {
        let customer = &after.links[key].customer;
        assert_eq!(customer, &link.customer, "every handle leads where it led before");
    }
    let undone = MergeState::Undone { at: ANNA.at, by: "anna".into() };
    assert_eq!(after.merges[&merge.id].state, undone);
    let apart = |id| !after.customers[id].membership.apart.is_empty();
    assert!(apart(&world.one.profile) && apart(&world.other.profile));

    let again = world.merge(false).await.unwrap();
    assert!(world.text(&again, false).contains("told the two apart before"));
    assert!(!world.text(&done, true).contains("told the two apart before"));
}

#[tokio::test]
async fn what_is_done_already_is_refused() {
    let world = world().await;
    world.merge(true).await.unwrap();
    let again = world.merge(true).await;
    assert!(matches!(again, Err(Trouble::Refused { .. })), "{again:?}");
    let id = world.store.contents().merges.into_keys().next().unwrap();
    unmerge(&world.store, &id, ANNA, true).await.unwrap();
    let again = unmerge(&world.store, &id, ANNA, true).await;
    assert!(matches!(again, Err(Trouble::Refused { .. })), "{again:?}");
    let unknown = unmerge(&world.store, &MergeId::from_stored("mrg_1"), ANNA, true).await;
    assert!(matches!(unknown, Err(Trouble::Missing { .. })), "{unknown:?}");
}

#[tokio::test]
async fn a_merge_taken_back_leaves_the_others() {
    let world = world().await;
    let third = profile(&world.store, &["phone::+12025550103"], 120).await;
    let third = find(&world.store, third.as_str()).await.unwrap();
    let first = world.merge(true).await.unwrap().decided.change.merges[0].clone();
    merge(&world.store, &rules(), [&world.other, &third], ANNA, true).await.unwrap();
    let done = unmerge(&world.store, &first.id, ANNA, true).await.unwrap();
    let after = done.decided.after();
    let sizes: Vec<_> = after.iter().map(|group| group.profiles().count()).collect();
    assert_eq!(sizes, [1, 2]);
    assert_eq!(after[1].profile(&third.profile).map(|profile| &profile.id), Some(&third.profile));
}

#[tokio::test]
async fn a_merge_whose_answer_was_lost_is_there() {
    let world = world().await;
    world.store.fail_write(world.store.writes(), Fault::After);
    assert!(world.merge(true).await.is_err());
    assert_eq!(world.store.contents().merges.len(), 1);
}
