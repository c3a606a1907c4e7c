//! Exact match on normalised handles: the seam for richer identity graphs.

use crate::Directory;
use domain::{
    Assurance, CrmLink, Customer, CustomerId, Handle, HandleKey, HandleKind, InboundEvent, Match,
    MatchOutcome, Profile,
};
use rules::RuleSet;
use runtime::StepFailure;
use state::{Identities, Linked, Owners};

/// How often a lost race is run again before the message waits for its next turn.
const RACES: usize = 5;

/// The event's handles, the most telling first, each once.
fn by_priority(event: &InboundEvent) -> Vec<Handle> {
    let mut handles = event.handles.clone();
    handles.sort_by_key(|handle| (handle.kind, handle.key()));
    handles.dedup_by(|a, b| a.key() == b.key());
    handles
}

fn crm_handle(link: &CrmLink) -> Option<Handle> {
    Handle::account(HandleKind::Crm, &link.crm, &link.id, Assurance::Attested).ok()
}

/// The record that a CRM handle on the event itself names.
fn named_record(handles: &[Handle]) -> Option<CrmLink> {
    let handle = handles.iter().find(|handle| handle.kind == HandleKind::Crm)?;
    Some(CrmLink { crm: handle.scope.clone(), id: handle.value.clone() })
}

/// Finds or creates the customer and links the event's handles to them.
pub(crate) async fn resolve(
    store: &impl Identities,
    directory: &impl Directory,
    rules: &RuleSet,
    event: &InboundEvent,
) -> Result<(CustomerId, Match), StepFailure> {
    let mut handles = by_priority(event);
    let mut crm = named_record(&handles);
    let mut asked = crm.is_some();
    for _ in 0..RACES {
        let keys: Vec<_> = handles.iter().map(Handle::key).collect();
        let owners = store.owners(&keys).await?;
        let strangers: Vec<_> =
            keys.iter().filter(|key| !owners.contains_key(*key)).cloned().collect();
        if !strangers.is_empty() && !asked {
            asked = true;
            crm = directory.find(rules, &handles).await?;
            if let Some(handle) = crm.as_ref().and_then(crm_handle) {
                handles.insert(0, handle);
                continue;
            }
        }
        let Some((by, customer)) = deciding(&keys, &owners) else {
            let Some(created) = new_customer(event, &keys, crm.as_ref()) else { break };
            if store.create(&created).await? == Linked::Taken {
                let by = keys.into_iter().next().ok_or_else(no_handle)?;
                let decision = decision(MatchOutcome::Created, by, Vec::new(), rules);
                return Ok((created.id, decision));
            }
            continue;
        };
        let elsewhere = |key: &&HandleKey| owners.get(*key).is_some_and(|owner| *owner != customer);
        let set_aside: Vec<_> = keys.iter().filter(elsewhere).cloned().collect();
        if !strangers.is_empty()
            && store.link(&customer, &strangers, crm.as_ref()).await? == Linked::Lost
        {
            continue;
        }
        let outcome = match (set_aside.is_empty(), strangers.is_empty()) {
            (false, _) => MatchOutcome::Conflict,
            (true, false) => MatchOutcome::Linked,
            (true, true) => MatchOutcome::Known,
        };
        return Ok((customer, decision(outcome, by, set_aside, rules)));
    }
    if handles.is_empty() {
        return Err(no_handle());
    }
    Err(StepFailure::retry("identity_contended", "other events keep changing these handles"))
}

fn no_handle() -> StepFailure {
    StepFailure::park("no_handle", "the event names nobody: map at least one handle of its source")
}

/// The most telling handle that is known, with its customer.
fn deciding(keys: &[HandleKey], owners: &Owners) -> Option<(HandleKey, CustomerId)> {
    keys.iter().find_map(|key| Some((key.clone(), owners.get(key)?.clone())))
}

fn new_customer(
    event: &InboundEvent,
    keys: &[HandleKey],
    crm: Option<&CrmLink>,
) -> Option<Customer> {
    Some(Customer {
        id: CustomerId::new(keys.first()?.as_str()),
        created_at: event.occurred_at,
        handles: keys.iter().cloned().collect(),
        crm: crm.cloned(),
        profile: Profile::default(),
        version: 0,
    })
}

fn decision(
    outcome: MatchOutcome,
    by: HandleKey,
    set_aside: Vec<HandleKey>,
    rules: &RuleSet,
) -> Match {
    Match { outcome, by, set_aside, config_version: rules.version() }
}
