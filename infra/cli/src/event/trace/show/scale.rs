//! A scale on which the time between two stations is a bar.

use super::super::Station;
use domain::Step;
use jiff::Timestamp;

/// How many characters stand for the whole way.
const WIDTH: usize = 16;

/// The time from the receiver to the last station.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    begin: Timestamp,
    millis: i128,
}

impl Scale {
    /// From when the event came in, whenever it happened, to what is known last of it.
    pub(super) fn of(stations: &[Station]) -> Self {
        let received = stations.iter().find(|station| station.step == Some(Step::WebhookReceiver));
        let first = received.or(stations.first()).and_then(|station| station.at);
        let begin = first.unwrap_or(Timestamp::UNIX_EPOCH);
        let last = stations.iter().filter_map(|station| station.at).max().unwrap_or(begin);
        Self { begin, millis: last.duration_since(begin).as_millis() }
    }

    /// The time between two stations, at its place; blank, where one of them has no time or lies
    /// before the scale.
    pub(super) fn bar(self, before: Option<Timestamp>, at: Option<Timestamp>) -> String {
        let Some((before, at)) = before.zip(at).filter(|(before, _)| *before >= self.begin) else {
            return " ".repeat(WIDTH);
        };
        let (from, to) = (self.place(before), self.place(at).max(self.place(before)));
        let cell = |place| match place {
            place if place < from || place > to => '·',
            _ => '━',
        };
        (0..WIDTH).map(cell).collect()
    }

    fn place(self, at: Timestamp) -> usize {
        let millis = at.duration_since(self.begin).as_millis().clamp(0, self.millis);
        let last = i128::try_from(WIDTH - 1).unwrap_or_default();
        usize::try_from(millis * last / self.millis.max(1)).unwrap_or_default()
    }
}
