//! The pipeline between its queues, with everything that can go wrong there.

use crate::queue::{Message, Queue};
use crate::trouble::{Poison, Trouble};
use crate::worker::{Lasting, MOST_RECEIVES, Said, Surroundings, Task, Watch, Worker};
use crate::world::{Rules, World};
use domain::InboundEvent;
use jiff::{SignedDuration, Timestamp};
use runtime::{Clock, FixedClock, Outcome, Parcel};
use state::Failures;
use state::memory::{Fault, Store};
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use support::Dice;

/// When every run begins, in seconds since 1970.
pub(crate) const START: i64 = 1_790_000_000;

/// How long SQS keeps a taken message from others: no less than in `template.yaml`.
pub(crate) const INVISIBLE: SignedDuration = SignedDuration::from_secs(360);

/// How long a function may run: no less than in `template.yaml`.
const LONGEST_RUN: SignedDuration = SignedDuration::from_secs(60);

/// No worker stops more often than this.
const STOPS: usize = 24;

/// How long a run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Until {
    /// Until the last event and what it sets off is done with; no timer rings any more.
    LastEvent,
    /// Until the last timer has rung.
    LastTimer,
}

/// A worker that stands still.
struct Frozen {
    worker: Worker,
    began: Timestamp,
}

pub(crate) struct Run {
    pub(crate) dice: Dice,
    pub(crate) trouble: Trouble,
    pub(crate) around: Surroundings,
    pub(crate) lasting: Lasting,
    /// The configurations that come one after the other.
    pub(crate) versions: Vec<Rules>,
    until: Until,
    /// How long a turn takes, at most, in seconds.
    pace: usize,
    frozen: Vec<Frozen>,
    /// Events that come as a timer rings.
    late: Vec<InboundEvent>,
    pub(crate) turns: usize,
    /// Whether nothing goes wrong any more.
    pub(crate) calm: bool,
    /// Whether the reconciler has looked for what the last version mends.
    pub(crate) looked: bool,
}

impl Run {
    pub(crate) fn new(versions: &[Rules], trouble: Trouble, until: Until, events: usize) -> Self {
        let time = Rc::new(FixedClock::new(Timestamp::from_second(START).unwrap()));
        let queue = |_| Rc::new(RefCell::new(Queue::new(trouble.drops)));
        let around = Surroundings {
            store: Store::default(),
            rules: versions[0].clone(),
            time,
            schedules: runtime::memory::Schedules::default(),
            queues: [0; 8].map(queue),
            done: Rc::default(),
            moods: Rc::default(),
            pager: runtime::memory::Pager::default(),
            weather: Rc::default(),
            build: 1,
        };
        around.moods.borrow_mut().declines = usize::from(trouble.declines);
        Self {
            dice: Dice(trouble.seed),
            lasting: around.lasting(),
            around,
            trouble,
            versions: versions[1..].to_vec(),
            until,
            // However many there are, they take some days: longer than any rule rests.
            pace: trouble.pace.unwrap_or(1 + 100_000 / (events + 1)),
            frozen: Vec::new(),
            late: Vec::new(),
            turns: 0,
            calm: false,
            looked: false,
        }
    }

    pub(crate) fn end(self) -> World {
        let Surroundings { store, done, weather, .. } = self.around;
        World::new(store.contents(), done.take(), &weather)
    }

    /// Keeps events back until timers ring, one for each.
    pub(crate) fn keep_back(&mut self, events: &[InboundEvent]) {
        self.late = events.to_vec();
    }

    /// Hands in events, in the order of their arrival.
    pub(crate) fn accept(&mut self, events: &[InboundEvent]) {
        self.around.weather.counts.borrow_mut().events += events.len() as u64;
        for event in events {
            let parcel = Parcel::new(event.queue_group(), event.id.as_str(), event).unwrap();
            self.around.queues[0].borrow_mut().push(parcel, self.around.time.now());
        }
    }

    /// Runs until every queue is empty, nobody is frozen and no failure waits for its time.
    pub(crate) async fn through(&mut self, events: &[InboundEvent]) {
        self.accept(events);
        for turn in 0.. {
            assert!(turn < 2_000 * (events.len() + 10), "the pipeline does not come to rest");
            let seconds = 1 + self.dice.below(self.pace);
            self.pass(SignedDuration::from_secs(i64::try_from(seconds).unwrap()));
            self.change();
            if let Some(task) = self.pick().await {
                self.turn(task).await;
            } else if !self.frozen.is_empty() {
                self.wake().await;
            } else if let Some(next) = self.next_at().await {
                self.around.time.set(next.max(self.now()));
            } else if self.mend().await {
                self.turn(Task::Tick).await;
            } else if !self.ring() {
                break;
            }
            if self.dice.percent(20) {
                self.wake().await;
            }
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.around.time.now()
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.around.time.set(self.now().checked_add(time).unwrap());
    }

    /// Lets the next timer's call come. Returns whether there was one.
    pub(crate) fn ring(&mut self) -> bool {
        if self.until == Until::LastEvent {
            return false;
        }
        let late = self.late.pop();
        self.accept(late.as_slice());
        let Some(wake) = self.around.schedules.pop(Timestamp::MAX) else { return late.is_some() };
        self.around.time.set(self.now().max(wake.at));
        let deduplication = wake.id.to_string();
        let parcel = Parcel { group: wake.group, deduplication, body: wake.body };
        self.around.queues[1].borrow_mut().push(parcel, self.now());
        true
    }

    /// The reconciler's minute, where a failure is due; or the first message of some group of some
    /// queue. What was handed out too often goes to the dead letters instead, bare.
    async fn pick(&mut self) -> Option<Task> {
        let now = self.now();
        let minute = self.trouble.turns < usize::MAX && self.dice.percent(5);
        if minute || self.due_at().await.is_some_and(|at| at <= now) {
            return Some(Task::Tick);
        }
        let first = self.dice.below(8);
        for queue in (first..8).chain(0..first) {
            loop {
                let taken = self.around.queues[queue].borrow_mut().take(now, &mut self.dice);
                let Some(message) = taken else { break };
                if queue >= 4 || message.receives <= MOST_RECEIVES {
                    return Some(Task::Message(queue, message));
                }
                self.bury(queue, message);
            }
        }
        None
    }

    /// The queue itself moves a message to its dead letters.
    pub(crate) fn bury(&self, queue: usize, message: Message) {
        let Message { id, parcel, .. } = message;
        let letter = Parcel { deduplication: id, ..parcel };
        self.around.queues[queue + 4].borrow_mut().push(letter, self.now());
    }

    /// When the next failure wants to be tried again.
    async fn due_at(&self) -> Option<Timestamp> {
        let store = &self.around.store;
        let first = store.failures_in("waiting", Timestamp::MAX, 1).await.unwrap();
        let failure = store.failure(first.first()?).await.unwrap()?;
        failure.record.state.retry_at()
    }

    async fn next_at(&self) -> Option<Timestamp> {
        let queues = self.around.queues.iter();
        queues.filter_map(|queue| queue.borrow().next_at()).chain(self.due_at().await).min()
    }

    /// Has a worker do something, in whatever weather.
    async fn turn(&mut self, task: Task) {
        let trouble = if self.calm { Trouble::NONE } else { self.trouble };
        self.strike(trouble);
        let mut dies = self.dice.percent(trouble.deaths);
        let freezes = self.dice.percent(trouble.freezes);
        let poison = self.poison(&task, trouble);
        dies |= poison == Some(Poison::Kills);
        let watch = self.watch(trouble);
        let stops = dies || freezes;
        let mut worker = self.around.worker(&task, stops, watch, &self.lasting, poison);
        let most = if stops { self.dice.below(STOPS) } else { usize::MAX };
        let began = self.now();
        if let Some(said) = advance(&mut worker, most).await {
            return self.settle(task, said, trouble);
        }
        let mut back = began;
        if dies {
            self.around.weather.count("worker_killed");
            back = began.checked_add(INVISIBLE).unwrap();
        } else {
            self.around.weather.count("worker_frozen");
            self.frozen.push(Frozen { worker, began });
        }
        self.put_back(task, back);
    }

    /// What is wrong with a message, as long as the first version runs.
    fn poison(&self, task: &Task, trouble: Trouble) -> Option<Poison> {
        let (Task::Message(queue @ 0..4, message), 1) = (task, self.around.build) else {
            return None;
        };
        let poison = trouble.poison(*queue, &message.parcel.body)?;
        self.around.weather.count(match poison {
            Poison::PanicsFirst | Poison::PanicsLast => "worker_panicked",
            Poison::Kills => "worker_poisoned",
        });
        Some(poison)
    }

    pub(crate) fn put_back(&self, task: Task, at: Timestamp) {
        if let Task::Message(queue, message) = task {
            self.around.queues[queue].borrow_mut().put_back(message, at);
        }
    }

    /// Lets faults wait for what comes next.
    fn strike(&mut self, trouble: Trouble) {
        if self.dice.percent(trouble.faults) {
            let fault = if self.dice.percent(50) { Fault::Before } else { Fault::After };
            self.around.weather.arm(self.dice.below(8), fault);
        }
        if self.dice.percent(trouble.tears) {
            self.around.weather.tear_next();
        }
    }

    fn watch(&mut self, trouble: Trouble) -> Watch {
        let mut watch = Watch::right(&self.around.time);
        if trouble.skews {
            self.around.weather.count("clock_skewed");
            let seconds = i64::try_from(self.dice.below(1_201)).unwrap() - 600;
            watch.ahead = SignedDuration::from_secs(seconds);
        }
        watch
    }

    /// What becomes of a message whose worker came to an end.
    pub(crate) fn settle(&mut self, task: Task, said: Said, trouble: Trouble) {
        let Task::Message(queue, message) = task else { return };
        let now = self.now();
        let mut place = self.around.queues[queue].borrow_mut();
        match said.outcome {
            Outcome::Delete if !self.dice.percent(trouble.repeats) => {}
            Outcome::Delete => {
                self.around.weather.count("message_repeated");
                place.put_back(Message { receives: 0, ..message }, now);
            }
            Outcome::Keep if self.dice.percent(trouble.delays) => {
                self.around.weather.count("message_reordered");
                place.put_behind(message);
            }
            Outcome::Keep => {
                let wait =
                    said.wait.map_or(INVISIBLE, |wait| SignedDuration::from_secs(wait.into()));
                place.put_back(message, now.checked_add(wait).unwrap());
            }
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
        if self.now().duration_since(began) <= LONGEST_RUN {
            advance(&mut worker, usize::MAX).await;
        }
    }

    /// A worker for a task, in good weather, that stops between its requests.
    pub(crate) fn stopping(&self, task: &Task) -> Worker {
        let watch = Watch::right(&self.around.time);
        self.around.worker(task, true, watch, &self.lasting, None)
    }

    /// Takes the next message of a queue.
    pub(crate) fn take(&mut self, queue: usize) -> Option<Task> {
        let now = self.now();
        let message = self.around.queues[queue].borrow_mut().take(now, &mut self.dice)?;
        Some(Task::Message(queue, message))
    }
}

/// Lets a worker go on over so many stops; what it says, if it comes to its end.
pub(crate) async fn advance(worker: &mut Worker, stops: usize) -> Option<Said> {
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
