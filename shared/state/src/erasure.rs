//! The erasure of a person, step by step.

use crate::{Committed, EffectRecord, EventRecord, ReplicaKey, Stage, StoreError, TimelineEntry};
use domain::{CustomerId, ErasureId, ExtractionId, FailureId, HandleKey, MergeId, ReviewId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether all is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ErasureState {
    /// Not yet.
    Begun,
    /// It is.
    Done {
        /// Since when.
        at: Timestamp,
    },
}

/// How much went, by table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Erased {
    /// Handles.
    pub identities: u64,
    /// Profiles.
    pub customers: u64,
    /// Events in histories.
    pub timeline: u64,
    /// Events in histories of others, which tell of the person no more.
    pub redacted: u64,
    /// Event records that are tombstones now.
    pub events: u64,
    /// Effect records that are tombstones now.
    pub effects: u64,
    /// Failures with their messages.
    pub failures: u64,
    /// Merges, questions, extractions.
    pub journal: u64,
    /// Profiles whose hints went.
    #[serde(default)]
    pub hints: u64,
    /// What the person's CRM records were to hold.
    #[serde(default)]
    pub replicas: u64,
}

/// The receipt. It holds nothing personal, and stays.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// When it was begun.
    pub at: Timestamp,
    /// Who asked for it.
    pub by: String,
    /// The ids of the person's profiles.
    pub customers: Vec<CustomerId>,
    /// What went so far.
    pub erased: Erased,
    /// Counts the steps; each writes the receipt once.
    pub steps: u64,
    /// How far it has come.
    pub state: ErasureState,
}

/// What of the journal goes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum JournalId {
    /// A merge.
    Merge(MergeId),
    /// A question.
    Review(ReviewId),
    /// An extraction.
    Extraction(ExtractionId),
}

/// One thing that goes.
#[derive(Clone, PartialEq, Debug)]
pub enum Removal {
    /// Of an event, so much stays that it is known for applied.
    Event {
        /// What stays.
        tombstone: Box<EventRecord>,
        /// How far it had come as it was read; none where it was no further than a failure.
        read: Option<Stage>,
    },
    /// Of an effect, so much stays that it is known for done.
    Effect(EffectRecord),
    /// An event of a history.
    Entry {
        /// The profile.
        customer: CustomerId,
        /// The sort key.
        entry: String,
    },
    /// An event of somebody else, who was one customer with the person when it came, as it is to
    /// be.
    Redacted(Box<TimelineEntry>),
    /// A failure with its message.
    Failure(FailureId),
    /// A record of the journal.
    Journal(JournalId),
    /// What is remembered of rules having fired.
    Firings(CustomerId),
    /// The hints about a profile.
    Hints(CustomerId),
    /// What a CRM record was to hold.
    Replica(ReplicaKey),
    /// A handle.
    Link {
        /// The handle.
        handle: HandleKey,
        /// The link's version as it was read.
        version: u64,
    },
    /// A profile.
    Profile {
        /// The profile.
        id: CustomerId,
        /// Its version as it was read.
        version: u64,
        /// Its membership's version as it was read.
        membership: u64,
    },
}

impl Erased {
    /// Counts one more. What fired goes uncounted: it is not known whether there was any.
    pub fn count(&mut self, removal: &Removal) {
        let counter = match removal {
            Removal::Firings(_) => return,
            Removal::Event { .. } => &mut self.events,
            Removal::Effect(_) => &mut self.effects,
            Removal::Entry { .. } => &mut self.timeline,
            Removal::Redacted(_) => &mut self.redacted,
            Removal::Failure(_) => &mut self.failures,
            Removal::Journal(_) => &mut self.journal,
            Removal::Hints(_) => &mut self.hints,
            Removal::Replica(_) => &mut self.replicas,
            Removal::Link { .. } => &mut self.identities,
            Removal::Profile { .. } => &mut self.customers,
        };
        *counter += 1;
    }
}

impl JournalId {
    /// The id as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Merge(id) => id.as_str(),
            Self::Review(id) => id.as_str(),
            Self::Extraction(id) => id.as_str(),
        }
    }
}

/// The writes of an erasure.
#[expect(async_fn_in_trait, reason = "the command line runs on one thread")]
pub trait Erasures {
    /// Reads a receipt.
    async fn erasure(&self, id: &ErasureId) -> Result<Option<Erasure>, StoreError>;

    /// Takes one step: everything goes, and the receipt says so, or nothing happens. The receipt's
    /// `steps` is one more than was read; a new one's is 0. At most [`MOST_REMOVALS`] go at once,
    /// a failure only by itself or with its event.
    async fn erase(&self, receipt: &Erasure, removals: &[Removal])
    -> Result<Committed, StoreError>;
}

/// How much goes in one step, with the receipt in one transaction.
pub const MOST_REMOVALS: usize = identity::MOST_WRITES - 1;
