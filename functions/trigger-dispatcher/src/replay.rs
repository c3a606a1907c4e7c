//! What a replay adds to what was decided about an event.

use super::{TriggerDispatcher, parcel, remembered};
use domain::{Effect, Fired, Replay, Tagged};
use jiff::{SignedDuration, Timestamp};
use rules::RuleSet;
use runtime::{Clock, Outbox, Settled, StepFailure, in_step};
use state::{Committed, EventRecord, Ledger, Replays, Settings, Stage, firing_profiles};
use tracing::info;

/// By how much the clocks of those who begin runs and those who decide may differ. What was decided
/// before the run and is sent once more meets its own key.
const SKEW: SignedDuration = SignedDuration::from_mins(15);

/// How often a lost race is run again before the message waits for its next turn.
const RACES: usize = 5;

impl<S: Ledger + Replays, O: Outbox, R: Settings, C: Clock> TriggerDispatcher<S, O, R, C> {
    /// Adds the effects that the rules in force decide and nobody decided before, and sends them.
    /// An event that nobody decided about is decided about as ever.
    pub(crate) async fn replay(
        &self,
        rules: &RuleSet,
        tagged: Tagged,
        replay: &Replay,
    ) -> Result<Settled, StepFailure> {
        if !replay.effects {
            return Ok(Settled::Repeated);
        }
        in_step(rules, replay, self.clock.now())?;
        for _ in 0..RACES {
            let Some(record) = self.store.record(&tagged.event.id).await? else {
                let event = tagged.event.id.as_str();
                info!(event, "not known any more: what was done about it could be done twice");
                return Ok(Settled::Repeated);
            };
            match record.stage {
                Stage::Tagged => return self.decide(rules, tagged).await,
                Stage::Applied => {}
            }
            if let Some(effects) = self.amended(rules, &tagged, &record, replay).await? {
                let fresh = if effects.is_empty() { Settled::Repeated } else { Settled::Fresh };
                let parcels = effects.into_iter().map(parcel).collect::<Result<Vec<_>, _>>()?;
                self.next.send_all(parcels).await?;
                return Ok(fresh);
            }
        }
        Err(StepFailure::retry("record_contended", "others keep deciding about this event"))
    }

    /// The effects that this run has added, now or before a repetition. None where the record
    /// changed meanwhile.
    async fn amended(
        &self,
        rules: &RuleSet,
        tagged: &Tagged,
        record: &EventRecord,
        replay: &Replay,
    ) -> Result<Option<Vec<Effect>>, StepFailure> {
        let known = if rules.is_limited(tagged) {
            self.store.firings(&firing_profiles(tagged)).await?
        } else {
            Vec::new()
        };
        let fired = Fired::of_all(known.iter().map(|firings| &firings.fired));
        let now = self.clock.now();
        let decision = rules.decide_again(tagged, now, &fired, &record.effects, &replay.id);
        let begun = replay.begun_at.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
        let earlier = record.effects.iter().filter(|effect| effect.decided_at >= begun);
        let effects: Vec<_> = earlier.cloned().chain(decision.effects.iter().cloned()).collect();
        if decision.effects.is_empty() {
            return Ok(Some(effects));
        }
        let firings = remembered(known, tagged, &decision.firings);
        let added = self.store.amend(record, &decision.effects, firings.as_ref()).await?;
        Ok((added == Committed::Written).then_some(effects))
    }
}
