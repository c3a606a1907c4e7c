//! Decides what an event sets off.

mod replay;

use domain::{About, Carried, Effect, Fired, Firing, Outbound, Step, Tagged, queue_group};
use rules::{Later, RuleSet};
use runtime::{Clock, Outbox, Parcel, QueueStep, RuleBook, SendError, Settled, StepFailure};
use state::{Dispatch, Firings, Ledger, Replays, Settings, firing_profiles};

/// The step.
#[derive(Debug)]
pub struct TriggerDispatcher<S, O, R, C> {
    store: S,
    next: O,
    rules: RuleBook<R, C>,
    clock: C,
}

impl<S, O, R, C> TriggerDispatcher<S, O, R, C> {
    /// Records decisions in `store`, sends effects to `next`.
    pub fn new(store: S, next: O, rules: RuleBook<R, C>, clock: C) -> Self {
        Self { store, next, rules, clock }
    }
}

/// Grouped by destination and customer: effects on one customer keep their order, and a
/// destination that is down holds up nobody else's.
fn parcel(effect: Effect) -> Result<Parcel, SendError> {
    let group = queue_group(&[&effect.action.destination(), effect.customer.as_str()]);
    let key = effect.key.clone();
    Parcel::new(group, key.as_str(), &Outbound(effect))
}

/// The record of the event's profile with these in it: a firing belongs where its event belongs.
fn remembered(known: Vec<Firings>, tagged: &Tagged, new: &[Firing]) -> Option<Firings> {
    if new.is_empty() {
        return None;
    }
    let own = known.into_iter().find(|firings| firings.profile == tagged.home);
    Some(own.unwrap_or_else(|| Firings::none(tagged.home.clone())).with(new))
}

impl<S: Ledger + Replays, O: Outbox, R: Settings, C: Clock> TriggerDispatcher<S, O, R, C> {
    async fn decide(&self, rules: &RuleSet, tagged: Tagged) -> Result<Settled, StepFailure> {
        let now = self.clock.now();
        let known = if rules.is_limited(&tagged) {
            self.store.firings(&firing_profiles(&tagged)).await?
        } else {
            Vec::new()
        };
        let fired = Fired::of_all(known.iter().map(|firings| &firings.fired));
        let decision = rules.decide(&tagged, now, &fired);
        let firings = remembered(known, &tagged, &decision.firings);
        let decision = Dispatch { effects: decision.effects, refusals: decision.refused, firings };
        let counts = self.store.dispatch(&tagged.event.id, decision, now).await?;
        let parcels = counts.effects.into_iter().map(parcel).collect::<Result<Vec<_>, _>>()?;
        self.next.send_all(parcels).await?;
        Ok(if counts.first { Settled::Fresh } else { Settled::Repeated })
    }
}

impl<S, O, R, C> QueueStep for TriggerDispatcher<S, O, R, C>
where
    S: Ledger + Replays,
    O: Outbox,
    R: Settings,
    C: Clock,
{
    type Message = Carried<Tagged>;
    const STEP: Step = Step::TriggerDispatcher;

    fn about(Carried { message: tagged, .. }: &Self::Message) -> About {
        About {
            source: Some(tagged.event.source.clone()),
            event: Some(tagged.event.id.clone()),
            customer: Some(tagged.customer.id.clone()),
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
        let Carried { message: tagged, replay } = message;
        let rules = self.rules.current().await?;
        match &replay {
            Some(replay) => self.replay(&rules, tagged, replay).await,
            None => self.decide(&rules, tagged).await,
        }
    }
}
