//! Things that no record explains: messages do, by their number.

use jiff::Timestamp;
use std::cmp::Reverse;

/// Things, the last one to have come into a queue first. Messages are taken for these before they
/// are taken for older ones, which had more time to get lost.
#[derive(Debug)]
pub(super) struct Unnamed<T> {
    things: Vec<(Timestamp, T)>,
    explained: usize,
    /// What came into its queue before this time is in none.
    since: Timestamp,
}

impl<T: Ord> Unnamed<T> {
    /// Things, each with the time at which it came into a queue.
    pub(super) fn new(mut things: Vec<(Timestamp, T)>, since: Timestamp) -> Self {
        things.sort_by(|(at, one), (other_at, other)| {
            (Reverse(at), one).cmp(&(Reverse(other_at), other))
        });
        Self { things, explained: 0, since }
    }

    /// Takes as many of them for messages in a queue as can be there still. Returns their number.
    pub(super) fn queued(&mut self, messages: usize) -> usize {
        let since = self.since;
        let left = self.things.iter().skip(self.explained).take(messages);
        let used = left.take_while(|(at, _)| *at >= since).count();
        self.explained += used;
        used
    }

    /// Takes as many of them for failures that name nothing. Returns their number.
    pub(super) fn failed(&mut self, failures: usize) -> usize {
        let used = failures.min(self.things.len() - self.explained);
        self.explained += used;
        used
    }

    /// Those that are explained, and those that are not.
    pub(super) fn parted(self) -> (Vec<T>, Vec<T>) {
        let mut explained: Vec<_> = self.things.into_iter().map(|(_, thing)| thing).collect();
        let left = explained.split_off(self.explained);
        (explained, left)
    }
}
