//! Who may call a destination now.

use delivery::{Circuit, Outcome, Pass, Policy, Refusal, Share};
use jiff::{SignedDuration, Timestamp};
use runtime::{Clock, Measure, Metric, StepFailure, count, measure};
use state::{Admission, Controls, Swapped, admit};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use tokio::sync::Mutex;
use tracing::{info, warn};

/// How often a lost race to tell an outcome is run again: all workers write to one record.
const RACES: usize = 20;

/// This worker's share of each destination.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    places: RefCell<BTreeMap<String, Rc<Place>>>,
}

#[derive(Debug, Default)]
struct Place {
    /// Held while the shared record is replaced: the effects that wait behind find their passes in
    /// what the first of them was granted.
    share: Mutex<Share>,
    waiting: Cell<u32>,
}

/// One that waits for a pass, until it is dropped: it may be given up at any moment.
struct Waits<'p>(&'p Place);

impl<'p> Waits<'p> {
    fn behind(place: &'p Place) -> Self {
        place.waiting.set(place.waiting.get() + 1);
        Self(place)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get() - 1);
    }
}

/// An effect before a destination.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    pub(crate) destination: &'a str,
    pub(crate) policy: &'a Policy,
    /// What the effect is told apart by from others that wait.
    pub(crate) key: &'a str,
}

impl Gate {
    /// A pass, or how long to wait for one. While a worker holds passes, or knows until when there
    /// are none, it asks nobody.
    pub(crate) async fn enter(
        &self,
        store: &impl Controls,
        clock: &impl Clock,
        visit: Visit<'_>,
    ) -> Result<Pass, StepFailure> {
        let place = self.place(visit.destination);
        let _waits = Waits::behind(&place);
        let mut share = place.share.lock().await;
        Self::pass(&mut share, place.waiting.get(), store, clock, visit).await
    }

    async fn pass(
        share: &mut Share,
        waiting: u32,
        store: &impl Controls,
        clock: &impl Clock,
        visit: Visit<'_>,
    ) -> Result<Pass, StepFailure> {
        let before = share.seen().version;
        let name = visit.destination;
        let admission = admit(store, name, visit.policy, share, waiting, || clock.now()).await?;
        if share.seen().version != before
            && let Some(percent) = share.seen().quota_percent_left(visit.policy)
        {
            measure(Measure::QuotaLeft { destination: name, percent });
        }
        match admission {
            Admission::Passed(pass) => Ok(pass),
            Admission::Refused(refusal) => Err(refused(refusal, visit, clock.now())),
            Admission::Contended => {
                Err(StepFailure::retry("destination_contended", "other workers keep asking for it"))
            }
        }
    }

    /// Gives a pass back, and tells the other workers what they have to know. Where the store does
    /// not take it, they find out for themselves.
    pub(crate) async fn leave(
        &self,
        store: &impl Controls,
        clock: &impl Clock,
        visit: Visit<'_>,
        pass: &Pass,
        outcome: Outcome,
    ) {
        let place = self.place(visit.destination);
        let mut share = place.share.lock().await;
        share.leave(pass, outcome);
        for _ in 0..RACES {
            let Some(after) = share.told(visit.policy, pass, outcome, clock.now()) else { return };
            match store.swap_control(visit.destination, &after).await {
                Ok(Swapped::Written) => {
                    log(visit.destination, share.seen().circuit, after.circuit);
                    share.heard(after);
                    return;
                }
                Ok(Swapped::Lost(control)) => share.learned(*control),
                Err(source) => {
                    warn!(destination = visit.destination, %source, "an outcome was not told");
                    return;
                }
            }
        }
    }

    fn place(&self, destination: &str) -> Rc<Place> {
        let mut places = self.places.borrow_mut();
        Rc::clone(places.entry(destination.to_owned()).or_default())
    }
}

fn log(destination: &str, before: Circuit, after: Circuit) {
    match (before, after) {
        (Circuit::Closed | Circuit::Probing { .. }, Circuit::Open { until, failed_probes }) => {
            count(Metric::BreakerOpened(destination), 1);
            warn!(destination, %until, failed_probes, "the destination is left alone");
        }
        (Circuit::Probing { .. }, Circuit::Closed) => info!(destination, "it is back"),
        (
            Circuit::Closed | Circuit::Open { .. } | Circuit::Probing { .. },
            Circuit::Closed | Circuit::Open { .. } | Circuit::Probing { .. },
        ) => {}
    }
}

fn refused(refusal: Refusal, visit: Visit<'_>, now: Timestamp) -> StepFailure {
    let seconds = SignedDuration::from_secs;
    let (code, detail, until, spread) = match refusal {
        Refusal::Open { until } => {
            let detail = "the destination keeps failing, and is left alone for a while";
            ("destination_open", detail, until, visit.policy.breaker.open)
        }
        Refusal::OverRate { until } => {
            ("destination_over_rate", "its configured rate is used up", until, seconds(5))
        }
        Refusal::QuotaSpent { until } => {
            measure(Measure::QuotaLeft { destination: visit.destination, percent: 0 });
            ("destination_quota_spent", "its daily quota is used up", until, seconds(600))
        }
        Refusal::Busy { until } => {
            ("destination_busy", "as many effects are under way as may be", until, seconds(2))
        }
    };
    let held_by = code.split_once('_').map_or(code, |(_, held_by)| held_by);
    count(Metric::HeldBack(visit.destination, held_by), 1);
    let after = until.duration_since(now) + jitter(visit.key, now, spread);
    StepFailure::retry_after(Some(after), code, detail)
}

/// Somewhere within the time, so that what was refused together does not come back together.
fn jitter(key: &str, now: Timestamp, within: SignedDuration) -> SignedDuration {
    let mut hasher = DefaultHasher::new();
    (key, now.as_second()).hash(&mut hasher);
    let millis = u64::try_from(within.as_millis()).unwrap_or(1).max(1);
    SignedDuration::from_millis(i64::try_from(hasher.finish() % millis).unwrap_or(0))
}
