//! What waits for one destination neither floods it nor holds up what waits for another.

use crate::desk::{CONFIG, Desk, effect};
use delivery::Circuit;
use domain::FailureState;
use jiff::SignedDuration;
use runtime::memory::{Closed, START};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Long enough for everything to be due.
const HOURS: SignedDuration = SignedDuration::from_hours(3);

/// This many wait for each destination, all of them due.
async fn backlog(waiting: &[(&str, i64)]) -> Desk {
    let desk = Desk::new();
    for (destination, count) in waiting {
        for number in 0..*count {
            desk.put(&effect(destination, number)).await;
        }
    }
    desk.clock.set(START + HOURS);
    desk
}

impl Desk {
    /// What the next tick sends to the destination, by number.
    async fn sent_by_a_tick(&self, destination: &str) -> Vec<i64> {
        let before = self.queues[3].parcels().len();
        self.tick_after(MINUTE).await;
        let parcels = self.queues[3].parcels();
        let sent = parcels
            .iter()
            .skip(before)
            .filter_map(|parcel| parcel.body.strip_prefix(destination)?.trim().parse().ok());
        sent.collect()
    }
}

#[tokio::test]
async fn a_long_line_before_one_destination_holds_up_no_other() {
    let desk = backlog(&[("crm", 5_000), ("sms", 10)]).await;
    let (reads, writes) = (desk.store.reads(), desk.store.writes());
    assert_eq!(desk.sent_by_a_tick("crm").await, (0..100).collect::<Vec<_>>(), "oldest first");
    assert_eq!(
        desk.sent_by_a_tick("sms").await,
        Vec::<i64>::new(),
        "they went with the first tick"
    );
    assert_eq!(desk.queues[3].parcels().len(), 210);
    let (reads, writes) = (desk.store.reads() - reads, desk.store.writes() - writes);
    assert!(writes == 210 && reads < 210 + 20, "{reads} reads, {writes} writes");
    assert_eq!(desk.sent_by_a_tick("crm").await, (200..300).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_destination_gets_what_it_is_granted() {
    let desk = backlog(&[("crm", 200), ("sms", 200), ("email", 200)]).await;
    desk.rules.apply(&format!(
        "{CONFIG}email: {{ from: a@example.com }}\n\
         destinations: {{ crm: {{ redrive: 30/m }}, sms: {{ rate: 1/s }} }}\n"
    ));
    let before = desk.queues[3].parcels().len();
    assert_eq!(desk.sent_by_a_tick("crm").await.len(), 30);
    let parcels = desk.queues[3].parcels().split_off(before);
    let to = |name: &str| parcels.iter().filter(|parcel| parcel.group == name).count();
    assert_eq!(to("sms"), 30, "half of its rate");
    assert_eq!(to("email"), 100, "where nothing is said");
}

#[tokio::test]
async fn what_is_down_gets_one_at_a_time_until_it_is_back() {
    let desk = backlog(&[("crm", 300)]).await;
    let until = START + HOURS + 2 * MINUTE;
    desk.circuit("crm", Circuit::Open { until, failed_probes: 0 }).await;
    assert!(desk.sent_by_a_tick("crm").await.is_empty());
    assert_eq!(desk.sent_by_a_tick("crm").await, [0], "one tries");
    assert_eq!(desk.sent_by_a_tick("crm").await, [1]);
    desk.circuit("crm", Circuit::Closed).await;
    assert_eq!(desk.sent_by_a_tick("crm").await.len(), 100);
}

#[tokio::test]
async fn a_queue_that_takes_nothing_is_not_asked_again_in_the_same_minute() {
    let desk = backlog(&[("crm", 300)]).await;
    desk.queues[3].close(Some(Closed::Unavailable));
    let reads = desk.store.reads();
    desk.tick_after(MINUTE).await;
    assert!(desk.store.reads() - reads < 20);
    let waiting =
        |failure: &domain::Failure| matches!(failure.record.state, FailureState::Waiting { .. });
    assert!(desk.store.contents().failures.values().all(waiting));
}
