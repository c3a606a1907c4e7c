//! The pipeline between its queues, with everything that can go wrong there.

use crate::outside::{Done, Entrance, NoCrm, Outside};
use crate::paced::{Paced, Pauses};
use crate::queue::Queue;
use crate::world::{Rules, World};
use domain::{Disposition, EffectKey, InboundEvent};
use identity_match::IdentityMatch;
use jiff::{SignedDuration, Timestamp};
use outbound_delivery::OutboundDelivery;
use runtime::memory::Schedules;
use runtime::{About, Clock, FixedClock, Parcel, QueueStep, Settled, StepFailure};
use state::memory::{Fault, Store};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use support::Dice;
use tag_update::TagUpdate;
use trigger_dispatcher::TriggerDispatcher;

/// When every run begins, in seconds since 1970.
pub(crate) const START: i64 = 1_790_000_000;

/// How long SQS keeps a taken message from others: no less than in `template.yaml`.
const INVISIBLE: SignedDuration = SignedDuration::from_secs(360);

/// How long a function may run: no less than in `template.yaml`.
const LONGEST_RUN: SignedDuration = SignedDuration::from_secs(60);

/// No worker stops more often than this.
const STOPS: usize = 16;

/// How much goes wrong, in percent of the tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) seed: u64,
    /// A handled message meets a fault at one of its next writes or sends.
    pub(crate) faults: u8,
    /// A settled message is handed out again.
    pub(crate) repeats: u8,
    /// The worker dies somewhere between its requests, and the message comes again.
    pub(crate) deaths: u8,
    /// The worker freezes somewhere between its requests and wakes some time after; meanwhile
    /// another has taken the message.
    pub(crate) freezes: u8,
}

impl Trouble {
    pub(crate) const NONE: Self = Self { seed: 0, faults: 0, repeats: 0, deaths: 0, freezes: 0 };
}

/// How long a run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Until {
    /// Until the last event and what it sets off is done with; no timer rings any more.
    LastEvent,
    /// Until the last timer has rung.
    LastTimer,
}

/// What a worker says at its end.
type Said = (About, Result<Settled, StepFailure>);
type Worker = Pin<Box<dyn Future<Output = Said>>>;
type Delivery = OutboundDelivery<Paced, Outside, Store, Rc<FixedClock>>;

/// A worker that stands still.
struct Frozen {
    worker: Worker,
    began: Timestamp,
}

pub(crate) struct Run {
    dice: Dice,
    trouble: Trouble,
    store: Store,
    rules: Rules,
    clock: Rc<FixedClock>,
    schedules: Schedules,
    until: Until,
    /// How long a turn takes, at most, in seconds.
    pace: usize,
    queues: [Rc<RefCell<Queue>>; 4],
    faults: [Rc<Cell<Option<Fault>>>; 4],
    done: Rc<RefCell<Done>>,
    /// The process that delivers while all is well: it remembers its passes.
    delivery: Rc<Delivery>,
    frozen: Vec<Frozen>,
    parked: BTreeSet<EffectKey>,
}

impl Run {
    pub(crate) fn new(rules: Rules, trouble: Trouble, until: Until, events: usize) -> Self {
        let (store, done) = (Store::default(), Rc::<RefCell<Done>>::default());
        let clock = Rc::new(FixedClock::new(Timestamp::from_second(START).unwrap()));
        let delivery = delivery(&store, &done, &rules, &clock, Pauses(false));
        Self {
            dice: Dice(trouble.seed),
            trouble,
            store,
            rules,
            clock,
            schedules: Schedules::default(),
            until,
            // However many there are, they take some days: longer than any rule rests.
            pace: 1 + 100_000 / (events + 1),
            queues: Default::default(),
            faults: Default::default(),
            done,
            delivery,
            frozen: Vec::new(),
            parked: BTreeSet::new(),
        }
    }

    pub(crate) fn end(self) -> World {
        World { contents: self.store.contents(), done: self.done.take(), parked: self.parked }
    }

    /// Runs until every queue is empty and nobody is frozen.
    pub(crate) async fn through(&mut self, events: &[InboundEvent]) {
        for event in events {
            let parcel = Parcel::new(event.queue_group(), event.id.as_str(), event).unwrap();
            self.queues[0].borrow_mut().push(parcel);
        }
        for turn in 0.. {
            assert!(turn < 1_000 * (events.len() + 10), "the pipeline does not come to rest");
            let seconds = 1 + self.dice.below(self.pace);
            self.pass(SignedDuration::from_secs(i64::try_from(seconds).unwrap()));
            if let Some((step, parcel)) = self.pick() {
                self.turn(step, parcel).await;
            } else if !self.frozen.is_empty() {
                self.wake().await;
            } else if let Some(next) = self.next_at() {
                self.clock.set(next.max(self.clock.now()));
            } else if !self.ring() {
                break;
            }
            if self.dice.percent(20) {
                self.wake().await;
            }
        }
    }

    /// Lets the next timer's call come. Returns whether there was one.
    fn ring(&self) -> bool {
        if self.until == Until::LastEvent {
            return false;
        }
        let Some(wake) = self.schedules.pop(Timestamp::MAX) else { return false };
        self.clock.set(self.clock.now().max(wake.at));
        let deduplication = wake.id.to_string();
        let parcel = Parcel { group: wake.group, deduplication, body: wake.body };
        self.queues[1].borrow_mut().push(parcel);
        true
    }

    fn pass(&self, time: SignedDuration) {
        self.clock.set(self.clock.now().checked_add(time).unwrap());
    }

    /// The first message of some group of some queue.
    fn pick(&mut self) -> Option<(usize, Parcel)> {
        let (now, first) = (self.clock.now(), self.dice.below(4));
        (first..4).chain(0..first).find_map(|step| {
            Some((step, self.queues[step].borrow_mut().take(now, &mut self.dice)?))
        })
    }

    fn next_at(&self) -> Option<Timestamp> {
        self.queues.iter().filter_map(|queue| queue.borrow().next_at()).min()
    }

    /// Hands a message to a worker, in whatever weather.
    async fn turn(&mut self, step: usize, parcel: Parcel) {
        self.strike(step);
        let (dies, freezes) =
            (self.dice.percent(self.trouble.deaths), self.dice.percent(self.trouble.freezes));
        let mut worker = self.worker(step, parcel.body.clone(), Pauses(dies || freezes));
        let stops = if dies || freezes { self.dice.below(STOPS) } else { usize::MAX };
        let began = self.clock.now();
        if let Some(said) = advance(&mut worker, stops).await {
            return self.settle(step, parcel, said);
        }
        let mut back = began;
        if dies {
            back = began.checked_add(INVISIBLE).unwrap();
        } else {
            self.frozen.push(Frozen { worker, began });
        }
        self.queues[step].borrow_mut().put_back(parcel, back);
    }

    /// Lets a fault wait for a write or for what is sent next.
    fn strike(&mut self, step: usize) {
        if self.dice.percent(self.trouble.faults) {
            let fault = if self.dice.percent(50) { Fault::Before } else { Fault::After };
            let write = self.store.writes() + self.dice.below(3);
            self.store.fail_write(write, fault);
            if self.dice.percent(50) && step < 3 {
                self.faults[step + 1].set(Some(fault));
            }
        }
    }

    /// What becomes of a message whose worker came to an end.
    fn settle(&mut self, step: usize, parcel: Parcel, (about, result): Said) {
        let now = self.clock.now();
        let again = match result {
            Ok(_) => self.dice.percent(self.trouble.repeats).then_some(now),
            Err(StepFailure { disposition: Disposition::Retry { after }, .. }) => {
                let after = after.unwrap_or(SignedDuration::from_mins(3));
                Some(now.checked_add(after).unwrap())
            }
            Err(StepFailure { disposition: Disposition::Hold { .. }, reason, .. }) => {
                panic!("nothing here waits for the outside: {reason:?}")
            }
            Err(StepFailure { disposition: Disposition::Park, reason, .. }) => {
                assert_eq!(reason.code, "outcome_unknown", "{reason:?}");
                self.parked.extend(about.effect);
                None
            }
        };
        if let Some(at) = again {
            self.queues[step].borrow_mut().put_back(parcel, at);
        }
    }

    /// Somebody who was frozen goes on, whatever has happened since; unless their time is up. What
    /// they say at their end interests nobody: their message is another's.
    async fn wake(&mut self) {
        if self.frozen.is_empty() {
            return;
        }
        let place = self.dice.below(self.frozen.len());
        let Frozen { mut worker, began } = self.frozen.swap_remove(place);
        if self.clock.now().duration_since(began) <= LONGEST_RUN {
            advance(&mut worker, usize::MAX).await;
        }
    }

    /// A process of its own that handles the message.
    fn worker(&self, step: usize, body: String, pauses: Pauses) -> Worker {
        let store = Paced(self.store.clone(), pauses);
        let (rules, clock) = (self.rules.clone(), Rc::clone(&self.clock));
        let next = |step: usize| Entrance {
            queue: Rc::clone(&self.queues[step]),
            fault: Rc::clone(&self.faults[step]),
            pauses,
        };
        match step {
            0 => work(Rc::new(IdentityMatch::new(store, NoCrm, next(1), rules, clock)), body),
            1 => {
                let timers = self.schedules.clone();
                work(Rc::new(TagUpdate::new(store, next(2), timers, rules, clock)), body)
            }
            2 => work(Rc::new(TriggerDispatcher::new(store, next(3), rules, clock)), body),
            _ if pauses.0 => {
                work(delivery(&self.store, &self.done, &self.rules, &clock, pauses), body)
            }
            _ => work(Rc::clone(&self.delivery), body),
        }
    }
}

fn delivery(
    store: &Store,
    done: &Rc<RefCell<Done>>,
    rules: &Rules,
    clock: &Rc<FixedClock>,
    pauses: Pauses,
) -> Rc<Delivery> {
    let (store, outside) = (Paced(store.clone(), pauses), Outside(Rc::clone(done), pauses));
    Rc::new(OutboundDelivery::new(store, outside, rules.clone(), Rc::clone(clock)))
}

fn work<S: QueueStep + 'static>(step: Rc<S>, body: String) -> Worker {
    Box::pin(async move {
        let message = serde_json::from_str(&body).unwrap();
        let about = S::about(&message);
        let result = step.handle(message).await;
        (about, result)
    })
}

/// Lets a worker go on over so many stops; what it says, if it comes to its end.
async fn advance(worker: &mut Worker, stops: usize) -> Option<Said> {
    poll_fn(|context| {
        for _ in 0..=stops {
            if let Poll::Ready(said) = worker.as_mut().poll(context) {
                return Poll::Ready(Some(said));
            }
        }
        Poll::Ready(None)
    })
    .await
}
