//! Writes an event into its customer's history, counters, facts and tags.

use domain::{Customer, Matched, Step, Tagged};
use rules::RuleSet;
use runtime::{About, Clock, Outbox, Parcel, QueueStep, RuleBook, Settled, StepFailure};
use state::{Application, EventRecord, Settings, Stage, Timeline, TimelineEntry};

/// How often a lost race is run again before the message waits for its next turn.
const RACES: usize = 5;

/// The step.
#[derive(Debug)]
pub struct TagUpdate<S, O, R, C> {
    store: S,
    next: O,
    rules: RuleBook<R, C>,
}

impl<S: Timeline, O: Outbox, R: Settings, C: Clock> TagUpdate<S, O, R, C> {
    /// Writes to `store`, sends to `next`.
    pub fn new(store: S, next: O, rules: RuleBook<R, C>) -> Self {
        Self { store, next, rules }
    }

    async fn forward(&self, tagged: &Tagged) -> Result<(), StepFailure> {
        let (customer, event) = (tagged.customer.id.as_str(), tagged.event.id.as_str());
        Ok(self.next.send(Parcel::new(customer, event, tagged)?).await?)
    }

    /// The event was applied before: what was stored then is what counts now.
    async fn repeat(&self, record: &EventRecord) -> Result<Settled, StepFailure> {
        match record.stage {
            Stage::Applied => {}
            Stage::Tagged => {
                let entry = self.store.entry(record).await?;
                let entry = entry.ok_or_else(|| {
                    StepFailure::park(
                        "timeline_gap",
                        "the ledger knows an event that history lacks",
                    )
                })?;
                self.forward(&entry.tagged).await?;
            }
        }
        Ok(Settled::Repeated)
    }
}

/// The customer as the event leaves them, with the decisions that it led to.
fn entry(mut customer: Customer, matched: &Matched, rules: &RuleSet) -> TimelineEntry {
    let classification = rules.classify(&matched.event);
    let tags = rules.apply(&mut customer, &matched.event, &classification);
    customer.version += 1;
    TimelineEntry {
        decision: matched.decision.clone(),
        tagged: Tagged { event: matched.event.clone(), customer, classification, tags },
    }
}

impl<S: Timeline, O: Outbox, R: Settings, C: Clock> QueueStep for TagUpdate<S, O, R, C> {
    type Message = Matched;
    const STEP: Step = Step::TagUpdate;

    fn about(matched: &Matched) -> About {
        About {
            event: Some(matched.event.id.clone()),
            customer: Some(matched.customer.clone()),
            effect: None,
        }
    }

    async fn handle(&self, matched: Matched) -> Result<Settled, StepFailure> {
        let rules = self.rules.current().await?;
        for _ in 0..RACES {
            let seen = self.store.load(&matched.customer, &matched.event.id).await?;
            if let Some(record) = &seen.event {
                return self.repeat(record).await;
            }
            let customer = seen.customer.ok_or_else(|| {
                StepFailure::park("customer_missing", "the matched customer is not in the store")
            })?;
            let read_version = customer.version;
            let entry = entry(customer, &matched, &rules);
            match self.store.apply(&entry, read_version).await? {
                Application::Applied => {
                    self.forward(&entry.tagged).await?;
                    return Ok(Settled::Fresh);
                }
                Application::Stale => {}
            }
        }
        Err(StepFailure::retry("profile_contended", "other events keep changing this customer"))
    }
}
