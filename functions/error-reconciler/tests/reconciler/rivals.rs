//! Records that change, or cannot be read, while the schedule sends back what is due.

use crate::desk::{Desk, LONG, RETRY, effect, letter, record};
use delivery::Control;
use domain::{Failure, FailureId, FailureRecord, FailureState, Line, LineId};
use jiff::{SignedDuration, Timestamp};
use runtime::Outcome;
use state::memory::Store;
use state::{Controls, Due, FailureRecords, Failures, Lines, StoreError, Swapped};
use std::cell::RefCell;
use std::rc::Rc;

/// A store in which one record cannot be read, or in which another record is written just before
/// one is advanced.
struct Rival {
    store: Store,
    unreadable: Rc<RefCell<Option<FailureId>>>,
    intrusion: Rc<RefCell<Option<Failure>>>,
}

impl Failures for Rival {
    async fn failure(&self, id: &FailureId) -> Result<Option<Failure>, StoreError> {
        if self.unreadable.borrow().as_ref() == Some(id) {
            let source = "written by a later version".into();
            return Err(StoreError::Unreadable { table: "failures", source });
        }
        self.store.failure(id).await
    }

    async fn put_failure(&self, failure: &Failure) -> Result<(), StoreError> {
        self.store.put_failure(failure).await
    }

    async fn advance_failure(
        &self,
        read: FailureState,
        record: &FailureRecord,
    ) -> Result<bool, StoreError> {
        if let Some(intrusion) = self.intrusion.take() {
            self.store.put_failure(&intrusion).await?;
        }
        self.store.advance_failure(read, record).await
    }

    async fn remove_failure(&self, read: FailureState, id: &FailureId) -> Result<bool, StoreError> {
        self.store.remove_failure(read, id).await
    }

    async fn waiting_lanes(&self) -> Result<Vec<String>, StoreError> {
        self.store.waiting_lanes().await
    }

    async fn due_in_lane(
        &self,
        lane: &str,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Due>, StoreError> {
        self.store.due_in_lane(lane, now, most).await
    }

    async fn readable_failures(&self, ids: &[FailureId]) -> Result<FailureRecords, StoreError> {
        let unreadable = self.unreadable.borrow().clone();
        let mut found = self.store.readable_failures(ids).await?;
        found.records.retain(|record| Some(&record.id) != unreadable.as_ref());
        found.unreadable.extend(unreadable.filter(|id| ids.contains(id)));
        Ok(found)
    }

    async fn failures_in(
        &self,
        state: &str,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<FailureId>, StoreError> {
        self.store.failures_in(state, until, most).await
    }
}

impl Lines for Rival {
    async fn line(&self, id: &LineId) -> Result<Line, StoreError> {
        self.store.line(id).await
    }

    async fn replace_line(
        &self,
        id: &LineId,
        read: &Line,
        after: &Line,
    ) -> Result<bool, StoreError> {
        self.store.replace_line(id, read, after).await
    }
}

impl Controls for Rival {
    async fn control(&self, destination: &str) -> Result<Option<Control>, StoreError> {
        self.store.control(destination).await
    }

    async fn swap_control(
        &self,
        destination: &str,
        after: &Control,
    ) -> Result<Swapped, StoreError> {
        self.store.swap_control(destination, after).await
    }
}

#[tokio::test]
async fn what_failed_anew_before_its_record_was_written_still_comes_back() {
    let intrusion = Rc::new(RefCell::new(None));
    let desk = Desk::over(|store| Rival {
        store: store.clone(),
        unreadable: Rc::default(),
        intrusion: Rc::clone(&intrusion),
    });
    assert_eq!(desk.settle(&record(&letter(RETRY), 0)).await, Outcome::Delete);
    // The message's next failure, as another instance records it.
    let elsewhere = Desk::new();
    elsewhere.put(&desk.failure()).await;
    elsewhere.clock.set(runtime::memory::START + LONG);
    assert_eq!(elsewhere.settle(&record(&letter(RETRY), 120)).await, Outcome::Delete);
    let anew = elsewhere.failure();
    assert_eq!(anew.record.attempts.len(), 2);

    *intrusion.borrow_mut() = Some(anew.clone());
    desk.tick_after(LONG).await;
    assert_eq!(desk.queues[1].parcels().len(), 1);
    assert_eq!(desk.failure(), anew, "marked as redriven, it would be in no queue and forgotten");
}

/// A desk with three failures in this state of another release, of which the first cannot be read.
async fn one_unreadable(state: FailureState) -> (Desk<Rival>, Rc<RefCell<Option<FailureId>>>) {
    let unreadable = Rc::new(RefCell::new(None));
    let desk = Desk::over(|store| Rival {
        store: store.clone(),
        unreadable: Rc::clone(&unreadable),
        intrusion: Rc::default(),
    });
    for number in 0..3 {
        let mut failure = effect("crm", number);
        failure.record.state = state;
        desk.put(&failure).await;
    }
    let due = desk.store.failures_in(state.name(), Timestamp::MAX, 3).await.unwrap();
    *unreadable.borrow_mut() = due.first().cloned();
    (desk, unreadable)
}

#[tokio::test]
async fn a_record_that_this_version_cannot_read_holds_up_no_other() {
    let at = runtime::memory::START;
    for state in [
        FailureState::Waiting { retry_at: at },
        FailureState::Held { at },
        FailureState::Behind { at },
    ] {
        let (desk, unreadable) = one_unreadable(state).await;
        desk.tick_after(SignedDuration::from_mins(20)).await;
        assert_eq!(desk.queues[3].parcels().len(), 2, "{state:?}");
        *unreadable.borrow_mut() = None;
        desk.tick_after(SignedDuration::from_mins(20)).await;
        assert_eq!(desk.queues[3].parcels().len(), 3, "{state:?}: once it can be read");
    }
}

#[tokio::test]
async fn a_record_that_this_version_cannot_read_keeps_no_other_beyond_its_time() {
    let at = runtime::memory::START;
    let (desk, _) = one_unreadable(FailureState::Parked { at }).await;
    let years = SignedDuration::from_hours(24 * 800);
    desk.tick_after(years - SignedDuration::from_secs(at.as_second() % 3600)).await;
    assert_eq!(desk.store.contents().failures.len(), 1);
}
