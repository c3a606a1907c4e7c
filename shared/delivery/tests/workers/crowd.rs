//! Several workers, and the record that they replace in turn.

use delivery::{Breaker, Control, Outcome, Pass, Policy, Refusal, Share};
use jiff::{SignedDuration, Timestamp};

/// 2026-09-21T14:13:20Z.
pub(crate) const START: Timestamp = Timestamp::constant(1_790_000_000, 0);

pub(crate) const BREAKER: Breaker = Breaker {
    failures: 5,
    share: 50,
    window: SignedDuration::from_mins(1),
    open: SignedDuration::from_secs(30),
};

pub(crate) const FREE: Policy = Policy {
    rate: None,
    quota: None,
    concurrency: None,
    timeout: SignedDuration::from_secs(8),
    deadline: None,
    breaker: BREAKER,
};

pub(crate) const FAILED: Outcome = Outcome::Failed { asked: None };

/// The record, and each worker's own view of it. It counts what a store would be asked.
pub(crate) struct Crowd {
    policy: Policy,
    record: Control,
    workers: Vec<Share>,
    pub(crate) requests: usize,
    pub(crate) now: Timestamp,
}

impl Crowd {
    pub(crate) fn new(policy: Policy, workers: usize) -> Self {
        let workers = (0..workers).map(|_| Share::default()).collect();
        Self { policy, record: Control::default(), workers, requests: 0, now: START }
    }

    pub(crate) fn pass(&mut self, time: SignedDuration) {
        self.now += time;
    }

    /// The write that a store makes or refuses.
    fn swap(&mut self, after: &Control) -> Option<Control> {
        self.requests += 1;
        if after.version == self.record.version + 1 {
            self.record = after.clone();
            return None;
        }
        Some(self.record.clone())
    }

    pub(crate) fn enter(&mut self, worker: usize) -> Result<Pass, Refusal> {
        loop {
            if let Some(pass) = self.workers[worker].enter(self.now) {
                return Ok(pass);
            }
            let (after, grant) = self.workers[worker].ask(&self.policy, 1, self.now)?;
            match self.swap(&after) {
                None => self.workers[worker].granted(after, grant),
                Some(newer) => self.workers[worker].learned(newer),
            }
        }
    }

    pub(crate) fn leave(&mut self, worker: usize, pass: &Pass, outcome: Outcome) {
        self.workers[worker].leave(pass, outcome);
        while let Some(after) = self.workers[worker].told(&self.policy, pass, outcome, self.now) {
            match self.swap(&after) {
                None => return self.workers[worker].heard(after),
                Some(newer) => self.workers[worker].learned(newer),
            }
        }
    }

    /// One effect from beginning to end.
    pub(crate) fn call(&mut self, worker: usize, outcome: Outcome) -> Result<(), Refusal> {
        let pass = self.enter(worker)?;
        self.leave(worker, &pass, outcome);
        Ok(())
    }
}
