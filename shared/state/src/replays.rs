//! The stored events, put through the pipeline once more.

use crate::{Application, Committed, EventRecord, Firings, StoreError, TimelineEntry};
use domain::{Customer, CustomerId, Effect, EventId, InboundEvent, ReplayId, Replayed, Step, Tag};
use identity::Group;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a replay writes about one event.
#[derive(Clone, PartialEq, Debug)]
pub struct Remaking<'a> {
    /// The entry, in whose place nothing changes but what tells of the replay.
    pub entry: &'a TimelineEntry,
    /// What came of it.
    pub replayed: &'a Replayed,
    /// The profiles of its customer as they were read, where they are made anew.
    pub read: Option<&'a Group>,
    /// The same profiles, as their whole histories leave them; their versions are those that were
    /// read. The root first.
    pub remade: &'a [Customer],
    /// The tags that several profiles bear together.
    pub joint_tags: Option<&'a BTreeMap<String, Tag>>,
}

/// What `tag-update` and `trigger-dispatcher` need beside their own traits to do what they did once
/// more.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Replays {
    /// One event's record, if it is known still.
    async fn record(&self, event: &EventId) -> Result<Option<EventRecord>, StoreError>;

    /// Every event of a profile's history, in no particular order.
    async fn history(&self, profile: &CustomerId) -> Result<Vec<InboundEvent>, StoreError>;

    /// Writes profiles and entry in one transaction; or, where no profile is made anew, the entry.
    /// Nothing is written where a profile, a merge or the entry changed or went meanwhile.
    async fn remake(&self, remaking: &Remaking<'_>) -> Result<Application, StoreError>;

    /// Adds effects to those that were decided about an event, with what is to be remembered of the
    /// rules' firings. Nothing is written where either changed since it was read.
    async fn amend(
        &self,
        read: &EventRecord,
        effects: &[Effect],
        firings: Option<&Firings>,
    ) -> Result<Committed, StoreError>;
}

/// What is to be replayed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Events that were received at this time or later.
    pub since: Timestamp,
    /// Events that were received before this time.
    pub until: Timestamp,
    /// Events of this source alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Events of these profiles alone: all of one customer, in the order of their ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiles: Option<Vec<CustomerId>>,
    /// The step at which they enter the pipeline.
    pub step: Step,
    /// Whether effects go out.
    pub effects: bool,
    /// How many events go in at most, in a second or another unit: `50/s`.
    pub rate: String,
}

impl Plan {
    /// Whether an event is meant.
    #[must_use]
    pub fn means(&self, event: &InboundEvent) -> bool {
        self.covers(&event.source, event.received_at)
    }

    /// Whether an event of this source is meant that was received at this time.
    #[must_use]
    pub fn covers(&self, source: &str, received_at: Timestamp) -> bool {
        (self.since..self.until).contains(&received_at)
            && self.source.as_ref().is_none_or(|it| it == source)
    }
}

/// A place in the histories: the last entry that was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The profile.
    pub customer: CustomerId,
    /// The entry's sort key.
    pub entry: String,
}

/// How far a run has come.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// How many whole histories were looked at: profiles, or all of them as one.
    #[serde(default)]
    pub histories: usize,
    /// What was looked at last in the next one; none at its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Entries that were looked at.
    pub seen: u64,
    /// Of those, the events that were meant.
    pub meant: u64,
    /// Messages that were sent.
    pub sent: u64,
    /// Effects that were left alone because nobody knows whether they happened.
    #[serde(default)]
    pub in_doubt: u64,
    /// Events and effects that were left alone because a person dismissed them.
    #[serde(default)]
    pub dismissed: u64,
    /// Whether the terminal that ran it said that it stops.
    #[serde(default)]
    pub halted: bool,
}

/// Whether a run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RunState {
    /// It does, or it was interrupted.
    Open,
    /// All that was meant is sent.
    Done {
        /// When.
        at: Timestamp,
    },
    /// A person ended it.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// One run, as the journal keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: ReplayId,
    /// What is to be replayed.
    pub plan: Plan,
    /// Who began it.
    pub by: String,
    /// When.
    pub begun_at: Timestamp,
    /// The configuration's version that was in force then.
    pub config_version: u64,
    /// How far it has come.
    pub progress: Progress,
    /// When it got there.
    pub moved_at: Timestamp,
    /// Whether it goes on.
    pub state: RunState,
}

impl Run {
    /// A run that begins now.
    #[must_use]
    pub fn begin(plan: Plan, by: &str, config_version: u64, now: Timestamp) -> Self {
        let text = serde_json::to_string(&plan).unwrap_or_default();
        Self {
            id: ReplayId::new(&text, now),
            plan,
            by: by.to_owned(),
            begun_at: now,
            config_version,
            progress: Progress::default(),
            moved_at: now,
            state: RunState::Open,
        }
    }

    /// The mark of its messages.
    #[must_use]
    pub fn mark(&self) -> domain::Replay {
        domain::Replay {
            id: self.id.clone(),
            effects: self.plan.effects,
            config_version: self.config_version,
            begun_at: self.begun_at,
        }
    }
}

/// Some entries, with the place from which to read on.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Page {
    /// The entries; there may be none though others follow.
    pub entries: Vec<TimelineEntry>,
    /// Where the page ends; none where nothing follows.
    pub end: Option<Place>,
}

/// The runs, and what they read.
#[expect(async_fn_in_trait, reason = "the command line runs on one thread")]
pub trait Runs {
    /// Keeps a new run.
    async fn begin_run(&self, run: &Run) -> Result<(), StoreError>;

    /// Reads one.
    async fn run(&self, id: &ReplayId) -> Result<Option<Run>, StoreError>;

    /// Reads all, the oldest first.
    async fn runs(&self) -> Result<Vec<Run>, StoreError>;

    /// Keeps how far an open run has come, or that it is over. Returns whether it was open still.
    async fn move_run(&self, run: &Run) -> Result<bool, StoreError>;

    /// Reads about so many entries after a place, in the store's own order: of one profile, by
    /// time, or of all, profile by profile.
    async fn page(
        &self,
        profile: Option<&CustomerId>,
        after: Option<&Place>,
        most: usize,
    ) -> Result<Page, StoreError>;
}
