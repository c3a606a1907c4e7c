//! Customers that a person joins, or takes apart again.

use super::find::Found;
use super::glance::{Counts, Glance, glances};
use crate::failures::{Backlog, Concern, concerned, going_back, send_back};
use crate::graph::{Decided, Scene, Stop, propose, settle};
use crate::output::{Verdict, View};
use crate::page::{Page, title};
use crate::trouble::Trouble;
use domain::{CustomerId, HandleKey, MergeId};
use identity::{Change, Group, Merge, MergeState};
use jiff::Timestamp;
use rules::RuleSet;
use serde::Serialize;
use state::{Identities, Journal};

/// What fails for want of a record that only one of two customers has.
pub(crate) const FOR_WANT_OF_A_RECORD: &[&str] =
    &["crm_ambiguous", "crm_record_taken", "crm_unknown_customer"];

/// Who decides, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person<'a> {
    /// By the name of their account on their machine.
    pub(crate) by: &'a str,
    /// When.
    pub(crate) at: Timestamp,
}

/// What joining or taking apart does, or did.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    written: bool,
    merges: Vec<Merge>,
    before: Vec<Glance>,
    after: Vec<Glance>,
    /// Whether a person told two of the profiles apart before.
    told_apart: bool,
    /// Messages that go back to their queues, since they fail no more.
    messages: usize,
}

/// A decision with the number of messages that it concerns.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) decided: Decided,
    pub(super) messages: usize,
}

/// Joins the customers of two profiles, where `write` says so.
pub(super) async fn merge(
    store: &(impl Identities + Backlog),
    rules: &RuleSet,
    [one, other]: [&Found; 2],
    person: Person<'_>,
    write: bool,
) -> Result<Done, Trouble> {
    let joins = (one.profile.clone(), other.profile.clone());
    let profiles = [joins.0.clone(), joins.1.clone()];
    let join = |scene: &Scene| joined(scene, joins.clone(), Vec::new(), rules, person);
    let decided = if write {
        settle(store, &profiles, &[], join).await?
    } else {
        propose(store, &profiles, &[], join).await?
    };
    let ids = decided.scene.groups.iter().flat_map(Group::profiles);
    let ids = ids.map(|profile| profile.id.clone()).collect();
    let concern = Concern::Profiles { ids, codes: FOR_WANT_OF_A_RECORD, parked: true };
    let waiting = concerned(store, &concern).await?;
    if write {
        send_back(store, &waiting, person.at).await?;
    }
    Ok(Done { decided, messages: waiting.len() })
}

/// The change that joins the customers of two profiles, for which some handles spoke.
pub(crate) fn joined(
    scene: &Scene,
    joins: (CustomerId, CustomerId),
    handles: Vec<HandleKey>,
    rules: &RuleSet,
    person: Person<'_>,
) -> Result<Change, Stop> {
    let (by, at) = (person.by.to_owned(), person.at);
    let version = rules.version();
    Ok(identity::join(&scene.groups, &scene.links, joins, handles, (by, at), version)?)
}

/// Takes a merge away, where `write` says so.
pub(super) async fn unmerge(
    store: &(impl Identities + Journal),
    id: &MergeId,
    person: Person<'_>,
    write: bool,
) -> Result<Done, Trouble> {
    let merge = store.merge(id).await?.ok_or_else(|| Trouble::Missing {
        what: format!("merge {id}"),
        remedy: "The merges that stand: omnicord customer show CUSTOMER",
    })?;
    if let MergeState::Undone { at, by } = &merge.state {
        return Err(Trouble::Refused {
            why: format!("{by} undid merge {id} {at:.0}"),
            remedy: "To join the two again: omnicord customer merge".into(),
        });
    }
    let profiles = [merge.joins.0.clone()];
    let part = |scene: &Scene| -> Result<Change, Stop> {
        let group = scene.groups.first().ok_or(Trouble::Missing {
            what: format!("customer whom merge {id} concerns"),
            remedy: "Nothing is left to take apart",
        })?;
        let (by, at) = (person.by.to_owned(), person.at);
        Ok(identity::part(group, &scene.links, merge.clone(), (by, at))?)
    };
    let decided = if write {
        settle(store, &profiles, &[], part).await?
    } else {
        propose(store, &profiles, &[], part).await?
    };
    Ok(Done { decided, messages: 0 })
}

impl Outcome {
    pub(super) fn new(done: &Done, rules: &RuleSet, counts: &Counts, written: bool) -> Self {
        let glance = |group: &Group| Glance::new(group, rules, counts);
        Self {
            written,
            merges: done.decided.change.merges.clone(),
            before: done.decided.scene.groups.iter().map(glance).collect(),
            after: done.decided.after().iter().map(glance).collect(),
            told_apart: told_apart(&done.decided.scene),
            messages: done.messages,
        }
    }

    fn words(merge: &Merge) -> String {
        let Merge { id, survivor, absorbed, joins: (one, other), state, .. } = merge;
        match state {
            MergeState::Standing => format!(
                "merge {id}: {absorbed} becomes part of {survivor}, the older one\n\
                 every profile keeps its own handles, tags and events: omnicord customer unmerge \
                 takes the two apart again\n"
            ),
            MergeState::Undone { .. } => format!(
                "merge {id} is taken away: {one} and {other} become two customers, each with the \
                 handles, tags and events of its own profiles\n\
                 no event joins the two again\n"
            ),
        }
    }
}

/// Whether a person told profiles of two different customers apart.
fn told_apart(scene: &Scene) -> bool {
    let root = |profile| scene.group(profile).map(Group::id);
    let pairs = scene.groups.iter().flat_map(|group| &group.root.membership.apart);
    pairs.into_iter().any(|(one, other)| root(one).zip(root(other)).is_some_and(|(a, b)| a != b))
}

impl View for Outcome {
    fn text(&self, page: &Page) -> String {
        let now = if self.written { "Before" } else { "Now" };
        let then = if self.written { "\nNow" } else { "\nAfterwards" };
        let messages = if self.messages == 0 { String::new() } else { going_back(self.messages) };
        let apart = if self.told_apart { "a person told the two apart before\n" } else { "" };
        let end = if self.written { "" } else { "nothing was written; add --yes\n" };
        [
            title(now),
            glances(page, &self.before),
            title(then),
            glances(page, &self.after),
            "\n".to_owned(),
            self.merges.iter().map(Self::words).collect(),
            apart.to_owned(),
            messages,
            end.to_owned(),
        ]
        .concat()
    }

    fn verdict(&self) -> Verdict {
        if self.written { Verdict::Clean } else { Verdict::Finding }
    }
}

#[cfg(test)]
mod tests;
