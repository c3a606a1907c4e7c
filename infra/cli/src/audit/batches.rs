//! The changes that wait to go out to the CRM in batches: their effects are done, they are not.

use crate::page::Page;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use state::dynamo::WaitingReplica;

/// Batches go out once a minute. What is due for longer than this is not being sent.
const LATE: SignedDuration = SignedDuration::from_mins(15);

/// Changes of fields and tags that the CRM has yet to be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub(super) struct Batches {
    /// In flight: the next batch or a later one takes them along.
    pub(super) waiting: usize,
    /// Parked: the CRM refuses them, and is offered them again at growing intervals.
    pub(super) refused: usize,
    /// Of those that wait, the ones that should have gone out by now.
    pub(super) overdue: usize,
}

impl Batches {
    /// Counts one more, as of `now`.
    pub(super) fn add(&mut self, replica: &WaitingReplica, now: Timestamp) {
        if replica.refusal.is_some() {
            self.refused += 1;
        } else {
            self.waiting += 1;
            self.overdue += usize::from(now.duration_since(replica.due_at) > LATE);
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn text(&self, page: &Page) -> String {
        let mut sheet = page.table(["batched changes", "waiting", "refused", "overdue"]);
        let counts = [self.waiting, self.refused, self.overdue].map(|count| count.to_string());
        let [waiting, refused, overdue] = counts;
        sheet.row(["crm".to_owned(), waiting, refused, overdue]);
        sheet.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::CrmLink;
    use state::{Part, ReplicaKey};

    #[test]
    fn what_waits_what_is_refused_and_what_is_late_are_told_apart() {
        let now = Timestamp::constant(1_790_000_000, 0);
        let link = CrmLink { crm: "tryton".into(), id: "4".into() };
        let waiting = |minutes: i64, refusal: Option<&str>| WaitingReplica {
            key: ReplicaKey::new(&link, Part::Field("city")),
            due_at: now - SignedDuration::from_mins(minutes),
            refusal: refusal.map(str::to_owned),
        };
        let mut batches = Batches::default();
        for replica in [
            waiting(-20, None),
            waiting(15, None),
            waiting(16, None),
            waiting(60, Some("crm_refused")),
        ] {
            batches.add(&replica, now);
        }
        assert_eq!(batches, Batches { waiting: 3, refused: 1, overdue: 1 });
    }
}
