//! Does to the outside world what was decided, each thing once.

mod crm_record;
mod destinations;
mod webhook;

pub use destinations::{Deliver, Destinations, Undelivered};

use domain::{Action, Effect, Outbound, Step};
use jiff::SignedDuration;
use rules::RuleSet;
use runtime::{About, Clock, Metric, QueueStep, RuleBook, Settled, StepFailure, count};
use state::{Claim, Lease, Ledger, Settings, Settlement};

/// Longer than the function's timeout, shorter than the queue's visibility timeout: a worker that
/// still runs is never overtaken, and one that died is taken over at the next receive.
const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// The step.
#[derive(Debug)]
pub struct OutboundDelivery<S, D, R, C> {
    ledger: S,
    destinations: D,
    rules: RuleBook<R, C>,
    clock: C,
}

impl<S: Ledger, D: Deliver, R: Settings, C: Clock> OutboundDelivery<S, D, R, C> {
    /// Claims effects in `ledger`, hands them to `destinations`.
    pub fn new(ledger: S, destinations: D, rules: RuleBook<R, C>, clock: C) -> Self {
        Self { ledger, destinations, rules, clock }
    }

    async fn perform(
        &self,
        rules: &RuleSet,
        lease: Lease,
        effect: &Effect,
    ) -> Result<Settled, StepFailure> {
        if lease.interrupted() && !repeatable(&effect.action) {
            lease.abandon();
            return Err(StepFailure::park("outcome_unknown", LOOK_FIRST));
        }
        match self.destinations.deliver(rules, effect, self.clock.now()).await {
            Ok(receipt) => {
                let done = Settlement::Done { receipt, at: self.clock.now() };
                self.ledger.settle(lease, done).await?;
                count(Metric::Delivered(&effect.action.destination()), 1);
                Ok(Settled::Fresh)
            }
            Err(Undelivered::NotDone(failure)) => {
                self.ledger.settle(lease, Settlement::Released).await?;
                Err(failure)
            }
            Err(Undelivered::Unknown(failure)) => {
                lease.abandon();
                Err(failure)
            }
        }
    }
}

/// What a person does about a text that may have left.
const LOOK_FIRST: &str =
    "an attempt ended without a word: look whether it arrived; `failures retry` sends it again";

/// Whether doing it again after an unknown outcome cannot double it: CRM writes find before they
/// create, a webhook's receiver knows its id. A text that was sent twice was sent twice.
fn repeatable(action: &Action) -> bool {
    match action {
        Action::CrmTag { .. }
        | Action::CrmNote { .. }
        | Action::CrmTicket { .. }
        | Action::Webhook { .. } => true,
        Action::Sms { .. } | Action::Email { .. } => false,
    }
}

impl<S: Ledger, D: Deliver, R: Settings, C: Clock> QueueStep for OutboundDelivery<S, D, R, C> {
    type Message = Outbound;
    const STEP: Step = Step::OutboundDelivery;

    fn about(Outbound(effect): &Outbound) -> About {
        About {
            event: Some(effect.event.clone()),
            customer: Some(effect.customer.clone()),
            effect: Some(effect.key.clone()),
        }
    }

    async fn handle(&self, Outbound(effect): Outbound) -> Result<Settled, StepFailure> {
        // Before the claim: what fails between claim and settlement looks like an interrupted try.
        let rules = self.rules.current().await?;
        let now = self.clock.now();
        match self.ledger.claim(&effect, now, LEASE).await? {
            Claim::Done => Ok(Settled::Repeated),
            Claim::Granted(lease) => self.perform(&rules, lease, &effect).await,
            Claim::Busy { until } => {
                let mut busy = StepFailure::retry("effect_busy", "another worker is at it");
                let after = until.duration_since(now) + SignedDuration::from_secs(1);
                busy.disposition = domain::Disposition::Retry { after: Some(after) };
                Err(busy)
            }
        }
    }
}
