//! Writes an event into its customer's history, counters, facts and tags.

use domain::{Class, Customer, Matched, Step, Tagged};
use identity::Group;
use rules::{Regarded, RuleSet};
use runtime::{About, Clock, Outbox, Parcel, QueueStep, RuleBook, Settled, StepFailure};
use state::{
    Application, Applied, Customers, EventRecord, InGroup, Settings, Stage, Timeline, TimelineEntry,
};

/// How often a lost race is run again before the message waits for its next turn.
const RACES: usize = 5;

/// The step.
#[derive(Debug)]
pub struct TagUpdate<S, O, R, C> {
    store: S,
    next: O,
    rules: RuleBook<R, C>,
}

impl<S: Timeline + Customers, O: Outbox, R: Settings, C: Clock> TagUpdate<S, O, R, C> {
    /// Writes to `store`, sends to `next`.
    pub fn new(store: S, next: O, rules: RuleBook<R, C>) -> Self {
        Self { store, next, rules }
    }

    async fn forward(&self, tagged: &Tagged) -> Result<(), StepFailure> {
        let (customer, event) = (tagged.customer.id.as_str(), tagged.event.id.as_str());
        Ok(self.next.send(Parcel::new(customer, event, tagged)?).await?)
    }

    /// The customer to whom a profile belongs. None where the two contradict each other, because
    /// they were merged or split between the reads.
    async fn group(
        &self,
        profile: Option<Customer>,
    ) -> Result<Option<(Customer, Group)>, StepFailure> {
        let home = profile.ok_or_else(|| {
            StepFailure::park(
                Class::Data,
                "customer_missing",
                "the matched customer is not in the store",
            )
        })?;
        let membership = &home.membership;
        if membership.merged_into.is_none() && membership.merges.is_empty() {
            return Ok(Some((home.clone(), Group { root: home, members: Vec::new() })));
        }
        let group = self.store.group(&home.id).await?;
        Ok(group.and_then(|group| Some((group.profile(&home.id)?.clone(), group))))
    }

    /// The event was applied before: what was stored then is what counts now.
    async fn repeat(&self, record: &EventRecord) -> Result<Settled, StepFailure> {
        match record.stage {
            Stage::Applied => {}
            Stage::Tagged => {
                let entry = self.store.entry(record).await?;
                let entry = entry.ok_or_else(|| {
                    StepFailure::park(
                        Class::Ours,
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

/// The profile and the customer as the event leaves them, with the decisions that it led to.
fn regard(
    home: Customer,
    group: &Group,
    matched: &Matched,
    rules: &RuleSet,
) -> (Customer, TimelineEntry) {
    let classification = rules.classify(&matched.event);
    let Regarded { home, mut customer, tags } =
        rules.regard(home, group, &matched.event, &classification);
    customer.version += 1;
    let tagged = Tagged {
        event: matched.event.clone(),
        customer,
        home: home.id.clone(),
        classification,
        tags,
    };
    (home, TimelineEntry { decision: matched.decision.clone(), tagged })
}

/// The root's share in what is written, where the profile is not all there is to the customer.
fn in_group<'a>(group: &'a Group, entry: &'a TimelineEntry) -> Option<InGroup<'a>> {
    let alone = group.members.is_empty();
    if alone && group.root.joint_tags.is_none() {
        return None;
    }
    let joint_tags = (!alone).then_some(&entry.tagged.customer.profile.tags);
    Some(InGroup { root: &group.root, joint_tags })
}

impl<S: Timeline + Customers, O: Outbox, R: Settings, C: Clock> QueueStep
    for TagUpdate<S, O, R, C>
{
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
            let Some((home, group)) = self.group(seen.profile).await? else { continue };
            let (profile, entry) = regard(home, &group, &matched, &rules);
            let in_group = in_group(&group, &entry);
            let applied = Applied { entry: &entry, profile: &profile, group: in_group };
            match self.store.apply(&applied).await? {
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
