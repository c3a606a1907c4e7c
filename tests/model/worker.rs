//! The processes of the pipeline, each with what surrounds it.

use crate::entrance::{Bells, Entrance, Way};
use crate::moods::Moods;
use crate::outside::{Done, NoCrm, Outside};
use crate::paced::Paced;
use crate::queue::{Message, Queue};
use crate::trouble::Poison;
use crate::weather::{Pace, Weather};
use crate::world::Rules;
use domain::About;
use error_reconciler::{Deployed, ErrorReconciler, Queues};
use futures_util::FutureExt;
use identity_match::IdentityMatch;
use jiff::{SignedDuration, Timestamp};
use outbound_delivery::OutboundDelivery;
use runtime::memory::{Pager, Schedules};
use runtime::{
    Broken, Clock, FixedClock, Hop, Outcome, QueueStep, Record, RecordHandler, Settled, StepFailure,
};
use state::memory::Store;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use tag_update::TagUpdate;
use trigger_dispatcher::TriggerDispatcher;

/// How often a queue hands a message out: as in `template.yaml`.
pub(crate) const MOST_RECEIVES: u32 = 5;

/// The queues' names, in the order of the steps that they feed; their dead letters follow.
const QUEUES: [&str; 4] = ["inbound", "matched", "tagged", "outbound"];

/// A worker's own watch.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) time: Rc<FixedClock>,
    pub(crate) ahead: SignedDuration,
}

impl Watch {
    /// One that is right.
    pub(crate) fn right(time: &Rc<FixedClock>) -> Self {
        Self { time: Rc::clone(time), ahead: SignedDuration::ZERO }
    }
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        self.time.now().checked_add(self.ahead).unwrap_or(Timestamp::MAX)
    }
}

/// What a worker says at its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub(crate) outcome: Outcome,
    /// For how many seconds its message is to stay away.
    pub(crate) wait: Option<i32>,
}

pub(crate) type Worker = Pin<Box<dyn Future<Output = Said>>>;
type Delivery = OutboundDelivery<Paced, Outside, Store, Watch>;
type Reconciler = ErrorReconciler<Paced, Entrance, Store, Pager, Watch>;

/// What a worker is asked to do.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// A message of this queue.
    Message(usize, Message),
    /// The reconciler's minute.
    Tick,
}

/// Everything outside of the processes.
pub(crate) struct Surroundings {
    pub(crate) store: Store,
    pub(crate) rules: Rules,
    pub(crate) time: Rc<FixedClock>,
    pub(crate) schedules: Schedules,
    pub(crate) queues: [Rc<RefCell<Queue>>; 8],
    pub(crate) done: Rc<RefCell<Done>>,
    pub(crate) moods: Rc<RefCell<Moods>>,
    pub(crate) pager: Pager,
    pub(crate) weather: Rc<Weather>,
    pub(crate) build: u32,
}

/// The processes that go on from message to message while all is well: they remember.
pub(crate) struct Lasting {
    delivery: Rc<Delivery>,
    reconciler: Rc<Reconciler>,
}

impl Surroundings {
    pub(crate) fn pace(&self, stops: bool) -> Pace {
        Pace { stops, weather: Rc::clone(&self.weather) }
    }

    fn entrance(&self, queue: usize, pace: &Pace) -> Entrance {
        Entrance {
            queue: Rc::clone(&self.queues[queue]),
            time: Rc::clone(&self.time),
            pace: pace.clone(),
            frail: queue < QUEUES.len(),
        }
    }

    pub(crate) fn lasting(&self) -> Lasting {
        let (pace, watch) = (self.pace(false), Watch::right(&self.time));
        Lasting {
            delivery: Rc::new(self.delivery(&pace, watch.clone())),
            reconciler: Rc::new(self.reconciler(&pace, watch)),
        }
    }

    fn delivery(&self, pace: &Pace, watch: Watch) -> Delivery {
        let (done, moods) = (Rc::clone(&self.done), Rc::clone(&self.moods));
        let outside = Outside { store: self.store.clone(), done, moods, pace: pace.clone() };
        let store = Paced(self.store.clone(), pace.clone());
        OutboundDelivery::new(store, outside, self.rules.clone(), watch)
    }

    fn reconciler(&self, pace: &Pace, watch: Watch) -> Reconciler {
        let queue = |step| self.entrance(step, pace);
        ErrorReconciler {
            store: Paced(self.store.clone(), pace.clone()),
            queues: Queues {
                inbound: queue(0),
                matched: queue(1),
                tagged: queue(2),
                outbound: queue(3),
            },
            rules: self.rules.clone(),
            alarms: self.pager.clone(),
            clock: watch,
            deployed: Deployed::new(self.build.to_string()),
        }
    }

    /// A process that does this, one of the lasting ones where it is not to stop on its way.
    pub(crate) fn worker(
        &self,
        task: &Task,
        stops: bool,
        watch: Watch,
        lasting: &Lasting,
        poison: Option<Poison>,
    ) -> Worker {
        let pace = self.pace(stops);
        let reconciler = || {
            if stops {
                Rc::new(self.reconciler(&pace, watch.clone()))
            } else {
                Rc::clone(&lasting.reconciler)
            }
        };
        let (queue, message) = match task {
            Task::Tick => return tick(reconciler()),
            Task::Message(queue, message) => (*queue, message),
        };
        let record = record(queue, message);
        if queue >= QUEUES.len() {
            return record_letter(reconciler(), record);
        }
        let store = Paced(self.store.clone(), pace.clone());
        let rules = self.rules.clone();
        let (letters, lines) = (self.entrance(queue + 4, &pace), store.clone());
        let hop = Hopping { letters, lines, pace: pace.clone(), poison };
        let next = |step| self.entrance(step, &pace);
        match queue {
            0 => {
                let directory = NoCrm(Some((Rc::clone(&self.moods), pace.clone())));
                hop.over(
                    Rc::new(IdentityMatch::new(store, directory, next(1), rules, watch)),
                    record,
                )
            }
            1 => {
                let bells = Bells(self.schedules.clone(), pace.clone());
                hop.over(Rc::new(TagUpdate::new(store, next(2), bells, rules, watch)), record)
            }
            2 => hop.over(Rc::new(TriggerDispatcher::new(store, next(3), rules, watch)), record),
            _ if stops => hop.over(Rc::new(self.delivery(&pace, watch)), record),
            _ => hop.over(Rc::clone(&lasting.delivery), record),
        }
    }
}

fn record(queue: usize, message: &Message) -> Record {
    let (name, suffix) = (QUEUES[queue % QUEUES.len()], queue / QUEUES.len());
    Record {
        id: message.id.clone(),
        receipt: String::new(),
        group: message.parcel.group.clone(),
        receives: message.receives,
        sent_at: message.sent_at,
        queue: format!("model-{name}{}.fifo", ["", "-dead-letter"][suffix]),
        body: message.parcel.body.clone(),
    }
}

fn tick(reconciler: Rc<Reconciler>) -> Worker {
    Box::pin(async move {
        reconciler.tick().await;
        Said { outcome: Outcome::Delete, wait: None }
    })
}

fn record_letter(reconciler: Rc<Reconciler>, record: Record) -> Worker {
    Box::pin(async move { Said { outcome: reconciler.settle(&record).await, wait: None } })
}

/// What a step has around it.
struct Hopping {
    letters: Entrance,
    lines: Paced,
    pace: Pace,
    poison: Option<Poison>,
}

impl Hopping {
    fn over<S: QueueStep + 'static>(self, step: Rc<S>, record: Record) -> Worker {
        let Self { letters, lines, pace, poison } = self;
        let wait = Rc::<Cell<Option<i32>>>::default();
        let way = Way { pace, wait: Rc::clone(&wait) };
        let hop = Hop::over(Flawed { step, poison }, lines, way, letters, MOST_RECEIVES);
        Box::pin(async move {
            let settling = AssertUnwindSafe(hop.settle(&record)).catch_unwind();
            let outcome = match settling.await {
                Ok(outcome) => outcome,
                Err(_) => hop.broke(&record, Broken::Panicked).await,
            };
            Said { outcome, wait: wait.take() }
        })
    }
}

/// A step with a bug.
struct Flawed<S> {
    step: Rc<S>,
    poison: Option<Poison>,
}

impl<S: QueueStep> QueueStep for Flawed<S> {
    type Message = S::Message;
    const STEP: domain::Step = S::STEP;

    fn about(message: &S::Message) -> About {
        S::about(message)
    }

    fn config(&self) -> Option<u64> {
        self.step.config()
    }

    async fn keeps_order(&self, message: Option<&S::Message>) -> Result<bool, StepFailure> {
        self.step.keeps_order(message).await
    }

    async fn handle(&self, message: S::Message) -> Result<Settled, StepFailure> {
        if self.poison == Some(Poison::PanicsFirst) {
            resume_unwind(Box::new("a bug"));
        }
        let settled = self.step.handle(message).await;
        if self.poison == Some(Poison::PanicsLast) {
            resume_unwind(Box::new("a bug"));
        }
        settled
    }
}
