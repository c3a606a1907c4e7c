//! Follows records that were merged or deleted inside the CRM.

use domain::{CrmLink, EventKind, HandleKind, InboundEvent};
use identity::{Cause, Occasion, RecordMoved, follow_record, handle_of};
use rules::RuleSet;
use runtime::StepFailure;
use state::{Committed, Identities, surroundings};

/// How often a lost race is run again before the message waits for its next turn.
const RACES: usize = 5;

/// What a `contact` event of topic `merged` (with the record that stands for it in the field
/// `into`) or `deleted` says about the record that it names.
pub(crate) fn told(event: &InboundEvent) -> Option<(CrmLink, RecordMoved)> {
    if event.kind != EventKind::Contact {
        return None;
    }
    let handle = event.handles.iter().find(|handle| handle.kind == HandleKind::Crm)?;
    let record = |id: String| CrmLink { crm: handle.scope.clone(), id };
    let moved = match event.topic.as_str() {
        "deleted" => RecordMoved::Gone,
        "merged" => {
            let into = event.fields.get("into")?;
            let into = into.as_str().map_or_else(|| into.to_string(), str::to_owned);
            (into != handle.value).then(|| RecordMoved::Into(record(into)))?
        }
        _ => return None,
    };
    Some((record(handle.value.clone()), moved))
}

/// Moves the links of the record that the event says was moved, if it says so.
pub(crate) async fn follow(
    store: &impl Identities,
    rules: &RuleSet,
    event: &InboundEvent,
) -> Result<(), StepFailure> {
    let Some((old, moved)) = told(event) else { return Ok(()) };
    let new = match &moved {
        RecordMoved::Into(new) => handle_of(new),
        RecordMoved::Gone => None,
    };
    let keys: Vec<_> = handle_of(&old).iter().chain(&new).map(domain::Handle::key).collect();
    let cause = Cause::Event(event.id.clone());
    for _ in 0..RACES {
        let links = store.links(&keys).await?;
        let customers: Vec<_> = links.values().map(|link| link.customer.clone()).collect();
        let (groups, links) = surroundings(store, customers, links).await?;
        let occasion = Occasion {
            cause: &cause,
            at: event.occurred_at,
            policy: rules.identity(),
            config_version: rules.version(),
        };
        let Some(change) = follow_record(&old, &moved, &groups, &links, occasion) else { continue };
        match store.commit(&change).await? {
            Committed::Written => return Ok(()),
            Committed::Lost => {}
        }
    }
    Err(StepFailure::retry("identity_contended", "other events keep changing these records"))
}
