//! Reads what a decision needs, writes what it decides, and reads again where it came too late.

use crate::inquiry::inquire;
use crate::{Directory, moved};
use domain::InboundEvent;
use identity::{Answer, Candidates, Consulted, Group, Links, Question, first_id, known, leads};
use rules::RuleSet;
use runtime::StepFailure;
use state::{Committed, Identities, Journal, surroundings};
use std::collections::BTreeSet;

/// How often a lost race is run again before the message waits for its next turn.
const RACES: usize = 8;

/// Finds the customer whom an event concerns, and keeps what its handles tell about the graph.
pub async fn resolve(
    store: &(impl Identities + Journal),
    directory: &impl Directory,
    rules: &RuleSet,
    event: &InboundEvent,
) -> Result<Answer, StepFailure> {
    moved::follow(store, rules, event).await?;
    let policy = rules.identity();
    let mut candidates = Candidates::of(event, policy);
    let mut consulted = Consulted::default();
    let mut asked = false;
    for _ in 0..RACES {
        let keys = candidates.keys();
        let links = if keys.is_empty() { Links::new() } else { store.links(&keys).await? };
        if let Some(answer) = known(event, policy, rules.version(), &candidates, &links) {
            return Ok(answer);
        }
        if !asked && keys.iter().any(|key| !links.contains_key(key)) {
            asked = true;
            let other;
            (consulted, other) =
                inquire(store, directory, rules, event, &links, &mut candidates).await?;
            if other {
                continue;
            }
        }
        let (groups, links) = neighbourhood(store, rules, event, &candidates, links).await?;
        let question = Question {
            event,
            policy,
            config_version: rules.version(),
            candidates: &candidates,
            on_record: &consulted.on_record,
            links: &links,
            groups: &groups,
            several: consulted.several.clone(),
        };
        let Some(answer) = identity::resolve(question) else { continue };
        match store.commit(&answer.change).await? {
            Committed::Written => return Ok(answer),
            Committed::Lost => {}
        }
    }
    Err(StepFailure::retry("identity_contended", "other events keep changing these handles"))
}

/// The customers that the handles lead to; and, where they lead to several, every handle of those.
async fn neighbourhood(
    store: &impl Identities,
    rules: &RuleSet,
    event: &InboundEvent,
    candidates: &Candidates,
    links: Links,
) -> Result<(Vec<Group>, Links), StepFailure> {
    let mut customers: BTreeSet<_> =
        links.values().filter(|link| !link.shared).map(|link| link.customer.clone()).collect();
    if !leads(candidates, &links, rules.identity()) {
        customers.insert(first_id(candidates, event));
    }
    Ok(surroundings(store, customers, links).await?)
}
