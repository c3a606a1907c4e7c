//! Looking at a pipeline that may be running.

use super::balance::{Balance, balance};
use super::evidence::{Evidence, OpenFailure};
use super::show::Audit;
use crate::clock;
use crate::queues::{Depths, Queues};
use crate::trouble::Trouble;
use jiff::SignedDuration;
use state::dynamo::Store;
use std::time::Duration;

/// How often to look before a pipeline counts as moving.
const LOOKS: usize = 5;
/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// One look.
struct Look {
    evidence: Evidence,
    balance: Balance,
    /// Whether the queues held the same before and after the tables were read.
    steady: bool,
}

/// Looks until the queues stand still and each breach was seen twice: counts of queues are
/// approximate, and a message may pass from one to the next between two readings.
pub(super) async fn audit(
    store: &Store,
    queues: &Queues,
    grace: SignedDuration,
) -> Result<Audit, Trouble> {
    let mut suspects = Vec::new();
    let mut looks = 1;
    loop {
        let Look { evidence, mut balance, steady } = look(store, queues, grace).await?;
        let found = balance.breaches.clone();
        let moving = balance.forgive_unless_in(&suspects) || !steady;
        if !moving || looks == LOOKS {
            return Ok(Audit::new(&evidence, balance, moving));
        }
        suspects = found;
        looks += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn look(store: &Store, queues: &Queues, grace: SignedDuration) -> Result<Look, Trouble> {
    let before = queues.depths().await?;
    let mut evidence = Evidence::default();
    for state in ["parked", "held", "waiting"] {
        let failures = store.failure_records(state).await?;
        evidence.failures.extend(failures.into_iter().map(OpenFailure::from));
    }
    store.visit_ledger(|record| evidence.add(record)).await?;
    let now = clock::now();
    store.visit_waiting_replicas(|replica| evidence.batches.add(&replica, now)).await?;
    let after = queues.depths().await?;
    evidence.depths = Depths::fuller(before, after);
    let balance = balance(&evidence, now, grace);
    Ok(Look { evidence, balance, steady: before == after })
}
