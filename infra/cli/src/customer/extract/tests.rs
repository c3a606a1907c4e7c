//! What extracting handles leaves.

use super::*;
use crate::customer::find::find;
use crate::customer::sample::{Pipeline, email, keys, phone, record};
use crate::output::View;
use crate::page::Page;
use anstream::adapter::strip_str;
use domain::{Customer, Handle, Membership};
use jiff::Timestamp;
use runtime::memory::message;
use state::Customers;
use state::memory::{Contents, Fault};

const ANNA: Person<'_> = Person { by: "anna", at: Timestamp::UNIX_EPOCH };

/// Two people with three messages each, and who they are.
fn people() -> [Vec<Handle>; 2] {
    [vec![phone(1), email("anna")], vec![phone(2), record("7")]]
}

/// Their messages, by turns. Where `mixed`, one event took the two for one person.
async fn lived(mixed: bool) -> Pipeline {
    let pipeline = Pipeline::new();
    let [anna, ben] = people();
    for number in 0..2 {
        pipeline.message(2 * number, &anna).await;
        if mixed && number == 0 {
            // Nobody has the second one's handles yet: they become the first one's.
            let matched = pipeline.matched(message(90, &[anna.clone(), ben.clone()].concat()));
            let matched = matched.await;
            assert!(!matched.decision.linked.is_empty());
        }
        pipeline.message(2 * number + 1, &ben).await;
    }
    pipeline
}

async fn extracted(pipeline: &Pipeline) -> Result<Outcome, Trouble> {
    let [_, ben] = people();
    let found = find(&pipeline.store, phone(1).value.as_str()).await?;
    extract(&pipeline.store, &found, &keys(&ben), &pipeline.rules, ANNA).await
}

/// What counts of a profile: when it was first heard of stays where it was.
fn essence(customer: &Customer) -> Customer {
    let mut essence = customer.clone();
    essence.membership = Membership::default();
    essence.version = 0;
    essence.joint_tags = None;
    for held in essence.handles.values_mut() {
        held.since = Timestamp::UNIX_EPOCH;
    }
    essence.created_at = Timestamp::UNIX_EPOCH;
    essence
}

fn profiles(contents: &Contents) -> Vec<Customer> {
    contents.customers.values().map(essence).collect()
}

fn histories(contents: &Contents) -> Vec<(CustomerId, domain::EventId)> {
    let own = |((id, _), entry): (&(CustomerId, String), &state::TimelineEntry)| {
        assert_eq!(*id, entry.tagged.home);
        let event = entry.tagged.event.id.clone();
        assert_eq!(contents.events[&event].customer, *id, "the ledger agrees");
        (id.clone(), event)
    };
    contents.timeline.iter().map(own).collect()
}

#[tokio::test]
async fn what_is_left_is_what_never_being_together_would_have_left() {
    let (apart, together) = (lived(false).await, lived(true).await);
    assert_eq!(together.store.contents().customers.len(), 1);
    let outcome = extracted(&together).await.unwrap();
    assert_eq!((outcome.written, outcome.events), (true, 2));
    let (apart, together) = (apart.store.contents(), together.store.contents());
    assert_eq!(profiles(&together), profiles(&apart));
    assert_eq!(histories(&together), histories(&apart));
    for (key, link) in &apart.links {
        let now = &together.links[key];
        assert_eq!((&now.home, &now.customer), (&link.home, &link.customer));
    }
}

#[tokio::test]
async fn it_is_shown_before_it_is_written() {
    let pipeline = lived(true).await;
    let before = pipeline.store.contents();
    let [_, ben] = people();
    let found = find(&pipeline.store, "+1 202 555 0101").await.unwrap();
    let proposed = propose(&pipeline.store, &found, &keys(&ben), ANNA).await.unwrap();
    assert_eq!(pipeline.store.contents(), before);
    let done = extracted(&pipeline).await.unwrap();
    let page = Page::unbounded("2026-01-02T03:04:05Z");
    let text = [proposed, done].map(|outcome| strip_str(&outcome.text(&page)).to_string());
    insta::assert_snapshot!(text.join("\n---\n"));
}

/// Runs an attempt that fails at each write in turn, and one after it. Both ends are the same.
#[tokio::test]
async fn an_attempt_that_ended_anywhere_is_finished_by_the_next() {
    let plain = lived(true).await;
    let first = plain.store.writes();
    extracted(&plain).await.unwrap();
    let writes = plain.store.writes() - first;
    assert!(writes > 5, "{writes}");
    for write in 0..writes {
        for fault in [Fault::Before, Fault::After] {
            let pipeline = lived(true).await;
            pipeline.store.fail_write(pipeline.store.writes() + write, fault);
            assert!(extracted(&pipeline).await.is_err(), "write {write} failed");
            extracted(&pipeline).await.unwrap();
            let (whole, resumed) = (plain.store.contents(), pipeline.store.contents());
            assert_eq!(profiles(&resumed), profiles(&whole), "{write} {fault:?}");
            assert_eq!(histories(&resumed), histories(&whole), "{write} {fault:?}");
            assert_eq!(resumed.extractions, whole.extractions, "{write} {fault:?}");
        }
    }
}

#[tokio::test]
async fn an_event_that_was_on_its_way_is_moved_by_another_run() {
    let pipeline = lived(true).await;
    let [_, ben] = people();
    let late = pipeline.matched(message(70, &ben)).await;
    extracted(&pipeline).await.unwrap();
    pipeline.tagged(late).await.unwrap().unwrap();
    let from = find(&pipeline.store, "+1 202 555 0101").await.unwrap().profile;
    let rebuilt = rebuild(&pipeline.store, &pipeline.rules, &from, &keys(&ben)).await;
    assert_eq!(rebuilt.unwrap(), None, "the other's event is in this history");
    assert_eq!(extracted(&pipeline).await.unwrap().events, 3);
    let apart = lived(false).await;
    apart.message(70, &ben).await;
    let (apart, together) = (apart.store.contents(), pipeline.store.contents());
    assert_eq!(profiles(&together), profiles(&apart));
}

#[tokio::test]
async fn the_side_with_the_record_takes_off_what_the_crm_was_told() {
    let pipeline = lived(true).await;
    let [_, ben] = people();
    let outcome = extracted(&pipeline).await.unwrap();
    let to = outcome.extraction.to;
    let after = pipeline.store.contents();
    assert_eq!(after.customers[&to].joint_tags.as_ref().unwrap().len(), 1);
    let matched = pipeline.matched(message(80, &ben[..1])).await;
    let tagged = pipeline.tagged(matched).await.unwrap().unwrap();
    // Three messages of its own by now: the tag is deserved again.
    assert!(tagged.tags.is_empty());
    assert_eq!(pipeline.store.contents().customers[&to].joint_tags, None);
}

#[tokio::test]
async fn what_cannot_be_extracted_is_refused() {
    let pipeline = lived(true).await;
    let found = find(&pipeline.store, "+1 202 555 0101").await.unwrap();
    let [anna, ben] = people();
    let refused = async |handles: &[Handle]| {
        let outcome = propose(&pipeline.store, &found, &keys(handles), ANNA).await;
        matches!(outcome, Err(Trouble::Refused { .. }))
    };
    assert!(refused(&[phone(9)]).await);
    assert!(refused(&[anna, ben].concat()).await);
    let group = pipeline.store.group(&found.profile).await.unwrap().unwrap();
    assert_eq!(group, found.group);
}

#[tokio::test]
async fn whoever_stays_stays_one_customer() {
    let [anna, ben] = people();
    let pipeline = Pipeline::new();
    pipeline.message(1, &[email("older")]).await;
    pipeline.message(2, &[anna.clone(), ben.clone()].concat()).await;
    pipeline.message(3, &[email("older"), phone(1)]).await;
    pipeline.message(4, &ben[..1]).await;
    let found = find(&pipeline.store, "older@example.com").await.unwrap();
    assert_eq!(found.group.members.len(), 1);
    let handles = keys(&ben[..1]);
    extract(&pipeline.store, &found, &handles, &pipeline.rules, ANNA).await.unwrap();
    let contents = pipeline.store.contents();
    let group = pipeline.store.group(&found.profile).await.unwrap().unwrap();
    assert_eq!(group.root.joint_tags, found.group.root.joint_tags);
    let moved = &contents.customers[&contents.links[&ben[0].key()].home];
    let counted = |profile: &Customer| profile.profile.counters["messages"].occurrences().count();
    assert_eq!((counted(&group.members[0]), counted(moved)), (2, 1));
    pipeline.message(5, &[email("older")]).await;
    let group = pipeline.store.group(&found.profile).await.unwrap().unwrap();
    assert_eq!(
        pipeline.rules.combine(&group).profile.counters["messages"].occurrences().count(),
        4
    );
}
