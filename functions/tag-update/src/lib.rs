//! Writes an event into its customer's history, counters, facts, tags and consent.

mod replay;
mod timers;

use domain::{About, Carried, Class, Customer, EventKind, Matched, Step, Tagged};
use identity::Group;
use rules::{Later, Regarded, RuleSet};
use runtime::{
    Clock, Metric, Outbox, Parcel, QueueStep, RuleBook, Settled, StepFailure, Timers, count,
};
use state::{
    Application, Applied, Consents, Customers, EventRecord, InGroup, Replays, Settings, Stage,
    Timeline, TimelineEntry,
};
use timers::{Bell, Found};

/// How often a lost race is run again before the message waits for its next turn.
const RACES: usize = 5;

/// The step.
#[derive(Debug)]
pub struct TagUpdate<S, O, T, R, C> {
    store: S,
    next: O,
    timers: T,
    rules: RuleBook<R, C>,
    clock: C,
}

impl<S, O, T, R, C> TagUpdate<S, O, T, R, C>
where
    S: Timeline + Customers + Consents + Replays,
    O: Outbox,
    T: Timers,
    R: Settings,
    C: Clock,
{
    /// Writes to `store`, sends to `next`, and has `timers` wake it.
    pub fn new(store: S, next: O, timers: T, rules: RuleBook<R, C>, clock: C) -> Self {
        Self { store, next, timers, rules, clock }
    }

    /// Whether a ring finds its timer due; if not, it leaves no trace but a metric.
    async fn is_due(
        &self,
        rules: &RuleSet,
        group: &Group,
        ring: &Matched,
    ) -> Result<bool, StepFailure> {
        match timers::find(rules, group, ring) {
            Found::Due => return Ok(true),
            Found::Later(due) => {
                let bell = self.bell(rules);
                bell.set(&ring.customer, &ring.event.topic, due, group.id()).await?;
            }
            Found::Nothing => {}
        }
        count(Metric::WokenInVain(&ring.event.topic), 1);
        Ok(false)
    }

    fn bell(&self, rules: &RuleSet) -> Bell<'_, T, C> {
        Bell { timers: &self.timers, clock: &self.clock, config_version: rules.version() }
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

    async fn tell_consent(&self, rules: &RuleSet, tagged: &Tagged) -> Result<(), StepFailure> {
        let Tagged { event, classification, customer, .. } = tagged;
        for told in rules.consents(event, classification, customer) {
            self.store.tell_consent(&told).await?;
        }
        Ok(())
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
    customer.wakes.clear();
    customer.remade = None;
    let tagged = Tagged {
        event: matched.event.clone(),
        customer,
        home: home.id.clone(),
        classification,
        tags,
    };
    let (decision, matched_at) = (matched.decision.clone(), matched.matched_at);
    (home, TimelineEntry { decision, tagged, matched_at, replayed: None })
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

impl<S, O, T, R, C> QueueStep for TagUpdate<S, O, T, R, C>
where
    S: Timeline + Customers + Consents + Replays,
    O: Outbox,
    T: Timers,
    R: Settings,
    C: Clock,
{
    type Message = Carried<Matched>;
    const STEP: Step = Step::TagUpdate;

    fn about(Carried { message: matched, .. }: &Self::Message) -> About {
        About {
            source: Some(matched.event.source.clone()),
            event: Some(matched.event.id.clone()),
            customer: Some(matched.customer.clone()),
            ..About::default()
        }
    }

    async fn keeps_order(&self, _: Option<&Self::Message>) -> Result<bool, StepFailure> {
        let rules = self.rules.current().await?;
        Ok(rules.config().later(None) == Later::Wait)
    }

    fn config(&self) -> Option<u64> {
        self.rules.followed()
    }

    async fn handle(&self, message: Self::Message) -> Result<Settled, StepFailure> {
        let Carried { message: mut matched, replay } = message;
        let rules = self.rules.current().await?;
        if let Some(replay) = &replay {
            return Box::pin(self.replay(&rules, &matched, replay)).await;
        }
        let is_ring = matched.event.kind == EventKind::Timer;
        if is_ring {
            matched.event.received_at = self.clock.now();
            matched.decision.config_version = rules.version();
        }
        for _ in 0..RACES {
            let seen = self.store.load(&matched.customer, &matched.event.id).await?;
            if let Some(record) = &seen.event {
                return self.repeat(record).await;
            }
            if is_ring && seen.profile.is_none() {
                // The call outlived its customer, who was erased.
                return Ok(Settled::Repeated);
            }
            let Some((home, group)) = self.group(seen.profile).await? else { continue };
            if is_ring && !self.is_due(&rules, &group, &matched).await? {
                return Ok(Settled::Repeated);
            }
            let out_of_turn = rules
                .take_turn(&matched.event, &group)
                .inspect_err(|invalid| count(Metric::Invalid(&invalid.rule), 1))
                .map_err(|invalid| StepFailure::from(invalid).yielding())?;
            let (mut profile, mut entry) = regard(home, &group, &matched, &rules);
            entry.tagged.event.checks.out_of_turn = out_of_turn;
            let due = rules.timers(&entry.tagged.customer);
            profile.wakes = self.bell(&rules).keep(&profile, due, group.id()).await?;
            // Before the event counts as applied: a repetition does not come this far.
            self.tell_consent(&rules, &entry.tagged).await?;
            let in_group = in_group(&group, &entry);
            let (entry, profile, at) = (&entry, &profile, self.clock.now());
            let applied = Applied { entry, profile, group: in_group, at };
            match self.store.apply(&applied).await? {
                Application::Applied => {
                    for rule in &entry.tagged.event.checks.out_of_turn {
                        count(Metric::Flagged(rule), 1);
                    }
                    self.forward(&entry.tagged).await?;
                    return Ok(Settled::Fresh);
                }
                Application::Stale => {}
            }
        }
        Err(StepFailure::retry("profile_contended", "other events keep changing this customer"))
    }
}
