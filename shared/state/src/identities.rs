//! The identity graph, as it is kept.

use crate::StoreError;
use domain::{CustomerId, HandleKey, MergeId, ReviewId};
use identity::{Change, Group, Links, Merge, Review};

/// Whether a write to the graph came first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a lost race means that the graph has to be read again"]
pub enum Committed {
    /// Everything is written.
    Written,
    /// Another writer changed something meanwhile, nothing was written: read again.
    Lost,
}

/// The graph of `identity-match`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Identities: Customers {
    /// Reads where handles lead, up to 100 in one request. A handle may be named twice.
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError>;

    /// Writes a change, all of it or nothing.
    async fn commit(&self, change: &Change) -> Result<Committed, StoreError>;
}

/// The customers.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Customers {
    /// Reads the customer to whom a profile belongs, with all profiles: one request for one that
    /// was never merged, up to three for others.
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError>;
}

/// Merges and questions, as people look after them.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Journal {
    /// One merge.
    async fn merge(&self, id: &MergeId) -> Result<Option<Merge>, StoreError>;

    /// One question.
    async fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError>;

    /// Every question in the state of this name ([`identity::ReviewState::name`]), oldest first.
    async fn reviews(&self, state: &str) -> Result<Vec<Review>, StoreError>;

    /// Asks a question, unless it was asked before. Returns whether it is new.
    async fn open_review(&self, review: &Review) -> Result<bool, StoreError>;

    /// Writes what became of an open question. Returns whether it still was open.
    async fn close_review(&self, review: &Review) -> Result<bool, StoreError>;
}

/// Reads the customers of these profiles, each once. Where they are several, every handle of
/// theirs is among the links that come back: they may be joined.
pub async fn surroundings(
    store: &impl Identities,
    profiles: impl IntoIterator<Item = CustomerId>,
    mut links: Links,
) -> Result<(Vec<Group>, Links), StoreError> {
    let mut groups: Vec<Group> = Vec::new();
    for profile in profiles {
        if groups.iter().any(|known| *known.id() == profile) {
            continue;
        }
        let group = store.group(&profile).await?;
        groups.extend(group.filter(|group| groups.iter().all(|known| known.id() != group.id())));
    }
    if groups.len() > 1 {
        let handles = groups.iter().flat_map(Group::handles).map(|(key, _)| key);
        let more: Vec<_> = handles.filter(|key| !links.contains_key(*key)).cloned().collect();
        if !more.is_empty() {
            links.extend(store.links(&more).await?);
        }
    }
    Ok((groups, links))
}
