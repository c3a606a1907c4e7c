//! Timers that ring when they are due, and only then.

use crate::bench::{Bench, email, id, phone};
use domain::{Disposition, EventKind, Handle, InboundEvent, Matched, Tagged};
use jiff::{SignedDuration, Timestamp};
use runtime::memory::{Closed, START, message};
use runtime::{Clock, Settled, StepFailure, Wake};
use serde_json::json;
use state::memory::Fault;
use state::{Dispatch, Ledger};

const CONFIG: &str = r#"
company: { name: Lab Commerce, region: US, time_zone: Europe/Berlin, public_url: "https://hooks.example.com" }
crm: { tryton: { url: "http://127.0.0.1:1", database: lab, secret: omnicord/tryton } }
classify: { moods: [{ name: angry, any: [angry] }] }
facts: [{ name: last_message, of: last, when: 'event.kind == "message"', window: 366d }]
fields:
  - { name: warranty_end, on: [device], value: device.warranty_end }
  - { name: owned, on: [device], value: device.owned }
  - { name: follow_up_from, on: [contact], value: event.fields.from }
tags: [{ name: upset, when: event.mood == "angry", for: 14d, sync: true }]
timers:
  - { name: reminder, at: customer.fields.warranty_end, before: 30d, when: customer.fields.owned != false }
  - { name: quiet, at: customer.facts.last_message, after: 90d }
  - { name: follow_up, at: customer.fields.follow_up_from, every: 1w }
"#;

async fn bench() -> Bench {
    Bench::following(CONFIG).and(&[&[phone()], &[email()]]).await
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A device of this profile whose warranty ends on that day.
fn device(number: i64, ends: &str) -> InboundEvent {
    let fields = [("warranty_end".to_owned(), json!(ends))].into();
    InboundEvent { kind: EventKind::Device, text: None, fields, ..message(number, &[]) }
}

impl Bench {
    async fn tell(&self, profile: &Handle, event: InboundEvent) {
        self.clock.set(self.clock.now().max(event.occurred_at));
        assert_eq!(self.handle(profile, event).await, Ok(Settled::Fresh));
    }

    /// Lets the time of the earliest call come.
    fn next_call(&self) -> Wake {
        let wake = self.schedules.pop(Timestamp::MAX).unwrap();
        self.clock.set(wake.at);
        wake
    }

    async fn answer(&self, call: &Wake) -> Result<Settled, StepFailure> {
        let ring: Matched = serde_json::from_str(&call.body).unwrap();
        self.handle_matched(ring).await
    }

    /// Lets the earliest call come; what it set off, if anything.
    async fn called(&self) -> Option<Tagged> {
        let (call, before) = (self.next_call(), self.sent().len());
        self.answer(&call).await.unwrap();
        self.sent().split_off(before).pop()
    }

    fn times(&self) -> Vec<String> {
        self.schedules.waiting().iter().map(|wake| wake.at.to_string()).collect()
    }
}

#[tokio::test]
async fn a_timer_that_is_due_becomes_an_event() {
    let bench = bench().await;
    bench.tell(&phone(), device(1, "2027-01-01")).await;
    let [call] = &bench.schedules.waiting()[..] else { panic!("{:?}", bench.times()) };
    assert_eq!(call.at, at("2026-12-01T23:00:00Z"), "30 days before midnight in Berlin");
    assert_eq!(call.group, id(&phone()).as_str());
    let ring = bench.called().await.unwrap();
    assert_eq!((ring.event.kind, &*ring.event.topic), (EventKind::Timer, "reminder"));
    assert_eq!((ring.event.occurred_at, ring.event.received_at), (call.at, call.at));
    assert_eq!((ring.home, ring.customer.profile.rung.len()), (id(&phone()), 1));
    assert_eq!(ring.customer.profile.last_seen, Some(message(1, &[]).occurred_at));
    assert!(bench.schedules.waiting().is_empty());
}

#[tokio::test]
async fn a_call_that_comes_twice_rings_once() {
    let bench = bench().await;
    bench.tell(&phone(), device(1, "2027-01-01")).await;
    let call = bench.next_call();
    assert_eq!(bench.answer(&call).await, Ok(Settled::Fresh));
    let ring = bench.sent().pop().unwrap();
    assert!(bench.store.dispatch(&ring.event.id, Dispatch::default(), START).await.unwrap().first);
    let before = (bench.contents(), bench.sent().len());
    assert_eq!(bench.answer(&call).await, Ok(Settled::Repeated));
    assert_eq!((bench.contents(), bench.sent().len()), before);
}

#[tokio::test]
async fn a_date_that_moves_takes_its_timer_along() {
    for (moved, first, second) in [
        ("2027-02-01", None, Some("2027-01-01T23:00:00Z")),
        ("2026-12-15", Some("2026-11-14T23:00:00Z"), None),
    ] {
        let bench = bench().await;
        bench.tell(&phone(), device(1, "2027-01-01")).await;
        bench.tell(&phone(), device(2, moved)).await;
        let before = bench.contents();
        let mut heard = Vec::new();
        for _ in 0..2 {
            let ring = bench.called().await;
            if ring.is_none() && heard.is_empty() {
                assert_eq!(bench.contents(), before, "a call in vain leaves no trace");
            }
            heard.push(ring.map(|ring| ring.event.occurred_at));
        }
        assert_eq!(heard, [first.map(at), second.map(at)], "{moved}");
        assert!(bench.schedules.waiting().is_empty());
    }
}

#[tokio::test]
async fn a_timer_whose_condition_no_longer_holds_is_silent() {
    let bench = bench().await;
    bench.tell(&phone(), device(1, "2027-01-01")).await;
    let mut sold = device(2, "2027-01-01");
    sold.fields.insert("owned".into(), json!(false));
    bench.tell(&phone(), sold).await;
    assert!(bench.called().await.is_none());
    assert!(bench.schedules.waiting().is_empty());
    bench.tell(&phone(), device(3, "2028-01-01")).await;
    assert!(bench.schedules.waiting().is_empty(), "it is sold still");
    let mut back = device(4, "2028-01-01");
    back.fields.insert("owned".into(), json!(true));
    bench.tell(&phone(), back).await;
    assert_eq!(bench.called().await.unwrap().event.occurred_at, at("2027-12-01T23:00:00Z"));
}

#[tokio::test]
async fn a_call_that_may_have_come_already_is_not_relied_on() {
    let bench = bench().await;
    bench.tell(&phone(), device(1, "2027-01-01")).await;
    let mut sold = device(2, "2027-01-01");
    sold.fields.insert("owned".into(), json!(false));
    bench.tell(&phone(), sold).await;
    // The scheduler's clock is ten minutes ahead, the worker's ten minutes behind.
    let call = bench.next_call();
    bench.clock.set(call.at - SignedDuration::from_mins(20));
    bench.answer(&call).await.unwrap();
    assert!(bench.schedules.waiting().is_empty());
    let mut back = device(3, "2027-01-01");
    back.fields.insert("owned".into(), json!(true));
    bench.tell(&phone(), back).await;
    assert_eq!(bench.called().await.unwrap().event.occurred_at, call.at);
}

#[tokio::test]
async fn what_each_event_puts_off_costs_one_call_in_its_period() {
    let bench = bench().await;
    for day in 0..80 {
        bench.tell(&phone(), message(day * 86_400, &[])).await;
    }
    assert_eq!(bench.schedules.asked(), 1);
    assert!(bench.called().await.is_none(), "79 days too early");
    let ring = bench.called().await.unwrap();
    assert_eq!(&*ring.event.topic, "quiet");
    assert_eq!(ring.event.occurred_at, START + SignedDuration::from_hours(24 * (79 + 90)));
    assert_eq!(bench.schedules.asked(), 2);
    assert!(bench.schedules.waiting().is_empty(), "quiet goes on and rings no more");
    bench.tell(&phone(), message(200 * 86_400, &[])).await;
    assert!(bench.called().await.is_some(), "until the next time");
}

#[tokio::test]
async fn a_due_time_that_has_gone_by_rings_at_once() {
    let bench = bench().await;
    bench.tell(&phone(), device(1, "2026-10-01")).await;
    let ahead = bench.clock.now() + SignedDuration::from_secs(10);
    assert_eq!(bench.times(), [ahead.to_string()]);
    assert_eq!(bench.called().await.unwrap().event.occurred_at, at("2026-08-31T22:00:00Z"));
}

#[tokio::test]
async fn a_date_that_is_years_ahead_is_reached_by_a_call_a_year() {
    let bench = bench().await;
    bench.tell(&phone(), device(1, "2029-10-31")).await;
    let mut calls = 1;
    let ring = loop {
        assert_eq!(bench.times().len(), 1);
        match bench.called().await {
            Some(ring) => break ring,
            None => calls += 1,
        }
    };
    assert_eq!((ring.event.occurred_at, calls), (at("2029-09-30T23:00:00Z"), 4));
}

#[tokio::test]
async fn a_recurring_timer_rings_in_each_period_and_skips_those_gone_by() {
    let bench = bench().await;
    let fields = [("from".to_owned(), json!("2026-10-01"))].into();
    let contact = InboundEvent { kind: EventKind::Contact, fields, ..message(1, &[]) };
    bench.tell(&phone(), contact).await;
    let mut rang = Vec::new();
    for _ in 0..3 {
        rang.push(bench.called().await.unwrap().event.occurred_at);
    }
    assert_eq!(
        rang,
        ["2026-09-30", "2026-10-07", "2026-10-14"].map(|day| at(&format!("{day}T22:00:00Z")))
    );
    assert_eq!(bench.times(), ["2026-10-21T22:00:00Z"]);
}

#[tokio::test]
async fn a_synced_tag_falls_off_at_its_time() {
    let bench = bench().await;
    let angry = InboundEvent { text: Some("I am angry".into()), ..message(1, &[]) };
    bench.tell(&phone(), angry).await;
    let ring = bench.called().await.unwrap();
    assert_eq!(&*ring.event.topic, "tag_expiry");
    let [gone] = &ring.tags[..] else { panic!("{:?}", ring.tags) };
    assert_eq!((&*gone.tag, gone.added), ("upset", false));
    assert_eq!(bench.times().len(), 1, "only the quiet one is left");
}

#[tokio::test]
async fn a_timer_that_the_configuration_gains_is_set_by_the_next_event() {
    let bench = bench().await;
    bench.tell(&phone(), device(1, "2027-01-01")).await;
    let more = "  - { name: last_day, at: customer.fields.warranty_end }\n";
    bench.rules.apply(&format!("{CONFIG}{more}"));
    bench.clock.set(bench.clock.now() + SignedDuration::from_mins(1));
    let hello = InboundEvent { kind: EventKind::Follow, ..message(61, &[]) };
    bench.tell(&phone(), hello).await;
    assert_eq!(bench.times(), ["2026-12-01T23:00:00Z", "2026-12-31T23:00:00Z"]);
}

#[tokio::test]
async fn a_merged_customer_hears_each_timer_once_whichever_call_comes_first() {
    for turned in [false, true] {
        let bench = bench().await;
        bench.tell(&phone(), device(1, "2027-01-01")).await;
        bench.tell(&email(), device(2, "2027-01-01")).await;
        bench.commit(bench.joining(&phone(), &email()).await).await;
        let mut calls = [bench.next_call(), bench.next_call()];
        if turned {
            calls.reverse();
        }
        assert_eq!(bench.answer(&calls[0]).await, Ok(Settled::Fresh));
        let before = (bench.contents(), bench.sent().len());
        assert_eq!(bench.answer(&calls[1]).await, Ok(Settled::Repeated));
        assert_eq!((bench.contents(), bench.sent().len()), before);
        bench.commit(bench.parting().await).await;
        for (number, profile) in [(3, phone()), (4, email())] {
            bench.tell(&profile, device(number, "2027-01-01")).await;
        }
        let apart = bench.times().len();
        assert_eq!(apart, 1, "alone, the profile whose call was in vain has not heard");
    }
}

#[tokio::test]
async fn who_was_parted_keeps_a_call_of_their_own() {
    let bench = bench().await;
    bench.tell(&phone(), device(1, "2027-01-01")).await;
    bench.tell(&email(), device(2, "2027-03-01")).await;
    bench.commit(bench.joining(&phone(), &email()).await).await;
    assert!(bench.called().await.is_none(), "together they have the later date");
    bench.commit(bench.parting().await).await;
    let ring = bench.called().await.unwrap();
    let told = (ring.home, ring.event.occurred_at);
    let phones = (id(&phone()), at("2027-01-29T23:00:00Z"));
    let emails = (id(&email()), at("2027-01-29T23:00:00Z"));
    assert!([phones, emails].contains(&told));
}

#[tokio::test]
async fn nothing_is_written_before_its_call_is_set() {
    let bench = bench().await;
    for (closed, disposition) in [
        (Closed::Unavailable, Disposition::Retry { after: None }),
        (Closed::Rejecting, Disposition::Park),
    ] {
        bench.schedules.close(Some(closed));
        let before = bench.contents();
        let failure = bench.handle(&phone(), device(1, "2027-01-01")).await.unwrap_err();
        assert_eq!(failure.disposition, disposition);
        assert_eq!(bench.contents(), before);
    }
    bench.schedules.close(None);
    for fault in [Fault::Before, Fault::After] {
        bench.store.fail_write(bench.store.writes(), fault);
        assert!(bench.handle(&phone(), device(1, "2027-01-01")).await.is_err());
    }
    assert_eq!(bench.handle(&phone(), device(1, "2027-01-01")).await, Ok(Settled::Repeated));
    assert_eq!(bench.times(), ["2026-12-01T23:00:00Z"]);
    assert!(bench.called().await.is_some());
}

#[tokio::test]
async fn a_call_for_somebody_who_was_erased_wakes_nobody() {
    let (bench, empty) = (bench().await, Bench::following(CONFIG));
    bench.tell(&phone(), device(1, "2027-01-01")).await;
    assert_eq!(empty.answer(&bench.next_call()).await, Ok(Settled::Repeated));
    assert!(empty.sent().is_empty());
    assert_eq!(empty.store.writes(), 0);
}
