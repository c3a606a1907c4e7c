//! Finds the customer whom an event concerns.

mod directory;
mod inquiry;
mod moved;
mod resolve;

pub use directory::{CrmDirectory, Directory, Standing};
pub use resolve::resolve;

use domain::{InboundEvent, Matched, Step};
use runtime::{
    About, Clock, Measure, Metric, Outbox, Parcel, QueueStep, RuleBook, Settled, StepFailure,
    count, measure,
};
use state::{Identities, Journal, Settings};

/// The step.
#[derive(Debug)]
pub struct IdentityMatch<S, D, O, R, C> {
    store: S,
    directory: D,
    next: O,
    rules: RuleBook<R, C>,
}

impl<S, D, O, R, C> IdentityMatch<S, D, O, R, C> {
    /// Reads handles from `store`, asks `directory` for strangers, sends to `next`.
    pub fn new(store: S, directory: D, next: O, rules: RuleBook<R, C>) -> Self {
        Self { store, directory, next, rules }
    }
}

impl<S, D, O, R, C> QueueStep for IdentityMatch<S, D, O, R, C>
where
    S: Identities + Journal,
    D: Directory,
    O: Outbox,
    R: Settings,
    C: Clock,
{
    type Message = InboundEvent;
    const STEP: Step = Step::IdentityMatch;

    fn about(event: &InboundEvent) -> About {
        About { event: Some(event.id.clone()), ..About::default() }
    }

    async fn handle(&self, mut event: InboundEvent) -> Result<Settled, StepFailure> {
        let rules = self.rules.current().await?;
        if let Err(invalid) = rules.check(&mut event) {
            count(Metric::Invalid(&invalid.rule), 1);
            return Err(invalid.into());
        }
        let answer = resolve(&self.store, &self.directory, &rules, &event).await?;
        let matched = Matched { event, customer: answer.home, decision: answer.decision };
        let parcel = Parcel::new(answer.customer.as_str(), matched.event.id.as_str(), &matched)?;
        self.next.send(parcel).await?;
        let outcome = matched.decision.outcome;
        count(Metric::Identified(outcome), 1);
        for repair in &matched.event.checks.repairs {
            count(Metric::Repaired(&repair.rule), 1);
        }
        for rule in &matched.event.checks.flags {
            count(Metric::Flagged(rule), 1);
        }
        measure(Measure::Match { source: &matched.event.source, outcome });
        Ok(Settled::Fresh)
    }
}
