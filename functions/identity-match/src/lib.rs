//! Finds the customer whom an event concerns.

mod directory;
mod inquiry;
mod moved;
mod resolve;

pub use directory::{CrmDirectory, Directory, Standing};
pub use resolve::resolve;

use domain::{About, Carried, Checks, InboundEvent, Matched, Step};
use rules::RuleSet;
use runtime::{
    Clock, Measure, Metric, Outbox, Parcel, QueueStep, RuleBook, Settled, StepFailure, count,
    in_step, measure,
};
use state::{Identities, Journal, Settings};

/// The step.
#[derive(Debug)]
pub struct IdentityMatch<S, D, O, R, C> {
    store: S,
    directory: D,
    next: O,
    rules: RuleBook<R, C>,
    clock: C,
}

impl<S, D, O, R, C> IdentityMatch<S, D, O, R, C> {
    /// Reads handles from `store`, asks `directory` for strangers, sends to `next`.
    pub fn new(store: S, directory: D, next: O, rules: RuleBook<R, C>, clock: C) -> Self {
        Self { store, directory, next, rules, clock }
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
    type Message = Carried<InboundEvent>;
    const STEP: Step = Step::IdentityMatch;

    fn about(Carried { message: event, .. }: &Self::Message) -> About {
        let source = Some(event.source.clone());
        About { source, event: Some(event.id.clone()), ..About::default() }
    }

    fn config(&self) -> Option<u64> {
        self.rules.followed()
    }

    async fn handle(&self, message: Self::Message) -> Result<Settled, StepFailure> {
        let Carried { message: mut event, replay } = message;
        let rules = self.rules.current().await?;
        match &replay {
            // It was judged when it came, and its history cannot be taken back.
            Some(replay) => in_step(&rules, replay, self.clock.now())?,
            None => judge(&rules, &mut event)?,
        }
        let answer = resolve(&self.store, &self.directory, &rules, &event).await?;
        let (customer, decision) = (answer.home, answer.decision);
        let (outcome, source, id) = (decision.outcome, event.source.clone(), event.id.clone());
        let deduplication = match &replay {
            Some(replay) => format!("{id}-{}", replay.id),
            None => id.to_string(),
        };
        let matched_at = Some(self.clock.now());
        let message = Matched { event, customer, decision, matched_at };
        let matched = Carried { message, replay };
        self.next.send(Parcel::new(answer.customer.as_str(), deduplication, &matched)?).await?;
        count(Metric::Identified(outcome), 1);
        if matched.replay.is_none() {
            count_checks(&matched.message.event.checks);
        }
        measure(Measure::Match { source: &source, outcome });
        Ok(Settled::Fresh)
    }
}

fn judge(rules: &RuleSet, event: &mut InboundEvent) -> Result<(), StepFailure> {
    rules.check(event).map_err(|invalid| {
        count(Metric::Invalid(&invalid.rule), 1);
        invalid.into()
    })
}

fn count_checks(checks: &Checks) {
    for repair in &checks.repairs {
        count(Metric::Corrected(&repair.rule), 1);
    }
    for rule in &checks.flags {
        count(Metric::Flagged(rule), 1);
    }
}
