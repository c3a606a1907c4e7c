//! Events of profiles that were one customer once.

use crate::bench::{Bench, Rival, email, id, phone, record};
use domain::InboundEvent;
use runtime::Settled;
use runtime::memory::message;

/// A customer who complained once by phone, where her CRM record is, and once by e-mail: together
/// they need care.
async fn in_need() -> Bench {
    let bench = Bench::with(&[&[record(), phone()], &[email()]]).await;
    bench.commit(bench.joining(&record(), &email()).await).await;
    bench.complain(1, &record()).await;
    bench.complain(2, &email()).await;
    assert!(bench.stored(&id_of_root(&bench)).joint_tags.unwrap().contains_key("high_care"));
    bench
}

/// The handle by which the root began.
fn id_of_root(bench: &Bench) -> domain::Handle {
    let merged = bench.stored(&email()).membership.merged_into;
    if merged == Some(id(&record())) { record() } else { email() }
}

/// An event that is no complaint.
fn greeting(number: i64) -> InboundEvent {
    InboundEvent { text: Some("hello".into()), ..message(number, &[]) }
}

#[tokio::test]
async fn after_a_split_the_next_event_takes_the_crms_tags_back() {
    let bench = in_need().await;
    bench.commit(bench.parting().await).await;
    assert_eq!(bench.handle(&record(), greeting(3)).await, Ok(Settled::Fresh));
    let sent = bench.sent().pop().unwrap();
    let [gone] = &sent.tags[..] else { panic!("{:?}", sent.tags) };
    assert_eq!((&*gone.tag, gone.added), ("high_care", false));
    assert!(sent.customer.profile.tags.is_empty());
    assert_eq!((sent.customer.id, bench.stored(&record()).joint_tags), (id(&record()), None));
    assert_eq!(bench.handle(&record(), greeting(4)).await, Ok(Settled::Fresh));
    assert_eq!(bench.sent().pop().unwrap().tags, [], "once");
}

#[tokio::test]
async fn after_a_split_the_side_without_a_record_takes_nothing_back() {
    let bench = in_need().await;
    bench.commit(bench.parting().await).await;
    assert_eq!(bench.handle(&email(), greeting(3)).await, Ok(Settled::Fresh));
    let sent = bench.sent().pop().unwrap();
    assert_eq!((&sent.customer.id, &sent.tags[..]), (&id(&email()), &[][..]));
    assert!(sent.customer.profile.tags.is_empty());
}

#[tokio::test]
async fn after_a_split_each_profile_is_what_it_would_be_had_it_never_been_merged() {
    let apart = Bench::with(&[&[record(), phone()], &[email()]]).await;
    apart.complain(1, &record()).await;
    apart.complain(2, &email()).await;
    let split = in_need().await;
    split.commit(split.parting().await).await;
    for bench in [&apart, &split] {
        bench.complain(3, &email()).await;
        assert_eq!(bench.handle(&record(), greeting(4)).await, Ok(Settled::Fresh));
    }
    for profile in [record(), email()] {
        let (was, is) = (apart.stored(&profile), split.stored(&profile));
        assert_eq!((is.profile, is.handles, is.crm), (was.profile, was.handles, was.crm));
        assert_eq!(is.joint_tags, None);
    }
}

#[tokio::test]
async fn profiles_that_were_parted_between_read_and_write_are_read_again() {
    for profile in [record(), email()] {
        let bench = in_need().await;
        bench.expect(Rival::Change(bench.parting().await));
        assert_eq!(bench.handle(&profile, greeting(3)).await, Ok(Settled::Fresh));
        let sent = bench.sent().pop().unwrap();
        assert_eq!(sent.customer.id, id(&profile));
        assert!(sent.customer.profile.tags.is_empty(), "nothing of the other side");
        assert_eq!(bench.contents().timeline.len(), 3);
    }
}
