//! The earlier firings that a decision had to look at, read from the ledger.

use crate::trouble::Trouble;
use domain::{Fired, Firing, Tagged};
use identity::Group;
use jiff::{SignedDuration, Timestamp};
use rules::{RuleSet, Trigger};
use state::{Customers, EventRecord, Histories, Recent};
use std::collections::BTreeSet;

/// An event may have happened before the span in which it was decided on.
const LATENESS: SignedDuration = SignedDuration::from_hours(24);

/// What the customer's limited rules did before `at`, as far back as their limits look.
pub(super) async fn firings(
    store: &(impl Customers + Histories + Recent),
    rules: &RuleSet,
    tagged: &Tagged,
    at: Timestamp,
) -> Result<Fired, Trouble> {
    let limited =
        rules.config().triggers.iter().filter(|rule| rule.on.contains(&tagged.event.kind));
    let Some(span) = limited.filter_map(span).max().filter(|_| rules.is_limited(tagged)) else {
        return Ok(Fired::default());
    };
    let from = at.checked_sub(span + LATENESS).unwrap_or(Timestamp::MIN);
    let group = store.group(&tagged.home).await?;
    let profiles = group.iter().flat_map(Group::profiles).map(|profile| &profile.id);
    let mut records = Vec::new();
    for profile in profiles {
        let events = store.occurred_since(profile, from).await?;
        records.extend(store.events(&events).await?);
    }
    records.retain(|record| record.applied_at.is_some_and(|applied| applied <= at));
    Ok(records.iter().flat_map(fired).collect())
}

/// How far back a rule's limits look.
fn span(rule: &Trigger) -> Option<SignedDuration> {
    let periods = rule.caps.iter().map(|cap| cap.per).chain(rule.cooldown);
    periods.max().map(SignedDuration::from)
}

/// What a decision remembered. A message that waited for the end of quiet hours counts from there.
fn fired(record: &EventRecord) -> Vec<Firing> {
    let rules: BTreeSet<&str> = record.effects.iter().map(|effect| &*effect.rule.name).collect();
    let firing = |rule: &str| {
        let effects = record.effects.iter().filter(|effect| effect.rule.name == rule);
        let at = effects.map(|effect| effect.not_before.unwrap_or(effect.decided_at)).max();
        let (rule, event) = (rule.to_owned(), record.id.clone());
        at.map(|at| Firing { rule, event, at, forget_at: Timestamp::MAX })
    };
    rules.into_iter().filter_map(firing).collect()
}
