//! Events and effects in memory.

use super::Store;
use crate::{
    Claim, Dispatch, Dispatched, EffectRecord, EffectState, Firings, Lease, Ledger, Settlement,
    Stage, StoreError,
};
use domain::{CustomerId, Effect, EventId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

impl Ledger for Store {
    async fn firings(&self, profiles: &BTreeSet<CustomerId>) -> Result<Vec<Firings>, StoreError> {
        let contents = self.read();
        Ok(profiles.iter().filter_map(|profile| contents.firings.get(profile).cloned()).collect())
    }

    async fn dispatch(
        &self,
        event: &EventId,
        decision: Dispatch,
        at: Timestamp,
    ) -> Result<Dispatched, StoreError> {
        self.write(|contents| match contents.events.get_mut(event) {
            Some(record) if record.stage == Stage::Applied => {
                Ok(Dispatched { effects: record.effects.clone(), first: false })
            }
            Some(record) => {
                if let Some(firings) = decision.firings {
                    let known = contents.firings.get(&firings.profile);
                    if known.map_or(0, |known| known.version) + 1 != firings.version {
                        return Err(contended());
                    }
                    contents.firings.insert(firings.profile.clone(), firings);
                }
                record.stage = Stage::Applied;
                record.applied_at = Some(at);
                record.effects.clone_from(&decision.effects);
                record.refusals = decision.refusals;
                Ok(Dispatched { effects: decision.effects, first: true })
            }
            None => Err(StoreError::Rejected {
                code: "ConditionalCheckFailedException".into(),
                source: "the event was never tagged".into(),
            }),
        })?
    }

    async fn claim(
        &self,
        effect: &Effect,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Claim, StoreError> {
        self.write(|contents| {
            let before = contents.effects.get(&effect.key);
            match before {
                Some(record) if record.state == EffectState::Done => return Claim::Done,
                Some(record)
                    if record.state == EffectState::Leased && record.lease_until >= now =>
                {
                    return Claim::Busy { until: record.lease_until };
                }
                Some(_) | None => {}
            }
            let granted = Lease {
                key: effect.key.clone(),
                attempt: before.map_or(0, |record| record.attempt) + 1,
                interrupted: before.is_some_and(|record| record.state == EffectState::Leased),
                attempts: before.map(|record| record.attempts.clone()).unwrap_or_default(),
            };
            let record = EffectRecord {
                id: effect.key.clone(),
                event: effect.event.clone(),
                destination: effect.action.destination(),
                state: EffectState::Leased,
                attempt: granted.attempt,
                lease_until: now.checked_add(lease).unwrap_or(Timestamp::MAX),
                receipt: None,
                withheld: None,
                done_at: None,
                attempts: granted.attempts.clone(),
            };
            contents.effects.insert(effect.key.clone(), record);
            Claim::Granted(granted)
        })
    }

    async fn settle(&self, lease: Lease, settlement: Settlement) -> Result<(), StoreError> {
        self.write(|contents| {
            let record = contents.effects.get_mut(&lease.key);
            let held = |record: &&mut EffectRecord| {
                record.attempt == lease.attempt && record.state == EffectState::Leased
            };
            let Some(record) = record.filter(held) else { return };
            record.attempts = lease.attempts;
            match settlement {
                Settlement::Done { receipt, at } => {
                    record.state = EffectState::Done;
                    record.receipt = Some(receipt);
                    record.done_at = Some(at);
                }
                Settlement::Withheld { why, at } => {
                    record.state = EffectState::Done;
                    record.withheld = Some(why);
                    record.done_at = Some(at);
                }
                Settlement::Released => record.state = EffectState::Released,
                Settlement::InDoubt => {}
            }
        })
    }
}

fn contended() -> StoreError {
    StoreError::Unavailable {
        code: "contended".into(),
        source: "the profile's firings changed meanwhile".into(),
    }
}
