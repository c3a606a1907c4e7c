//! How far what each source should have told has been compared with what arrived.

use crate::StoreError;
use domain::EventId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How far one source was compared. It is replaced as a whole, under a version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cursor {
    /// The source's name.
    pub source: String,
    /// Counts the replacements.
    pub version: u64,
    /// Everything up to this time was compared.
    pub compared_until: Timestamp,
    /// The sweep that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    /// A sweep that a person asked for, and that has not begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// What the last sweep found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Report>,
}

/// A comparison that is under way, page by page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// What happened after this
    pub after: Timestamp,
    /// and no later than this.
    pub until: Timestamp,
    /// Where the next page begins, as the other side says; none at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// How many pages were turned.
    #[serde(default)]
    pub pages: u32,
    /// The mark of an earlier page, by which a round in circles is noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<String>,
    /// What was found so far.
    #[serde(default)]
    pub tally: Tally,
    /// The version of the configuration by which it asks.
    pub config: u64,
    /// Whoever asked for it, if it was not the schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

/// Why there is no end to a sweep's pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Endless {
    /// A page names one as the next that was read before.
    #[error("marks of pages that lead back to where they began")]
    Circle,
    /// There are more than [`Sweep::MOST_PAGES`].
    #[error("more than {} pages for one sweep: ask for longer ones", Sweep::MOST_PAGES)]
    TooMany,
}

impl Sweep {
    /// The most pages of one sweep: ten million records in pages of a hundred, more than a source
    /// tells in the year that a sweep reaches back at most.
    pub const MOST_PAGES: u32 = 100_000;

    /// One that has read nothing yet.
    #[must_use]
    pub fn new(after: Timestamp, until: Timestamp, config: u64, asked: Option<Asked>) -> Self {
        let (page, milestone, tally) = (None, None, Tally::default());
        Self { after, until, page, pages: 0, milestone, tally, config, asked }
    }

    /// The same from its beginning.
    #[must_use]
    pub fn anew(self) -> Self {
        Self::new(self.after, self.until, self.config, self.asked)
    }

    /// Goes on to the page of this mark. Each mark is compared with one that was kept on the way, and
    /// ever further on: a circle of any length is noticed by the time that it was gone through twice
    /// over, without keeping every mark.
    ///
    /// # Errors
    /// [`Endless`], where nothing more can come of going on.
    pub fn turn(&mut self, mark: String) -> Result<(), Endless> {
        if self.milestone.as_ref() == Some(&mark) {
            return Err(Endless::Circle);
        }
        if self.pages >= Self::MOST_PAGES {
            return Err(Endless::TooMany);
        }
        self.pages += 1;
        if self.pages.is_power_of_two() {
            self.milestone = Some(mark.clone());
        }
        self.page = Some(mark);
        Ok(())
    }
}

/// A sweep that a person asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// When. It tells one wish from the next.
    pub at: Timestamp,
    /// From when on; where the last sweep ended, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether what is missing is counted only.
    pub dry_run: bool,
}

/// What became of the events that a source should have told. `expected = found + repaired + left`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Events that the other side knows of, and what it knows of that cannot be read as events.
    pub expected: u64,
    /// Of these, those that had arrived.
    pub found: u64,
    /// Those that had not, and were put in.
    pub repaired: u64,
    /// Those that are still not in, by what stands in their way.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left: BTreeMap<Left, u64>,
    /// Some of those that were missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<EventId>,
}

/// Why an event is not in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// It arrived, and failed: `omnicord failures` knows it.
    Failed,
    /// No mapping can read what the other side knows.
    Unreadable,
    /// The queue refuses it: it is too large.
    Refused,
    /// It was to be counted only.
    DryRun,
}

impl Left {
    /// The reason's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::DryRun => "dry_run",
        }
    }
}

/// What a sweep found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The source's name.
    pub source: String,
    /// It looked at what happened after this
    pub after: Timestamp,
    /// and no later than this.
    pub until: Timestamp,
    /// When it was done.
    pub done_at: Timestamp,
    /// What it found.
    pub tally: Tally,
    /// Whoever asked for it, if it was not the schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

impl Tally {
    /// How many examples are kept.
    pub const EXAMPLES: usize = 20;

    /// How many are not in.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left.values().sum()
    }

    /// How many had not arrived: those that were put in, and those that were counted only or could
    /// not be put in.
    #[must_use]
    pub fn missing(&self) -> u64 {
        let of = |why: Left| self.left.get(&why).copied().unwrap_or_default();
        self.repaired + of(Left::Refused) + of(Left::DryRun)
    }

    /// Counts one that is not in.
    pub fn leave(&mut self, why: Left) {
        self.expected += 1;
        *self.left.entry(why).or_default() += 1;
    }

    /// Remembers one that was missing, unless there are examples enough.
    pub fn example(&mut self, event: &EventId) {
        if self.examples.len() < Self::EXAMPLES {
            self.examples.push(event.clone());
        }
    }
}

impl Cursor {
    /// Of a source that was never compared: what happened before is not asked for.
    #[must_use]
    pub fn new(source: &str, from: Timestamp) -> Self {
        Self {
            source: source.to_owned(),
            version: 0,
            compared_until: from,
            sweep: None,
            asked: None,
            last: None,
        }
    }
}

/// The memory of `source-reconciler`.
#[expect(async_fn_in_trait, reason = "every function runs on one thread")]
pub trait Sweeps {
    /// How far a source was compared, if it ever was.
    async fn cursor(&self, source: &str) -> Result<Option<Cursor>, StoreError>;

    /// Replaces a source's cursor by one whose version is the next. Returns whether it did: if not,
    /// somebody else was faster.
    async fn swap_cursor(&self, after: &Cursor) -> Result<bool, StoreError>;

    /// Keeps a report for 400 days. One of the same source and end takes its place.
    async fn put_report(&self, report: &Report) -> Result<(), StoreError>;

    /// A source's reports of sweeps that ended with `since` or later, oldest first.
    async fn reports(&self, source: &str, since: Timestamp) -> Result<Vec<Report>, StoreError>;

    /// Those of the events that are in the ledger, at most 100 at once.
    async fn arrived(&self, events: &BTreeSet<EventId>) -> Result<BTreeSet<EventId>, StoreError>;

    /// Those of the events whose message a failure keeps, in any of [`FailureState::KEPT`]. Of each
    /// state it looks at the 10,000 failures with the latest times at least.
    ///
    /// [`FailureState::KEPT`]: domain::FailureState::KEPT
    async fn failed(&self, events: &BTreeSet<EventId>) -> Result<BTreeSet<EventId>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pages a sweep turns before it notices that there is no end to them.
    fn turns(mut marks: impl FnMut(u32) -> String) -> (u32, Endless) {
        let (start, end) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let mut sweep = Sweep::new(start, end, 1, None);
        loop {
            if let Err(endless) = sweep.turn(marks(sweep.pages)) {
                return (sweep.pages, endless);
            }
        }
    }

    #[test]
    fn a_circle_of_pages_is_noticed_wherever_it_begins_and_however_long_it_is() {
        for before in 0..20 {
            for length in 1..20 {
                let mark = |page: u32| match page.checked_sub(before) {
                    None => format!("first {page}"),
                    Some(beyond) => (beyond % length).to_string(),
                };
                let (pages, endless) = turns(mark);
                assert_eq!(endless, Endless::Circle);
                assert!(pages >= before + length, "every page was read: {before}, {length}");
                assert!(pages <= 3 * (before + length), "{before}, {length}: {pages}");
            }
        }
    }

    #[test]
    fn pages_that_are_ever_new_come_to_an_end() {
        assert_eq!(turns(|page| page.to_string()), (Sweep::MOST_PAGES, Endless::TooMany));
    }
}
