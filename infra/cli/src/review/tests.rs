//! How questions are answered.

mod faults;
mod reading;
mod refusals;
mod world;

use super::*;
use domain::{CustomerId, FailureId, FailureState};
use identity::{Cause, Merge, MergeState, ReviewState};
use state::Customers;
use world::{ANNA, World, accept};

const DUE: FailureState = FailureState::Waiting { retry_at: ANNA.at };

impl World {
    /// The failures that are due now; the others are as they were.
    fn sent_back(&self) -> Vec<FailureId> {
        let before = &self.before.failures;
        let failures = self.store.contents().failures;
        let mut sent = Vec::new();
        for (id, failure) in failures {
            if failure.record.state == DUE {
                sent.push(id);
            } else {
                assert_eq!(failure, before[&id]);
            }
        }
        sent
    }

    async fn customer_of(&self, profile: &CustomerId) -> identity::Group {
        self.store.group(profile).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn who_is_one_person_becomes_one_customer() {
    let world = World::same_person().await;
    let answered = world.answer(&accept(None)).await.unwrap();
    let group = world.customer_of(&world.other).await;
    assert_eq!(*group.id(), world.one);
    let [Merge { cause, state, handles, .. }] = &answered.merges[..] else { panic!() };
    assert_eq!((cause, state), (&Cause::Person("anna".into()), &MergeState::Standing));
    assert_eq!(handles, std::slice::from_ref(&world.handle), "the evidence is kept");
    assert_eq!(world.sent_back(), world.failures(["ambiguous", "parked", "unknown"]));
    assert_eq!(answered.messages, 3);
    let state = ReviewState::Accepted { at: ANNA.at, by: "anna".into(), record: None };
    assert_eq!(world.review().state, state);
}

#[tokio::test]
async fn who_is_not_one_person_is_told_apart() {
    let world = World::same_person().await;
    world.answer(&Answer::Reject).await.unwrap();
    for profile in [&world.one, &world.other] {
        assert_eq!(world.customer_of(profile).await.root.membership.apart.len(), 1);
    }
    assert!(world.sent_back().is_empty());
    assert_eq!(world.review().state, ReviewState::Rejected { at: ANNA.at, by: "anna".into() });
}

#[tokio::test]
async fn the_record_that_was_chosen_becomes_the_customers() {
    let world = World::which_record().await;
    world.answer(&accept(Some("5"))).await.unwrap();
    let group = world.customer_of(&world.one).await;
    assert_eq!(group.crm().unwrap().id, "5");
    assert!(group.members.is_empty());
    assert_eq!(world.sent_back(), world.failures(["ambiguous", "parked", "unknown"]));
}

#[tokio::test]
async fn a_record_that_another_customer_has_makes_the_two_one() {
    let world = World::which_record().await;
    let answered = world.answer(&accept(Some("4"))).await.unwrap();
    assert_eq!(answered.merges.len(), 1);
    let group = world.customer_of(&world.one).await;
    assert_eq!((group.profiles().count(), group.crm().unwrap().id.as_str()), (2, "4"));
    assert_eq!(world.sent_back(), world.failures(["ambiguous", "parked", "unknown"]));
}

#[tokio::test]
async fn where_no_record_is_the_customers_what_waits_is_parked() {
    let world = World::which_record().await;
    world.answer(&Answer::Reject).await.unwrap();
    assert!(world.customer_of(&world.one).await.crm().is_none());
    assert_eq!(world.sent_back(), world.failures(["ambiguous"]));
}

#[tokio::test]
async fn who_is_admitted_may_get_a_record() {
    let world = World::admit().await;
    world.answer(&accept(None)).await.unwrap();
    assert!(world.customer_of(&world.one).await.root.membership.admitted);
    assert_eq!(world.sent_back(), world.failures(["unknown"]));
}

#[tokio::test]
async fn who_is_not_admitted_gets_no_record() {
    let world = World::admit().await;
    world.answer(&Answer::Reject).await.unwrap();
    assert!(!world.customer_of(&world.one).await.root.membership.admitted);
    assert_eq!(world.sent_back(), world.failures(["unknown"]));
}

#[tokio::test]
async fn every_event_that_names_an_unknown_record_goes_on() {
    for answer in [accept(Some("70")), Answer::Reject] {
        let world = World::unknown_record().await;
        world.answer(&answer).await.unwrap();
        assert_eq!(world.sent_back(), world.failures(["names it", "names it too"]));
        assert_eq!(world.store.contents().links, world.before.links);
    }
}

#[tokio::test]
async fn a_question_about_an_erased_customer_can_be_closed() {
    let world = World::erased().await;
    assert!(world.answer(&accept(None)).await.is_err());
    world.answer(&Answer::Reject).await.unwrap();
    assert_eq!(world.review().state.name(), "rejected");
}
