//! The store, between any two requests of which a worker can be stopped.

use crate::weather::Pace;
use delivery::Control;
use domain::{
    Consent, ConsentId, ConsentTold, CustomerId, Effect, EventId, Failure, FailureId,
    FailureRecord, FailureState, HandleKey, InboundEvent, Line, LineId, MergeId, ReviewId,
};
use identity::{Change, Group, Links, Merge, Review};
use jiff::{SignedDuration, Timestamp};
use state::memory::Store;
use state::{
    Application, Applied, Claim, Committed, Consents, Controls, Customers, Dispatch, Dispatched,
    Due, EventRecord, FailureRecords, Failures, Firings, Identities, Journal, Lease, Ledger, Lines,
    Remaking, Replays, Seen, Settlement, StoreError, Swapped, Timeline, TimelineEntry,
};
use std::collections::BTreeSet;

/// A worker's own way to the store.
#[derive(Clone, Debug)]
pub(crate) struct Paced(pub(crate) Store, pub(crate) Pace);

impl Identities for Paced {
    async fn links(&self, keys: &[HandleKey]) -> Result<Links, StoreError> {
        self.1.around(self.0.links(keys)).await
    }

    async fn commit(&self, change: &Change) -> Result<Committed, StoreError> {
        self.1.around(self.0.commit(change)).await
    }
}

impl Customers for Paced {
    async fn group(&self, profile: &CustomerId) -> Result<Option<Group>, StoreError> {
        self.1.around(self.0.group(profile)).await
    }
}

impl Journal for Paced {
    async fn merge(&self, id: &MergeId) -> Result<Option<Merge>, StoreError> {
        self.1.around(self.0.merge(id)).await
    }

    async fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        self.1.around(self.0.review(id)).await
    }

    async fn reviews(&self, state: &str) -> Result<Vec<Review>, StoreError> {
        self.1.around(self.0.reviews(state)).await
    }

    async fn open_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.1.around(self.0.open_review(review)).await
    }

    async fn close_review(&self, review: &Review) -> Result<bool, StoreError> {
        self.1.around(self.0.close_review(review)).await
    }
}

impl Timeline for Paced {
    async fn load(&self, profile: &CustomerId, event: &EventId) -> Result<Seen, StoreError> {
        self.1.around(self.0.load(profile, event)).await
    }

    async fn apply(&self, applied: &Applied<'_>) -> Result<Application, StoreError> {
        self.1.around(self.0.apply(applied)).await
    }

    async fn entry(&self, event: &EventRecord) -> Result<Option<TimelineEntry>, StoreError> {
        self.1.around(self.0.entry(event)).await
    }
}

impl Ledger for Paced {
    async fn firings(&self, profiles: &BTreeSet<CustomerId>) -> Result<Vec<Firings>, StoreError> {
        self.1.around(self.0.firings(profiles)).await
    }

    async fn dispatch(
        &self,
        event: &EventId,
        decision: Dispatch,
        at: Timestamp,
    ) -> Result<Dispatched, StoreError> {
        self.1.around(self.0.dispatch(event, decision, at)).await
    }

    async fn claim(
        &self,
        effect: &Effect,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Claim, StoreError> {
        self.1.around(self.0.claim(effect, now, lease)).await
    }

    async fn settle(&self, lease: Lease, settlement: Settlement) -> Result<(), StoreError> {
        self.1.around(self.0.settle(lease, settlement)).await
    }
}

impl Replays for Paced {
    async fn record(&self, event: &EventId) -> Result<Option<EventRecord>, StoreError> {
        self.1.around(self.0.record(event)).await
    }

    async fn history(&self, profile: &CustomerId) -> Result<Vec<InboundEvent>, StoreError> {
        self.1.around(self.0.history(profile)).await
    }

    async fn remake(&self, remaking: &Remaking<'_>) -> Result<Application, StoreError> {
        self.1.around(self.0.remake(remaking)).await
    }

    async fn amend(
        &self,
        read: &EventRecord,
        effects: &[Effect],
        firings: Option<&Firings>,
    ) -> Result<Committed, StoreError> {
        self.1.around(self.0.amend(read, effects, firings)).await
    }
}

impl Consents for Paced {
    async fn tell_consent(&self, told: &ConsentTold) -> Result<bool, StoreError> {
        self.1.around(self.0.tell_consent(told)).await
    }

    async fn consent(&self, of: &ConsentId) -> Result<Option<Consent>, StoreError> {
        self.1.around(self.0.consent(of)).await
    }
}

impl Controls for Paced {
    async fn control(&self, destination: &str) -> Result<Option<Control>, StoreError> {
        self.1.around(self.0.control(destination)).await
    }

    async fn swap_control(
        &self,
        destination: &str,
        after: &Control,
    ) -> Result<Swapped, StoreError> {
        self.1.around(self.0.swap_control(destination, after)).await
    }
}

impl Failures for Paced {
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError> {
        self.1.around(self.0.failure(id)).await
    }

    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError> {
        self.1.around(self.0.put_failure(failure)).await
    }

    async fn advance_failure(
        &self,
        read: FailureState,
        record: &FailureRecord,
    ) -> Result<bool, StoreError> {
        self.1.around(self.0.advance_failure(read, record)).await
    }

    async fn remove_failure(&self, read: FailureState, id: &FailureId) -> Result<bool, StoreError> {
        self.1.around(self.0.remove_failure(read, id)).await
    }

    async fn waiting_lanes(&self) -> Result<Vec<String>, StoreError> {
        self.1.around(self.0.waiting_lanes()).await
    }

    async fn due_in_lane(
        &self,
        lane: &str,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Due>, StoreError> {
        self.1.around(self.0.due_in_lane(lane, now, most)).await
    }

    async fn readable_failures(&self, ids: &[FailureId]) -> Result<FailureRecords, StoreError> {
        self.1.around(self.0.readable_failures(ids)).await
    }

    async fn failures_in(
        &self,
        state: &str,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<FailureId>, StoreError> {
        self.1.around(self.0.failures_in(state, until, most)).await
    }
}

impl Lines for Paced {
    async fn line(&self, id: &LineId) -> Result<Line, StoreError> {
        self.1.around(self.0.line(id)).await
    }

    async fn replace_line(
        &self,
        id: &LineId,
        read: &Line,
        after: &Line,
    ) -> Result<bool, StoreError> {
        self.1.around(self.0.replace_line(id, read, after)).await
    }
}
