//! What a replay does to an event that was applied before.

use super::{RACES, TagUpdate};
use domain::{Carried, Customer, CustomerId, Matched, Remade, Replay, Replayed, TagChange, Tagged};
use identity::Group;
use rules::RuleSet;
use runtime::{Clock, Outbox, Parcel, Settled, StepFailure, Timers, in_step};
use state::{
    Application, Consents, Customers, EventRecord, Remaking, Replays, Settings, Timeline,
    TimelineEntry,
};
use tracing::warn;

/// What is known of an event that is to be replayed.
enum Known {
    /// Nothing: its record is forgotten, and its place in history is not where the message says.
    Nothing,
    /// It was erased.
    Erased,
    /// Its place in history.
    Entry(Box<TimelineEntry>),
}

/// A customer made anew.
struct Made {
    /// The profiles, the root first; none where this run has made them already.
    profiles: Vec<Customer>,
    customer: Customer,
    tags: Vec<TagChange>,
}

impl<S, O, T, R, C> TagUpdate<S, O, T, R, C>
where
    S: Timeline + Customers + Consents + Replays,
    O: Outbox,
    T: Timers,
    R: Settings,
    C: Clock,
{
    /// Makes the event's customer anew by the rules in force, the first time that a run comes to
    /// one of its events, and sends the event on where effects are wanted. What is stored of the
    /// event counts, not the message: where nothing is found of it, nothing is done. A run takes its
    /// messages from history, so such an event is not new, and to apply it could be the second time.
    pub(crate) async fn replay(
        &self,
        rules: &RuleSet,
        matched: &Matched,
        replay: &Replay,
    ) -> Result<Settled, StepFailure> {
        in_step(rules, replay, self.clock.now())?;
        for _ in 0..RACES {
            let entry = match self.known(matched).await? {
                Known::Nothing => {
                    let (event, replay) = (matched.event.id.as_str(), replay.id.as_str());
                    warn!(event, replay, "nothing is stored of it: left as it is");
                    return Ok(Settled::Repeated);
                }
                Known::Erased => return Ok(Settled::Repeated),
                Known::Entry(entry) => entry,
            };
            let Some(group) = self.store.group(&entry.tagged.home).await? else {
                return Ok(Settled::Repeated);
            };
            let now = |replayed: &&Replayed| {
                replayed.replay == replay.id && replayed.config_version == rules.version()
            };
            if let Some(replayed) = entry.replayed.as_ref().filter(now) {
                let customer = rules.reunited(&group);
                let tagged = tagged(rules, &entry, customer, replayed.tags.clone());
                self.pass_on(tagged, replay).await?;
                return Ok(Settled::Repeated);
            }
            let mut made = self.make(rules, &group, replay).await?;
            self.keep_timers(rules, &mut made, &entry.tagged.home).await?;
            let tagged = tagged(rules, &entry, made.customer, made.tags);
            self.tell_consent(rules, &tagged).await?;
            let replayed = Replayed {
                replay: replay.id.clone(),
                at: self.clock.now(),
                config_version: rules.version(),
                effects: replay.effects,
                tags: tagged.tags.clone(),
            };
            let joint = (!group.members.is_empty()).then_some(&tagged.customer.profile.tags);
            let remaking = Remaking {
                entry: &entry,
                replayed: &replayed,
                read: (!made.profiles.is_empty()).then_some(&group),
                remade: &made.profiles,
                joint_tags: joint,
            };
            match self.store.remake(&remaking).await? {
                Application::Applied => {
                    self.pass_on(tagged, replay).await?;
                    return Ok(Settled::Fresh);
                }
                Application::Stale => {}
            }
        }
        Err(StepFailure::retry("profile_contended", "other events keep changing this customer"))
    }

    /// The ledger may have forgotten what history keeps.
    async fn known(&self, matched: &Matched) -> Result<Known, StepFailure> {
        let record = self.store.record(&matched.event.id).await?;
        let forgotten = record.is_none();
        let probe = || EventRecord::tagged(&matched.event, &matched.customer, None);
        let record = record.unwrap_or_else(probe);
        if record.customer == CustomerId::erased() {
            return Ok(Known::Erased);
        }
        Ok(match self.store.entry(&record).await? {
            Some(entry) => Known::Entry(Box::new(entry)),
            None if forgotten => Known::Nothing,
            None => Known::Erased,
        })
    }

    async fn make(
        &self,
        rules: &RuleSet,
        group: &Group,
        replay: &Replay,
    ) -> Result<Made, StepFailure> {
        let current = |profile: &Customer| {
            profile.remade.as_ref().is_some_and(|remade| {
                remade.replay == replay.id && remade.config_version == rules.version()
            })
        };
        if group.profiles().all(current) {
            let customer = rules.reunited(group);
            return Ok(Made { profiles: Vec::new(), customer, tags: Vec::new() });
        }
        let remade = |untold| {
            Some(Remade { replay: replay.id.clone(), config_version: rules.version(), untold })
        };
        let mut root = self.make_one(rules, &group.root).await?;
        let mut members = Vec::new();
        for member in &group.members {
            let made = self.make_one(rules, member).await?;
            members.push(Customer { remade: remade(None), ..made });
        }
        let told = RuleSet::told_of(group);
        let made = Group { root: root.clone(), members };
        let mut customer = rules.reunited(&made);
        customer.version += 1;
        let tags = rules.corrections(&told, &customer.profile.tags);
        let untold = (!replay.effects && !tags.is_empty()).then_some(told);
        root.remade = remade(untold);
        let profiles = std::iter::once(root).chain(made.members).collect();
        Ok(Made { profiles, customer, tags })
    }

    async fn make_one(&self, rules: &RuleSet, profile: &Customer) -> Result<Customer, StepFailure> {
        let history = self.store.history(&profile.id).await?;
        Ok(rules.remade(profile, &history))
    }

    async fn keep_timers(
        &self,
        rules: &RuleSet,
        made: &mut Made,
        home: &CustomerId,
    ) -> Result<(), StepFailure> {
        let Made { profiles, customer, .. } = made;
        if let Some(profile) = profiles.iter_mut().find(|profile| profile.id == *home) {
            let due = rules.timers(customer);
            profile.wakes = self.bell(rules).keep(profile, due, &customer.id).await?;
        }
        Ok(())
    }

    /// Without effects there is nothing to decide.
    async fn pass_on(&self, tagged: Tagged, replay: &Replay) -> Result<(), StepFailure> {
        if !replay.effects {
            return Ok(());
        }
        let (customer, event) = (tagged.customer.id.clone(), tagged.event.id.clone());
        let carried = Carried { message: tagged, replay: Some(replay.clone()) };
        let deduplication = format!("{event}-{}", replay.id);
        let parcel = Parcel::new(customer.as_str(), deduplication, &carried)?;
        Ok(self.next.send(parcel).await?)
    }
}

/// The event, with the customer as all of their events have left them.
fn tagged(
    rules: &RuleSet,
    entry: &TimelineEntry,
    mut customer: Customer,
    tags: Vec<TagChange>,
) -> Tagged {
    customer.wakes.clear();
    customer.remade = None;
    let event = entry.tagged.event.clone();
    let classification = rules.classify(&event);
    Tagged { event, customer, home: entry.tagged.home.clone(), classification, tags }
}
