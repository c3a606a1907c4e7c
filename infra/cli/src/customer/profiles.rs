//! The profiles of a merged customer, with the merges that hold them together.

use crate::page::Page;
use domain::{Assurance, CrmLink, Customer, CustomerId, HandleKey, HandleKind, Held, MergeId};
use identity::{Cause, Merge};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// One profile.
#[derive(Serialize)]
pub(super) struct Part {
    profile: CustomerId,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crm: Option<CrmLink>,
    handles: BTreeMap<HandleKey, Held>,
}

impl Part {
    pub(super) fn new(profile: &Customer) -> Self {
        Self {
            profile: profile.id.clone(),
            created_at: profile.created_at,
            last_seen: profile.profile.last_seen,
            crm: profile.crm.clone(),
            handles: profile.handles.clone(),
        }
    }

    /// A table of profiles.
    pub(super) fn table(page: &Page, profiles: &[Self], shared: &[HandleKey]) -> String {
        let mut sheet = page.table(["profile", "known since", "last seen", "crm", "handles"]);
        for each in profiles {
            let handles: Vec<_> =
                each.handles.iter().map(|(key, held)| marked(key, held, shared)).collect();
            sheet.row([
                each.profile.to_string(),
                page.time(each.created_at),
                each.last_seen.map(|at| page.time(at)).unwrap_or_default(),
                each.crm.as_ref().map(|crm| format!("{}:{}", crm.crm, crm.id)).unwrap_or_default(),
                handles.join("\n"),
            ]);
        }
        sheet.to_string()
    }
}

/// A handle with what limits its say.
pub(super) fn marked(key: &HandleKey, held: &Held, shared: &[HandleKey]) -> String {
    let marks = [
        (held.assurance == Assurance::Claimed, "claimed"),
        (shared.contains(key), "shared"),
        (held.former, "former"),
    ];
    let marks: Vec<_> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
    if marks.is_empty() {
        key.as_str().to_owned()
    } else {
        format!("{} ({})", key.as_str(), marks.join(", "))
    }
}

/// One merge that stands. Of the handles that spoke for it the kinds will do.
#[derive(Serialize)]
pub(super) struct Joined {
    merge: MergeId,
    at: Timestamp,
    cause: Cause,
    joins: (CustomerId, CustomerId),
    by_kinds: Vec<HandleKind>,
}

impl Joined {
    pub(super) fn new(merge: Merge) -> Self {
        let by_kinds = merge.handles.iter().filter_map(HandleKey::kind).collect();
        let Merge { id, at, cause, joins, .. } = merge;
        Self { merge: id, at, cause, joins, by_kinds }
    }

    /// A table of merges.
    pub(super) fn table(page: &Page, merges: &[Self]) -> String {
        let mut sheet = page.table(["merge", "at", "caused by", "joins", "handles"]);
        for each in merges {
            let (one, other) = &each.joins;
            let kinds: Vec<_> = each.by_kinds.iter().map(|kind| kind.as_str()).collect();
            sheet.row([
                each.merge.to_string(),
                page.time(each.at),
                each.cause.as_str().to_owned(),
                format!("{one}\n{other}"),
                kinds.join(", "),
            ]);
        }
        sheet.to_string()
    }
}
