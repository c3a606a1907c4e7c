//! What is asked of the graph about an event, and where the answer needs no more reading.

use crate::{Candidates, Change, Group, Links, Policy, Several};
use domain::{
    Assurance, CustomerId, Handle, HandleKey, InboundEvent, Match, MatchOutcome, Obstacle, SetAside,
};
use std::collections::BTreeSet;

/// An event with everything that was read for it.
#[derive(Debug)]
pub struct Question<'a> {
    /// The event.
    pub event: &'a InboundEvent,
    /// What the configuration says.
    pub policy: &'a Policy,
    /// The configuration's version.
    pub config_version: u64,
    /// The event's handles, with the CRM's record among them, where the CRM named one.
    pub candidates: &'a Candidates,
    /// Those of the handles that the CRM has on that record.
    pub on_record: &'a BTreeSet<HandleKey>,
    /// Where the handles lead; and, where they lead to several customers, where every handle of
    /// those customers leads.
    pub links: &'a Links,
    /// The customers that the handles lead to; where they lead nowhere, the customer of the id
    /// that a new one would get.
    pub groups: &'a [Group],
    /// The records among which the CRM could not choose.
    pub several: Option<Several>,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The profile that the event belongs to.
    pub home: CustomerId,
    /// The customer to whom that profile belongs.
    pub customer: CustomerId,
    /// The decision, for the record.
    pub decision: Match,
    /// What is to be written first.
    pub change: Change,
}

/// The handles that may lead the event to a customer, the most telling first.
///
/// A claimed handle may do so only where the channel proved none: else whoever types a
/// stranger's address would be taken for the stranger.
pub(crate) fn leading<'h>(
    handles: &'h [Handle],
    links: &Links,
    policy: &Policy,
) -> impl Iterator<Item = &'h Handle> {
    let not_shared = |handle: &&Handle| links.get(&handle.key()).is_none_or(|link| !link.shared);
    let proved = handles.iter().filter(not_shared).any(|h| h.assurance == Assurance::Attested);
    handles.iter().filter(not_shared).filter(move |handle| {
        policy.kind(handle.kind).matches && (!proved || handle.assurance == Assurance::Attested)
    })
}

/// Whether the most telling handle is known. Where it is not, a new customer may begin, whose id
/// [`first_id`] gives.
#[must_use]
pub fn leads(candidates: &Candidates, links: &Links, policy: &Policy) -> bool {
    let mut leading = leading(&candidates.handles, links, policy);
    leading.next().is_some_and(|handle| links.contains_key(&handle.key()))
}

/// The answer where nothing is to be written and nothing more to be read: every handle is known,
/// all lead to one customer.
#[must_use]
pub fn known(
    event: &InboundEvent,
    policy: &Policy,
    config_version: u64,
    candidates: &Candidates,
    links: &Links,
) -> Option<Answer> {
    let mut set_aside = candidates.set_aside.clone();
    let mut customer = None;
    for handle in &candidates.handles {
        let link = links.get(&handle.key())?;
        if link.shared {
            set_aside.push(aside(handle.key(), Obstacle::Shared));
        } else if handle.assurance > link.assurance
            || *customer.get_or_insert(&link.customer) != &link.customer
        {
            return None;
        }
    }
    let first = leading(&candidates.handles, links, policy).next();
    let by = match first {
        Some(handle) => handle.key(),
        None if customer.is_none() => candidates.handles.first()?.key(),
        None => return None,
    };
    set_aside.retain(|aside| aside.handle != by);
    let link = links.get(&by)?;
    debug_assert!(!event.handles.is_empty());
    let decision = Match {
        outcome: MatchOutcome::Matched,
        by: Some(by),
        linked: Vec::new(),
        set_aside,
        merges: Vec::new(),
        reviews: Vec::new(),
        config_version,
    };
    let (home, customer) = (link.home.clone(), link.customer.clone());
    Some(Answer { home, customer, decision, change: Change::default() })
}

pub(crate) fn aside(handle: HandleKey, why: Obstacle) -> SetAside {
    SetAside { handle, why, limit: None, leads_to: None }
}

/// The id that a new customer of these handles gets.
#[must_use]
pub fn first_id(candidates: &Candidates, event: &InboundEvent) -> CustomerId {
    let first = candidates.handles.first().map(Handle::key);
    CustomerId::new(first.as_ref().map_or(event.id.as_str(), HandleKey::as_str))
}
