//! What comes later does not overtake what has failed, where the configuration says so.

use crate::desk::{CONFIG, Desk, delivered};
use domain::{About, Class, DeadLetter, Disposition, FailureState, LineId, Step};
use jiff::SignedDuration;
use proptest::prelude::*;
use runtime::memory::START;
use runtime::{Clock as _, Outcome, Parcel, Place, Record, StepFailure};
use std::collections::VecDeque;

/// What happens to a message when it is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Handled,
    /// It may pass.
    Transient,
    /// A person has to look.
    Parked,
    /// The queue gives it up: its function died each time.
    Died,
    /// Its worker dies once it is handled, before it has left the line.
    DiedAfter,
}

/// One queue group of tag-update, worked through in order.
pub(crate) struct Group {
    pub(crate) desk: Desk,
    ordered: bool,
    pub(crate) queue: VecDeque<Record>,
    fates: VecDeque<Fate>,
    handled: Vec<i64>,
    taken: usize,
    serial: i64,
}

impl Group {
    pub(crate) fn new(later: &str, fates: Vec<Fate>) -> Self {
        let desk = Desk::new();
        desk.rules.apply(&format!("{CONFIG}failures: {{ later: {later} }}\n"));
        let (queue, fates, handled) = (VecDeque::new(), fates.into(), Vec::new());
        Self { desk, ordered: later == "wait", queue, fates, handled, taken: 0, serial: 0 }
    }

    pub(crate) fn send(&mut self, body: String) {
        self.serial += 1;
        let mut record = delivered("acme-matched-dead-letter.fifo", body, self.serial);
        record.receives = 0;
        self.queue.push_back(record);
    }

    /// The queue hands out its first message, as the hop and SQS would see to it.
    pub(crate) async fn work(&mut self) {
        let Some(mut record) = self.queue.pop_front() else { return };
        record.receives += 1;
        let (store, now) = (&self.desk.store, self.desk.clock.now());
        let place = self.ordered.then(|| Place::of(Step::TagUpdate, &record.group, &record.body));
        let mut turn = None;
        if let Some(place) = &place {
            match place.turn(store, record.receives, now).await {
                Ok(granted) => turn = Some(granted),
                Err(failure) => return self.dead_letter(&record, &failure).await,
            }
        }
        let number = record.body.parse().unwrap();
        match self.fates.pop_front().unwrap_or(Fate::Handled) {
            Fate::Handled => {
                self.handled.push(number);
                if let (Some(place), Some(turn)) = (&place, turn) {
                    place.leave(store, turn, now).await.unwrap();
                }
            }
            Fate::DiedAfter => {
                self.handled.push(number);
                self.queue.push_front(record);
            }
            Fate::Died if record.receives < 5 => {
                self.fates.push_front(Fate::Died);
                self.queue.push_front(record);
            }
            Fate::Died => self.reconcile(&record).await,
            Fate::Transient => {
                let failure = StepFailure::retry("store_unavailable", "no answer");
                self.give_up(&record, place, &failure).await;
            }
            Fate::Parked => {
                let failure = StepFailure::park(Class::Data, "customer_missing", "who is it?");
                self.give_up(&record, place, &failure).await;
            }
        }
    }

    async fn give_up(&self, record: &Record, place: Option<Place>, failure: &StepFailure) {
        if let Some(place) = place {
            place.take(&self.desk.store, self.desk.clock.now()).await.unwrap();
        }
        self.dead_letter(record, failure).await;
    }

    async fn dead_letter(&self, record: &Record, failure: &StepFailure) {
        let StepFailure { reason, class, disposition, .. } = failure.clone();
        let letter = DeadLetter {
            step: Step::TagUpdate,
            reason,
            class,
            disposition,
            receives: record.receives,
            config: None,
            about: About::default(),
            body: record.body.clone(),
        };
        let body = serde_json::to_string(&letter).unwrap();
        self.reconcile(&Record { body, ..record.clone() }).await;
    }

    async fn reconcile(&self, record: &Record) {
        assert_eq!(self.desk.settle(record).await, Outcome::Delete);
    }

    /// A tick, and what it sends back.
    pub(crate) async fn tick(&mut self, wait: SignedDuration) {
        self.desk.tick_after(wait).await;
        let parcels = self.desk.queues[1].parcels();
        let sent: Vec<Parcel> = parcels[self.taken..].to_vec();
        self.taken = parcels.len();
        for parcel in sent {
            self.send(parcel.body);
        }
    }

    /// A person retries whatever is parked or held.
    async fn answer(&self) {
        for mut failure in self.desk.store.contents().failures.into_values() {
            if failure.record.state.is_set_aside() {
                failure.record.ask_again(self.desk.clock.now());
                self.desk.put(&failure).await;
            }
        }
    }

    async fn until_quiet(&mut self) {
        for round in 0..400 {
            while !self.queue.is_empty() {
                self.work().await;
            }
            if round % 3 == 2 {
                self.answer().await;
            }
            self.tick(SignedDuration::from_mins(7)).await;
        }
    }

    fn open(&self) -> usize {
        let failures = self.desk.store.contents().failures;
        let settled = |state| matches!(state, FailureState::Redriven { .. });
        failures.values().filter(|failure| !settled(failure.record.state)).count()
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Handled),
        2 => Just(Fate::Transient),
        1 => Just(Fate::Parked),
        1 => Just(Fate::Died),
        1 => Just(Fate::DiedAfter),
    ]
}

/// The order in which messages were handled for the first time.
fn firsts(handled: &[i64]) -> Vec<i64> {
    let mut firsts = Vec::new();
    for number in handled {
        if !firsts.contains(number) {
            firsts.push(*number);
        }
    }
    firsts
}

fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_fails_each_customer_is_served_in_order_and_nothing_is_stuck(
        fates in prop::collection::vec(fate(), 0..24),
        batches in prop::collection::vec((1..5i64, 0..3usize), 1..6),
    ) {
        run(async {
            let mut group = Group::new("wait", fates);
            let mut number = 0;
            for (count, ticks) in batches {
                for _ in 0..count {
                    group.send(number.to_string());
                    number += 1;
                }
                while !group.queue.is_empty() {
                    group.work().await;
                }
                for _ in 0..ticks {
                    group.tick(SignedDuration::from_mins(1)).await;
                }
            }
            group.until_quiet().await;
            assert_eq!(firsts(&group.handled), (0..number).collect::<Vec<_>>());
            assert_eq!((group.open(), group.desk.store.contents().lines.len()), (0, 0));
        });
    }

    #[test]
    fn what_may_be_overtaken_is_not_lost(
        fates in prop::collection::vec(fate(), 0..24),
        count in 1..12i64,
    ) {
        run(async {
            let mut group = Group::new("overtake", fates);
            (0..count).for_each(|number| group.send(number.to_string()));
            group.until_quiet().await;
            let mut all = firsts(&group.handled);
            all.sort_unstable();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            assert_eq!((group.open(), group.desk.store.contents().lines.len()), (0, 0));
        });
    }
}

#[tokio::test]
async fn those_behind_follow_together_once_the_first_has_gone_through() {
    let mut group = Group::new("wait", vec![Fate::Transient]);
    (0..30).for_each(|number| group.send(number.to_string()));
    while !group.queue.is_empty() {
        group.work().await;
    }
    let states = |group: &Group, name: &str| {
        let failures = group.desk.store.contents().failures;
        failures.values().filter(|failure| failure.record.state.name() == name).count()
    };
    assert_eq!((states(&group, "waiting"), states(&group, "behind")), (1, 29));
    assert!(group.desk.pager.raised().is_empty(), "nobody has to act");
    for sent in [1, 29] {
        group.tick(SignedDuration::from_mins(1)).await;
        assert_eq!(group.queue.len(), sent);
        while !group.queue.is_empty() {
            group.work().await;
        }
    }
    assert_eq!(group.handled, (0..30).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_configuration_that_lets_them_overtake_lets_them_go() {
    let mut group = Group::new("wait", vec![Fate::Parked]);
    (0..3).for_each(|number| group.send(number.to_string()));
    while !group.queue.is_empty() {
        group.work().await;
    }
    group.tick(SignedDuration::from_hours(1)).await;
    assert!(group.queue.is_empty(), "the first is parked");
    group.desk.rules.apply(CONFIG);
    group.ordered = false;
    group.tick(SignedDuration::from_hours(1)).await;
    while !group.queue.is_empty() {
        group.work().await;
    }
    group.handled.sort_unstable();
    assert_eq!(group.handled, [1, 2]);
    let line = LineId::new(Step::TagUpdate, "the-group");
    assert_eq!(group.desk.store.contents().lines[&line].places().len(), 1, "the parked one");
}

#[tokio::test]
async fn a_letter_that_says_it_stands_behind_nobody_goes_back() {
    let group = Group::new("wait", Vec::new());
    let record = delivered("acme-matched-dead-letter.fifo", "1".into(), 0);
    let failure = StepFailure::retry("behind_another", "");
    let failure = StepFailure { disposition: Disposition::Behind, ..failure };
    group.dead_letter(&record, &failure).await;
    let state = group.desk.failure().record.state;
    assert_eq!(state, FailureState::Waiting { retry_at: START });
}
