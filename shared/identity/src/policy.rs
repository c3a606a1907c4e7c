//! What the configuration says about handles.

use crate::{Blocklist, Limit};
use domain::{Assurance, Handle, HandleKind, Mailboxes};
use std::collections::BTreeMap;

/// Whether a handle of a kind may join customers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Merging {
    /// By itself.
    Auto,
    /// Once a person has agreed.
    Review,
    /// Not at all.
    Never,
}

/// What becomes of a handle that no channel proved, beside one that is proved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claims {
    /// It is believed where nobody else has it, and where it is all there is to go by.
    Match,
    /// Like `Match`; and where another customer has it, a person is asked whether the two are one.
    Review,
    /// It is never used.
    Ignore,
}

/// What holds for the handles of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KindPolicy {
    /// How many of one scope a customer may have.
    pub limit: Option<Limit>,
    /// Whether it leads an event to a customer.
    pub matches: bool,
    /// Whether it joins customers.
    pub merging: Merging,
    /// By how many customers it may be contested before it counts as shared; for ever, if none.
    pub shared_after: Option<usize>,
}

impl KindPolicy {
    /// What holds where the configuration is silent: one record, one account per issuer, and
    /// several numbers and addresses, which households and offices share.
    #[must_use]
    pub fn of(kind: HandleKind) -> Self {
        let (most, shared_after) = match kind {
            HandleKind::Phone | HandleKind::Email => (5, Some(5)),
            HandleKind::Account => (3, None),
            HandleKind::Crm
            | HandleKind::WechatUnionid
            | HandleKind::WecomExternal
            | HandleKind::WecomUser
            | HandleKind::WechatOpenid
            | HandleKind::WhatsappUser => (1, None),
        };
        let limit = Some(Limit::ever(most));
        Self { limit, matches: true, merging: Merging::Auto, shared_after }
    }
}

/// Everything that the configuration says about identities.
#[derive(Clone, PartialEq, Debug)]
pub struct Policy {
    priority: Vec<HandleKind>,
    kinds: BTreeMap<HandleKind, KindPolicy>,
    /// Values that are nobody's.
    pub blocked: Blocklist,
    /// What becomes of handles that no channel proved.
    pub claims: Claims,
    /// Addresses that reach one mailbox.
    pub mailboxes: Mailboxes,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            priority: HandleKind::ALL.to_vec(),
            kinds: BTreeMap::new(),
            blocked: Blocklist::default(),
            claims: Claims::Match,
            mailboxes: Mailboxes::default(),
        }
    }
}

impl Policy {
    /// Puts these kinds first, the most telling first; the others follow in their usual order.
    #[must_use]
    pub fn with_priority(mut self, first: &[HandleKind]) -> Self {
        let rest = HandleKind::ALL.into_iter().filter(|kind| !first.contains(kind));
        self.priority = first.iter().copied().chain(rest).collect();
        self
    }

    /// Sets what holds for one kind.
    #[must_use]
    pub fn with_kind(mut self, kind: HandleKind, policy: KindPolicy) -> Self {
        self.kinds.insert(kind, policy);
        self
    }

    /// What holds for one kind.
    #[must_use]
    pub fn kind(&self, kind: HandleKind) -> KindPolicy {
        self.kinds.get(&kind).copied().unwrap_or_else(|| KindPolicy::of(kind))
    }

    /// Sorts handles: what a channel proved comes first, then the most telling kind.
    pub(crate) fn rank(&self, handle: &Handle) -> (bool, usize, domain::HandleKey) {
        let place = self.priority.iter().position(|kind| *kind == handle.kind);
        (handle.assurance == Assurance::Claimed, place.unwrap_or(usize::MAX), handle.key())
    }
}
