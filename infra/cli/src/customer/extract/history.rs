//! Histories that are put right after handles changed hands.

use super::RACES;
use crate::trouble::Trouble;
use domain::{Customer, CustomerId, HandleKey, Profile};
use identity::Group;
use rules::RuleSet;
use state::{
    Application, Committed, Extraction, Extractions, Histories, Identities, InGroup, TimelineEntry,
};
use std::collections::BTreeSet;

/// Whether one of the handles led the event to its profile.
pub(super) fn came_by(entry: &TimelineEntry, handles: &BTreeSet<HandleKey>) -> bool {
    entry.decision.by.as_ref().is_some_and(|by| handles.contains(by))
}

/// Moves every event that came in by the handles.
pub(super) async fn settle_history(
    store: &(impl Histories + Extractions),
    extraction: &Extraction,
) -> Result<(), Trouble> {
    for _ in 0..RACES {
        let mut entries = store.entries(&extraction.from).await?;
        entries.retain(|entry| came_by(entry, &extraction.handles));
        let ids: Vec<_> = entries.iter().map(|entry| entry.tagged.event.id.clone()).collect();
        let records = store.events(&ids).await?;
        let mut lost = false;
        for entry in &entries {
            let record = records.iter().find(|record| record.id == entry.tagged.event.id);
            let moved = store.move_entry(entry, record, &extraction.to).await?;
            lost |= moved == Committed::Lost;
        }
        if !lost {
            return Ok(());
        }
    }
    Err(Trouble::Contended)
}

/// Computes a profile from its whole history. Returns of how many events; none where it changed
/// meanwhile, or where an event has come in since by one of the `others`.
pub(super) async fn rebuild(
    store: &(impl Identities + Histories + Extractions),
    rules: &RuleSet,
    profile: &CustomerId,
    others: &BTreeSet<HandleKey>,
) -> Result<Option<usize>, Trouble> {
    let group = store.group(profile).await?;
    let Some((group, read)) = group.as_ref().and_then(|g| Some((g, g.profile(profile)?))) else {
        return Err(Trouble::Missing {
            what: format!("profile {profile} any more"),
            remedy: "It was erased meanwhile: nothing is left to move",
        });
    };
    let entries = store.entries(profile).await?;
    if entries.iter().any(|entry| came_by(entry, others)) {
        return Ok(None);
    }
    let rebuilt = made_of(rules, read, &entries);
    Ok(match store.rewrite(&rebuilt, in_group(group, &rebuilt)).await? {
        Application::Applied => Some(entries.len()),
        Application::Stale => None,
    })
}

/// What these events make of a profile.
fn made_of(rules: &RuleSet, profile: &Customer, entries: &[TimelineEntry]) -> Customer {
    let mut made = Customer { profile: Profile::default(), ..profile.clone() };
    for entry in entries {
        rules.apply(&mut made, &entry.tagged.event, &entry.tagged.classification);
    }
    made
}

/// The root's share in the write. What the CRM was told stays until an event corrects it, unless
/// there is nothing to correct.
fn in_group<'a>(group: &'a Group, rebuilt: &Customer) -> Option<InGroup<'a>> {
    let told = group.root.joint_tags.as_ref();
    if !group.members.is_empty() {
        return Some(InGroup { root: &group.root, joint_tags: told });
    }
    (told == Some(&rebuilt.profile.tags)).then_some(InGroup { root: &group.root, joint_tags: None })
}
