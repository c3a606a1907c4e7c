//! Answers that cannot be.

use super::*;
use crate::graph::sample::{profile, rules};
use crate::graph::settle;
use crate::output::View;
use crate::page::Page;

async fn refused(world: &World, answer: &Answer) -> Trouble {
    let before = world.store.contents();
    let trouble = world.answer(answer).await.unwrap_err();
    assert_eq!(world.store.contents(), before, "nothing is written");
    trouble
}

#[tokio::test]
async fn a_record_is_named_where_and_only_where_it_is_the_question() {
    let cases = [
        (World::same_person().await, vec![Some("4")]),
        (World::admit().await, vec![Some("4")]),
        (World::which_record().await, vec![None, Some("6")]),
        (World::unknown_record().await, vec![None, Some("7")]),
    ];
    for (world, records) in cases {
        for record in records {
            let trouble = refused(&world, &accept(record)).await;
            assert!(matches!(trouble, Trouble::Usage { .. }), "{record:?}: {trouble}");
        }
    }
}

#[tokio::test]
async fn a_question_is_answered_once() {
    let world = World::which_record().await;
    world.answer(&accept(Some("5"))).await.unwrap();
    for other in [Answer::Reject, accept(Some("4"))] {
        let trouble = refused(&world, &other).await;
        assert!(trouble.to_string().contains("anna said 5"), "{trouble}");
    }
}

#[tokio::test]
async fn a_question_that_nobody_asked_is_missing() {
    let (world, rules) = (World::admit().await, rules());
    let id = ReviewId::from_stored("rev_1");
    let trouble = answer(&world.store, &rules, &id, &Answer::Reject, ANNA).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Missing { .. }));
}

#[tokio::test]
async fn customers_that_became_one_meanwhile_cannot_be_told_apart() {
    let world = World::same_person().await;
    let pair = (world.one.clone(), world.other.clone());
    let profiles = [world.one.clone(), world.other.clone()];
    let join = |scene: &crate::graph::Scene| {
        crate::customer::joined(scene, pair.clone(), Vec::new(), &rules(), ANNA)
    };
    let merge = settle(&world.store, &profiles, &[], join).await.unwrap().change.merges[0].clone();
    let shown = show::show(&world.store, &rules(), world.review()).await.unwrap();
    let shown = shown.text(&Page::unbounded("2026-01-02T04:04:05Z"));
    assert!(shown.contains("one customer by now"), "{shown}");
    let trouble = refused(&world, &Answer::Reject).await;
    assert!(trouble.to_string().contains(merge.id.as_str()), "{trouble}");
    let answered = world.answer(&accept(None)).await.unwrap();
    assert!(answered.merges.is_empty(), "there is nothing left to join");
}

#[tokio::test]
async fn a_customer_gets_no_second_record() {
    let world = World::which_record().await;
    let mut group = world.customer_of(&world.one).await;
    group = with_record(&world, group, "9").await;
    assert_eq!(group.crm().unwrap().id, "9");
    let trouble = refused(&world, &accept(Some("5"))).await;
    assert!(trouble.to_string().contains("tryton:9"), "{trouble}");
}

#[tokio::test]
async fn limits_hold_for_a_record_that_another_customer_has() {
    let world = World::which_record().await;
    let accounts = ["account:shop:1", "account:shop:2", "account:shop:3", "account:shop:4"];
    let many = profile(&world.store, &accounts, 30).await;
    let _ = with_record(&world, world.customer_of(&many).await, "5").await;
    let with_account = with_handle(&world, "account:shop:5").await;
    assert_eq!(with_account.handles().count(), 2);
    let trouble = refused(&world, &accept(Some("5"))).await;
    assert!(matches!(trouble, Trouble::Refused { .. }), "{trouble}");
    assert!(trouble.to_string().contains(&format!("omnicord customer merge {many}")), "{trouble}");
}

/// Gives a customer a record, as an event would.
async fn with_record(world: &World, group: identity::Group, id: &str) -> identity::Group {
    let record = domain::CrmLink { crm: "tryton".into(), id: id.into() };
    let rules = rules();
    let profile = group.id().clone();
    let cause = identity::Cause::Event(domain::EventId::new("shop", id));
    let link = |scene: &crate::graph::Scene| {
        let occasion = identity::Occasion {
            cause: &cause,
            at: ANNA.at,
            policy: rules.identity(),
            config_version: 7,
        };
        let (groups, links) = (&scene.groups, &scene.links);
        match identity::link_record(&profile, &record, groups, links, occasion) {
            identity::Linking::Write(change) => Ok(change),
            identity::Linking::Taken(_) | identity::Linking::Torn => panic!("nobody has it"),
        }
    };
    settle(&world.store, std::slice::from_ref(&profile), &[], link).await.unwrap();
    world.customer_of(&profile).await
}

/// Joins a profile that holds one more handle to the customer whom the question is about.
async fn with_handle(world: &World, key: &str) -> identity::Group {
    let more = profile(&world.store, &[key], 40).await;
    let pair = (world.one.clone(), more.clone());
    let join = |scene: &crate::graph::Scene| {
        crate::customer::joined(scene, pair.clone(), Vec::new(), &rules(), ANNA)
    };
    settle(&world.store, &[world.one.clone(), more], &[], join).await.unwrap();
    world.customer_of(&world.one).await
}
