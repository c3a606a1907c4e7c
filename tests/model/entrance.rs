//! A worker's ways into queues and schedules.

use crate::queue::Queue;
use crate::weather::Pace;
use runtime::memory::Schedules;
use runtime::{
    Clock, FixedClock, Inlet, Outbox, Parcel, Record, SendError, TimerError, Timers, Wake,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Into a queue, which may fail before or after it took a message.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    pub(crate) queue: Rc<RefCell<Queue>>,
    pub(crate) time: Rc<FixedClock>,
    pub(crate) pace: Pace,
    /// Whether what is sent may arrive torn.
    pub(crate) frail: bool,
}

impl Outbox for Entrance {
    async fn send_all(&self, parcels: Vec<Parcel>) -> Result<(), SendError> {
        for mut parcel in parcels {
            let taken = async {
                if self.frail {
                    parcel.body = self.pace.weather.carry(parcel.body);
                }
                self.queue.borrow_mut().push(parcel, self.time.now());
                Ok(())
            };
            self.pace.around(taken).await?;
        }
        Ok(())
    }
}

/// Back into the queue that a message came from.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) pace: Pace,
    /// For how many seconds the step wants its message to stay away.
    pub(crate) wait: Rc<Cell<Option<i32>>>,
}

impl Inlet for Way {
    async fn wait(&self, _: &Record, seconds: i32) -> bool {
        let asked = async {
            self.wait.set(Some(seconds));
            Ok::<_, SendError>(())
        };
        self.pace.around(asked).await.is_ok()
    }

    async fn delete(&self, _: &Record) {}
}

/// To the scheduler.
#[derive(Clone, Debug)]
pub(crate) struct Bells(pub(crate) Schedules, pub(crate) Pace);

impl Timers for Bells {
    async fn set(&self, wake: Wake) -> Result<(), TimerError> {
        self.1.around(self.0.set(wake)).await
    }
}
