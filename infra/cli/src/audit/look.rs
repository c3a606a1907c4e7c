//! Looking at a pipeline that may be running.

use super::balance::{Balance, balance};
use super::evidence::{Evidence, OpenFailure, Origin};
use super::show::Audit;
use crate::clock;
use crate::config::in_force;
use crate::queues::{Depths, Queues, RETENTION};
use crate::trouble::Trouble;
use domain::{FailureId, FailureState, Step};
use jiff::{SignedDuration, Timestamp};
use rules::config::FailureRules;
use state::dynamo::Store;
use state::{Failures, Runs, Settings};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

/// How often to look before a pipeline counts as moving.
const LOOKS: usize = 5;
/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// What is audited.
pub(super) struct Scope {
    /// How long an event may be on its way between two steps.
    pub(super) grace: SignedDuration,
    /// When the events were received.
    pub(super) time: Range<Timestamp>,
    /// Whether hours are shown in which all is well.
    pub(super) every_hour: bool,
}

/// One look.
struct Look {
    evidence: Evidence,
    balance: Balance,
    /// Whether the queues held the same before and after the tables were read.
    steady: bool,
}

/// Looks until the queues stand still and each breach was seen twice: counts of queues are
/// approximate, and a message may pass from one to the next between two readings.
pub(super) async fn audit(store: &Store, queues: &Queues, scope: &Scope) -> Result<Audit, Trouble> {
    let (mut suspects, mut origins) = (Vec::new(), HashMap::new());
    let mut looks = 1;
    loop {
        let Look { evidence, mut balance, steady } =
            look(store, queues, scope, &mut origins).await?;
        let found = balance.breaches.clone();
        let moving = balance.forgive_unless_in(&suspects) || !steady;
        if !moving || looks == LOOKS {
            return Ok(Audit::new(&evidence, balance, moving, scope.every_hour));
        }
        suspects = found;
        looks += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn look(
    store: &Store,
    queues: &Queues,
    scope: &Scope,
    origins: &mut HashMap<FailureId, Option<Origin>>,
) -> Result<Look, Trouble> {
    let before = queues.depths().await?;
    let kept_since = clock::now() - policy(store).await?.keep_for();
    let mut evidence = Evidence { kept_since, ..Evidence::default() };
    let in_queues_since = clock::now() - RETENTION;
    for failure in store.failure_records_since("redriven", in_queues_since).await? {
        evidence.returned.add(failure);
    }
    for run in store.runs().await? {
        evidence.returned.add_run(run);
    }
    let mut failures = Vec::new();
    for state in FailureState::KEPT {
        failures.extend(store.failure_records(state).await?);
    }
    store.visit_ledger(|record| evidence.add(record, &scope.time)).await?;
    let known: HashSet<_> = evidence.events.iter().map(|event| event.id.clone()).collect();
    for record in failures {
        let unknown = record.about.event.as_ref().is_none_or(|event| !known.contains(event));
        let origin = if unknown && record.step != Step::OutboundDelivery {
            origin(store, &record.id, origins).await?
        } else {
            None
        };
        if origin.as_ref().is_none_or(|origin| scope.time.contains(&origin.received_at)) {
            evidence.failures.push(OpenFailure { origin, ..OpenFailure::from(record) });
        }
    }
    let now = clock::now();
    store.visit_waiting_replicas(|replica| evidence.batches.add(&replica, now)).await?;
    let after = queues.depths().await?;
    evidence.depths = Depths::fuller(before, after);
    let balance = balance(&evidence, now, scope.grace);
    Ok(Look { evidence, balance, steady: before == after })
}

/// How failures are kept: as the configuration in force says, or, before there is one, by default.
async fn policy(store: &impl Settings) -> Result<FailureRules, Trouble> {
    match store.current_version().await? {
        Some(_) => Ok(in_force(store).await?.config().failures.clone()),
        None => Ok(FailureRules::default()),
    }
}

/// Where a failed message came from, which only the message tells; it is read once.
async fn origin(
    store: &Store,
    id: &FailureId,
    origins: &mut HashMap<FailureId, Option<Origin>>,
) -> Result<Option<Origin>, Trouble> {
    if let Some(known) = origins.get(id) {
        return Ok(known.clone());
    }
    let origin = store.failure(id).await?.and_then(|failure| Origin::of(&failure.payload));
    origins.insert(id.clone(), origin.clone());
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use state::ConfigVersion;
    use state::memory::Store;

    #[tokio::test]
    async fn a_configuration_that_cannot_be_read_is_not_taken_for_none() {
        let store = Store::default();
        let by_default = FailureRules::default().keep_for();
        assert_eq!(policy(&store).await.unwrap().keep_for(), by_default);
        store.apply_config(ConfigVersion {
            version: 1,
            text: "of_tomorrow: true".to_owned(),
            applied_at: Timestamp::UNIX_EPOCH,
            applied_by: "anna".into(),
        });
        assert!(matches!(policy(&store).await, Err(Trouble::Refused { .. })));
    }
}
