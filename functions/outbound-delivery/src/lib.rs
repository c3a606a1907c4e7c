//! Does to the outside world what was decided, each thing once.

mod attempt;
mod batch;
mod consent;
mod crm_record;
mod destinations;
mod errcode;
mod excerpt;
mod gate;
mod hint;
mod messengers;
mod replicate;
mod tags;
mod tokens;
mod vendor;
mod webhook;
mod wechat;
mod wecom;
mod whatsapp;

pub use batch::Flushed;
pub use destinations::{Deliver, Destinations, Undelivered};
pub use tags::as_they_stand;

use attempt::{LOOK_FIRST, attempted, late, outcome};
use delivery::{Outcome, Policy};
use domain::{About, Action, Class, Effect, Outbound, Step};
use gate::{Gate, Visit};
use jiff::SignedDuration;
use rules::{Later, RuleSet};
use runtime::{Clock, Measure, Metric, QueueStep, RuleBook, Settled, StepFailure, count, measure};
use state::{Claim, Consents, Controls, Lease, Ledger, Settings, Settlement};
use tokio::time::timeout;
use tracing::{error, warn};

/// Longer than the function's timeout, shorter than the queue's visibility timeout: a worker that
/// still runs is never overtaken, and one that died is taken over at the next receive.
const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// The step.
#[derive(Debug)]
pub struct OutboundDelivery<S, D, R, C> {
    store: S,
    destinations: D,
    rules: RuleBook<R, C>,
    clock: C,
    gate: Gate,
}

/// How many batches one minute sends.
const MOST_BATCHES: usize = 50;
/// How long a minute goes on sending them.
const LONGEST_FLUSH: SignedDuration = SignedDuration::from_secs(30);

/// What came of an effect's turn, and what it tells of its destination.
type Turn = (Result<Settled, StepFailure>, Outcome);

impl<S: Ledger + Controls + Consents, D: Deliver, R: Settings, C: Clock>
    OutboundDelivery<S, D, R, C>
{
    /// Claims effects in the store's ledger, hands them to `destinations`.
    pub fn new(store: S, destinations: D, rules: RuleBook<R, C>, clock: C) -> Self {
        Self { store, destinations, rules, clock, gate: Gate::default() }
    }

    async fn take_turn(&self, rules: &RuleSet, policy: &Policy, effect: &Effect) -> Turn {
        let now = self.clock.now();
        let settled = match self.store.claim(effect, now, LEASE).await {
            Ok(Claim::Granted(lease)) => return self.perform(rules, policy, lease, effect).await,
            Ok(Claim::Done) => Ok(Settled::Repeated),
            Ok(Claim::Busy { until }) => {
                let after = until.duration_since(now) + SignedDuration::from_secs(1);
                let busy = "another worker is at it";
                Err(StepFailure::retry_after(Some(after), "effect_busy", busy))
            }
            Err(fault) => Err(fault.into()),
        };
        (settled, Outcome::Unused)
    }

    async fn perform(
        &self,
        rules: &RuleSet,
        policy: &Policy,
        mut lease: Lease,
        effect: &Effect,
    ) -> Turn {
        if lease.interrupted() && !effect.action.is_repeatable() {
            lease.abandon();
            let failure = StepFailure::park(Class::Transient, "outcome_unknown", LOOK_FIRST);
            return (Err(failure), Outcome::Unused);
        }
        let began = self.clock.now();
        let ready = effect.not_before.unwrap_or(effect.decided_at);
        if policy.deadline.is_some_and(|most| began.duration_since(ready) > most) {
            let failure = StepFailure::park(Class::Transient, "effect_overdue", OVERDUE);
            return (self.settle(lease, Settlement::Released, Err(failure)).await, Outcome::Unused);
        }
        match consent::withheld(&self.store, rules, &effect.action).await {
            Ok(None) => {}
            Ok(Some(why)) => {
                let settlement = Settlement::Withheld { why, at: began };
                return (self.settle(lease, settlement, Ok(Settled::Fresh)).await, Outcome::Unused);
            }
            Err(fault) => {
                let failed = self.settle(lease, Settlement::Released, Err(fault.into())).await;
                return (failed, Outcome::Unused);
            }
        }
        let delivering = self.destinations.deliver(rules, effect, began);
        let delivered = timeout(policy.timeout.unsigned_abs(), delivering).await;
        let delivered = delivered.unwrap_or_else(|_| Err(late(&effect.action, policy.timeout)));
        let outcome = outcome(&delivered);
        let at = self.clock.now();
        let attempt = attempted(&delivered, began, at);
        let destination = effect.action.destination();
        if outcome != Outcome::Unused {
            let (failed, took_ms) = (delivered.is_err(), attempt.took_ms);
            measure(Measure::Attempt { destination: &destination, failed, took_ms });
        }
        lease.attempted(attempt);
        let (settlement, result) = match delivered {
            Ok(receipt) => (Settlement::Done { receipt, at }, Ok(Settled::Fresh)),
            Err(Undelivered::NotDone(failure) | Undelivered::Answered { failure, .. }) => {
                (Settlement::Released, Err(failure))
            }
            Err(Undelivered::Unknown(failure)) => (Settlement::InDoubt, Err(failure)),
        };
        if result.is_ok() {
            count(Metric::Delivered(&destination), 1);
        }
        (self.settle(lease, settlement, result).await, outcome)
    }

    /// Sends what is due in batches, while there is any and the time lasts.
    async fn flush(&self) -> Result<(), StepFailure> {
        let rules = self.rules.current().await?;
        let policy = rules.config().delivery(Action::CRM);
        let began = self.clock.now();
        for _ in 0..MOST_BATCHES {
            let now = self.clock.now();
            let due = self.destinations.due(now).await?;
            let Some(first) = due.first() else { break };
            if now.duration_since(began) > LONGEST_FLUSH {
                break;
            }
            let visit = Visit { destination: Action::CRM, policy: &policy, key: &first.record };
            let pass = self.gate.enter(&self.store, &self.clock, visit).await?;
            let called = self.clock.now();
            let flushed = self.destinations.flush(&rules, &due, now).await;
            let counts = flushed.as_ref().copied().unwrap_or_default();
            let told = flushed.map(|_| String::new()).map_err(Undelivered::NotDone);
            let outcome = outcome(&told);
            let was_called = told.is_err() || counts != Flushed::default();
            if was_called && outcome != Outcome::Unused {
                let (failed, took_ms) =
                    (counts.written == 0, attempted(&told, called, self.clock.now()).took_ms);
                measure(Measure::Attempt { destination: Action::CRM, failed, took_ms });
            }
            self.gate.leave(&self.store, &self.clock, visit, &pass, outcome).await;
            told.map_err(|undelivered| undelivered.failure().clone())?;
        }
        Ok(())
    }

    /// Settles the lease; returns the result, unless the ledger failed.
    async fn settle(
        &self,
        lease: Lease,
        settlement: Settlement,
        result: Result<Settled, StepFailure>,
    ) -> Result<Settled, StepFailure> {
        let in_doubt = settlement == Settlement::InDoubt;
        match self.store.settle(lease, settlement).await {
            Ok(()) => result,
            // Without a settlement it stays in doubt, which is what was to be said.
            Err(source) if in_doubt => {
                warn!(%source, "the attempt is not kept");
                result
            }
            Err(fault) => Err(fault.into()),
        }
    }
}

/// What is told of an effect that comes too late.
const OVERDUE: &str =
    "the destination's deadline has passed; lengthen `deadline` and retry it, or discard it";

impl<S: Ledger + Controls + Consents, D: Deliver, R: Settings, C: Clock> QueueStep
    for OutboundDelivery<S, D, R, C>
{
    type Message = Outbound;
    const STEP: Step = Step::OutboundDelivery;

    fn about(Outbound(effect): &Outbound) -> About {
        About {
            source: None,
            destination: Some(effect.action.destination()),
            event: Some(effect.event.clone()),
            customer: Some(effect.customer.clone()),
            effect: Some(effect.key.clone()),
        }
    }

    async fn keeps_order(&self, message: Option<&Outbound>) -> Result<bool, StepFailure> {
        let rules = self.rules.current().await?;
        let destination = message.map(|Outbound(effect)| effect.action.destination());
        Ok(rules.config().later(destination.as_deref()) == Later::Wait)
    }

    fn config(&self) -> Option<u64> {
        self.rules.followed()
    }

    async fn handle(&self, Outbound(effect): Outbound) -> Result<Settled, StepFailure> {
        if let Some(wait) = effect.not_before.map(|at| at.duration_since(self.clock.now()))
            && wait.is_positive()
        {
            let quiet = "it waits for the end of quiet hours";
            return Err(StepFailure::retry_after(Some(wait), "not_yet", quiet));
        }
        // Before the claim: what fails between claim and settlement looks like an interrupted try.
        let rules = self.rules.current().await?;
        let destination = effect.action.destination();
        let policy = rules.config().delivery(&destination);
        let visit = Visit { destination: &destination, policy: &policy, key: effect.key.as_str() };
        let pass = self.gate.enter(&self.store, &self.clock, visit).await?;
        let (settled, outcome) = self.take_turn(&rules, &policy, &effect).await;
        self.gate.leave(&self.store, &self.clock, visit, &pass, outcome).await;
        settled
    }

    async fn tick(&self) {
        if let Err(StepFailure { reason, class, .. }) = self.flush().await {
            count(Metric::Failed(Self::STEP, class), 1);
            error!(code = reason.code, detail = reason.detail, "batches wait for the next minute");
        }
    }
}
