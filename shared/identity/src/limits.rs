//! How many handles of one kind a customer may have.

use crate::Policy;
use domain::{HandleKey, HandleKind, Held};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How many handles of one kind and scope one customer may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// At most this many.
    pub most: usize,
    /// Counting those that came in within this time before the event; all of them, if none.
    pub within: Option<SignedDuration>,
}

impl Limit {
    /// This many, ever.
    #[must_use]
    pub fn ever(most: usize) -> Self {
        Self { most, within: None }
    }
}

type Counts<'h> = BTreeMap<(HandleKind, &'h str), usize>;

fn counts<'h>(
    policy: &Policy,
    handles: impl Iterator<Item = (&'h HandleKey, &'h Held)>,
    now: Timestamp,
) -> Counts<'h> {
    let mut counts = Counts::new();
    for (key, held) in handles.filter(|(_, held)| !held.former) {
        let Some(kind) = key.kind() else { continue };
        let Some(limit) = policy.kind(kind).limit else { continue };
        let start = limit.within.and_then(|within| now.checked_sub(within).ok());
        if start.is_none_or(|start| held.since > start) {
            *counts.entry((kind, key.scope())).or_default() += 1;
        }
    }
    counts
}

/// The kind of which a customer would have too many, if it took `more` in.
///
/// A kind of which it already has too many, since the limit was lowered, is no reason to refuse
/// handles of other kinds.
pub(crate) fn exceeded<'h>(
    policy: &Policy,
    has: impl Iterator<Item = (&'h HandleKey, &'h Held)>,
    more: impl Iterator<Item = (&'h HandleKey, &'h Held)>,
    now: Timestamp,
) -> Option<HandleKind> {
    let mut counts_after = counts(policy, has, now);
    for (place, more) in counts(policy, more, now) {
        let after = counts_after.entry(place).or_default();
        *after += more;
        let limit = policy.kind(place.0).limit;
        if limit.is_some_and(|limit| *after > limit.most) {
            return Some(place.0);
        }
    }
    None
}
