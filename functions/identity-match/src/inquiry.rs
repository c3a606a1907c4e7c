//! Asks the CRM about strangers.

use crate::moved::told;
use crate::{Directory, Standing};
use domain::{Assurance, CrmLink, Handle, HandleKind, InboundEvent};
use identity::{Candidates, Consulted, Links, Policy, RecordMoved, Review, ReviewState, handle_of};
use rules::RuleSet;
use runtime::StepFailure;
use state::Journal;

/// Takes in what the CRM says. The candidates are other ones afterwards, where it says `true`.
pub(crate) async fn inquire(
    journal: &impl Journal,
    directory: &impl Directory,
    rules: &RuleSet,
    event: &InboundEvent,
    links: &Links,
    candidates: &mut Candidates,
) -> Result<(Consulted, bool), StepFailure> {
    let named = candidates.handles.iter().find(|handle| handle.kind == HandleKind::Crm).cloned();
    if let Some(named) = named {
        if links.contains_key(&named.key()) {
            return Ok((Consulted::default(), false));
        }
        let changed = follow_named(journal, directory, rules, event, &named, candidates).await?;
        return Ok((Consulted::default(), changed));
    }
    let handles = askable(candidates, links, rules.identity());
    if handles.is_empty() {
        return Ok((Consulted::default(), false));
    }
    let before = candidates.clone();
    let records = directory.find(rules, &handles).await?;
    let consulted = candidates.consult(&records);
    Ok((consulted, *candidates != before))
}

/// The handles that may lead to a record: a claimed one only where there is no better.
fn askable(candidates: &Candidates, links: &Links, policy: &Policy) -> Vec<Handle> {
    let usable = |handle: &&Handle| {
        policy.kind(handle.kind).matches && links.get(&handle.key()).is_none_or(|link| !link.shared)
    };
    let usable: Vec<_> = candidates.handles.iter().filter(usable).cloned().collect();
    let proved: Vec<_> =
        usable.iter().filter(|h| h.assurance == Assurance::Attested).cloned().collect();
    if proved.is_empty() { usable } else { proved }
}

/// Looks where a record stands that the event itself names, and takes it in where it moved.
async fn follow_named(
    journal: &impl Journal,
    directory: &impl Directory,
    rules: &RuleSet,
    event: &InboundEvent,
    named: &Handle,
    candidates: &mut Candidates,
) -> Result<bool, StepFailure> {
    let record = CrmLink { crm: named.scope.clone(), id: named.value.clone() };
    let instead = match (directory.locate(rules, &record).await?, told(event)) {
        (Standing::Here, _) => return Ok(false),
        (Standing::MovedTo(record), _)
        | (Standing::Unknown, Some((_, RecordMoved::Into(record)))) => Some(record),
        (Standing::Unknown, Some((_, RecordMoved::Gone))) => None,
        (Standing::Unknown, None) => answered(journal, rules, event, record).await?,
    };
    candidates.replace(&named.key(), instead.as_ref().and_then(handle_of));
    Ok(true)
}

/// What a person said about a record that the CRM does not have: another one, or none. Until then
/// a question stands open, and the event waits for the answer, or for the CRM to know the record.
async fn answered(
    journal: &impl Journal,
    rules: &RuleSet,
    event: &InboundEvent,
    record: CrmLink,
) -> Result<Option<CrmLink>, StepFailure> {
    let (at, version) = (event.occurred_at, rules.version());
    let review = Review::unknown_record(record.clone(), &event.id, at, version);
    match journal.review(&review.id).await?.map(|review| review.state) {
        Some(ReviewState::Accepted { record: Some(id), .. }) => {
            Ok(Some(CrmLink { crm: record.crm, id }))
        }
        Some(ReviewState::Rejected { .. }) => Ok(None),
        Some(ReviewState::Open | ReviewState::Accepted { .. }) | None => {
            journal.open_review(&review).await?;
            Err(StepFailure::hold(
                "crm_unknown_record",
                "the event names a record that the CRM does not have: add it there, or answer \
                 with omnicord review",
            ))
        }
    }
}
