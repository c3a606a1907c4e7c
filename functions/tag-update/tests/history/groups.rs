//! Events of customers who are several profiles.

use crate::bench::{Bench, Rival, email, id, matched, phone, record};
use domain::TagChange;
use runtime::Settled;
use runtime::memory::message;

/// A customer by phone, who is the root, and by e-mail.
async fn joined() -> Bench {
    let bench = Bench::with(&[&[phone()], &[email()]]).await;
    bench.commit(bench.joining(&phone(), &email()).await).await;
    assert_eq!(bench.stored(&email()).membership.merged_into, Some(id(&phone())));
    bench
}

fn tags(changes: &[TagChange]) -> Vec<(&str, bool)> {
    changes.iter().map(|change| (&*change.tag, change.added)).collect()
}

#[tokio::test]
async fn counters_and_tags_are_those_of_all_profiles_together() {
    let bench = joined().await;
    bench.complain(1, &phone()).await;
    let second = bench.complain(2, &email()).await;
    assert_eq!(second.customer.id, id(&phone()));
    assert_eq!(second.customer.profile.counters["complaints"].occurrences().count(), 2);
    assert!(second.customer.profile.tags.contains_key("high_care"));
    assert_eq!(tags(&second.tags), [("high_care", true)]);
    let keys: Vec<_> = second.customer.handles.into_keys().collect();
    assert_eq!(keys, [email().key(), phone().key()]);
    assert_eq!(bench.stored(&phone()).joint_tags, Some(second.customer.profile.tags));
    let third = bench.complain(3, &phone()).await;
    assert_eq!(tags(&third.tags), [], "told once, whichever profile is next");
}

#[tokio::test]
async fn each_profile_stays_what_it_would_be_had_it_never_been_merged() {
    let apart = Bench::with(&[&[phone()], &[email()]]).await;
    let together = joined().await;
    for bench in [&apart, &together] {
        bench.complain(1, &phone()).await;
        bench.complain(2, &email()).await;
        bench.complain(3, &email()).await;
    }
    for profile in [phone(), email()] {
        assert_eq!(together.stored(&profile).profile, apart.stored(&profile).profile);
    }
    assert!(together.stored(&phone()).profile.tags.is_empty());
}

#[tokio::test]
async fn an_event_is_kept_with_its_profile_and_sent_in_the_customers_order() {
    let bench = joined().await;
    let sent = bench.complain(1, &email()).await;
    assert_eq!((&sent.customer.id, &sent.home), (&id(&phone()), &id(&email())));
    assert_eq!(bench.queue.parcels()[0].group, id(&phone()).as_str());
    let contents = bench.contents();
    assert_eq!(contents.events[&sent.event.id].customer, id(&email()));
    assert!(contents.timeline.keys().all(|(profile, _)| *profile == id(&email())));
    assert_eq!(bench.store.reads(), 4, "two to join them, the profile, its customer");
}

#[tokio::test]
async fn an_event_of_another_profile_meanwhile_is_not_overlooked() {
    let bench = joined().await;
    bench.expect(Rival::Event(Box::new(matched(&phone(), message(1, &[phone()])))));
    let sent = bench.complain(2, &email()).await;
    assert_eq!(tags(&sent.tags), [("high_care", true)], "both complaints count");
    assert_eq!(bench.stored(&phone()).joint_tags, Some(sent.customer.profile.tags));
}

#[tokio::test]
async fn profiles_that_were_joined_between_read_and_write_are_read_again() {
    let bench = Bench::with(&[&[phone()], &[email()]]).await;
    bench.complain(1, &phone()).await;
    bench.expect(Rival::Change(bench.joining(&phone(), &email()).await));
    let sent = bench.complain(2, &email()).await;
    assert_eq!(sent.customer.id, id(&phone()));
    assert_eq!(tags(&sent.tags), [("high_care", true)]);
    assert_eq!(bench.contents().timeline.len(), 2);
}

#[tokio::test]
async fn a_root_that_was_joined_to_another_between_read_and_write_is_read_again() {
    let bench = Bench::with(&[&[phone()], &[email()]]).await;
    bench.complain(1, &email()).await;
    bench.expect(Rival::Change(bench.joining(&phone(), &email()).await));
    let sent = bench.complain(2, &phone()).await;
    assert_eq!(tags(&sent.tags), [("high_care", true)]);
}

#[tokio::test]
async fn a_repeated_event_forwards_the_customer_of_that_time() {
    let bench = joined().await;
    let first = bench.complain(1, &email()).await;
    bench.complain(2, &phone()).await;
    let before = bench.contents();
    assert_eq!(bench.handle(&email(), first.event.clone()).await, Ok(Settled::Repeated));
    assert_eq!(bench.sent().pop().unwrap(), first);
    assert_eq!(bench.contents(), before);
}

#[tokio::test]
async fn what_the_crm_was_told_of_the_profile_with_the_record_is_not_told_again() {
    let bench = Bench::with(&[&[phone()], &[record(), email()]]).await;
    bench.complain(1, &record()).await;
    bench.complain(2, &record()).await;
    bench.commit(bench.joining(&phone(), &record()).await).await;
    let next = bench.complain(3, &phone()).await;
    assert!(next.customer.profile.tags.contains_key("high_care"));
    assert_eq!(tags(&next.tags), []);
}

#[tokio::test]
async fn what_a_profile_without_a_record_brings_is_told_to_the_crm() {
    let bench = Bench::with(&[&[phone()], &[record(), email()]]).await;
    bench.complain(1, &phone()).await;
    bench.complain(2, &phone()).await;
    bench.commit(bench.joining(&phone(), &record()).await).await;
    let next = bench.complain(3, &record()).await;
    assert_eq!(tags(&next.tags), [("high_care", true)]);
}
